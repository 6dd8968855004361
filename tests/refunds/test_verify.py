"""Whatever contradicts itself about cancellations is found by `verify`, by name."""

import pytest
from sqlalchemy import text

from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.refunds.ledgers import violations
from tests.support.factories import result_of
from tests.support.transactions import a_stage

BROKEN = {
    "reversals": "update lot set reversed = reversed + 1 where transaction_id = :bought",
    "taken back": """insert into lot_reversal (member_id, transaction_id, lot_transaction_id, lot_position, point_type_id,
        points, lapsed) select member_id, :back, transaction_id, 9, point_type_id, 1, 0 from lot where transaction_id = :bought""",
    "cancelled": "update transaction set status = 'CANCELLED' where id = :bought",
    "restores": """insert into lot_use (member_id, transaction_id, position, lot_transaction_id, lot_position, point_type_id,
        points, reverses_transaction_id, reverses_position) select member_id, :back, 7, lot_transaction_id, lot_position,
        point_type_id, -points - 1, transaction_id, position from lot_use where transaction_id = :spent""",
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_contradiction_is_found(fresh_database: Database, name: str) -> None:
    desk = Desk(fresh_database, EnginePrograms())
    stage = await a_stage(desk)
    bought = result_of(await stage.earn(100))
    spent = result_of(await stage.redeem(20))
    back = result_of(await stage.refund(bought, amount=30))
    assert await violations(fresh_database) == []
    numbers = {"bought": bought.id, "back": back.id, "spent": spent.id}
    statement = text(BROKEN[name])
    async with fresh_database.write() as writer:
        await writer.execute(statement, {key: numbers[key] for key in statement._bindparams})
    assert name in [found for found, _ in await violations(fresh_database)]
    await desk.close()
