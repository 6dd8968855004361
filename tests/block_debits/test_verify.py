"""What verification finds where what was paid for points does not add up; each is broken inside a unit of work that is undone."""

import pytest
from sqlalchemy import text

from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store import invariants
from domain.store.database import Database
from domain.store.invariants import INVARIANTS
from tests.support.factories import result_of
from tests.support.stock import a_hotel

DEBIT = """
insert into block_debit (partner_transaction_id, program_id, member_id, transaction_id, lot_transaction_id, lot_position,
                         block_id, points, price, reverses_id, created_at)
select partner_transaction_id, program_id, member_id, transaction_id, lot_transaction_id, lot_position + {other}, block_id,
       {points}, price, {reverses}, now()
from block_debit where reverses_id is {which} limit 1
"""
BREAKS = {
    "a debit without points of the block": (
        "debits", DEBIT.format(other=0, points="0.01", reverses="null", which="null"),
    ),
    "more than was drawn": (
        "returned debits", DEBIT.format(other=0, points="-20.01", reverses="id", which="null"),
    ),
    "what another lot drew": (
        "returned debits", DEBIT.format(other=1, points="-0.01", reverses="id", which="null"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", BREAKS)
async def test_a_sum_that_is_wrong_is_found(fresh_database: Database, wrong: str) -> None:
    desk = Desk(fresh_database, EnginePrograms())
    hotel = await a_hotel(desk)
    await hotel.block(100)
    stay = result_of(await hotel.earn(30))
    result_of(await hotel.refund(stay, amount=10))
    name, statement = BREAKS[wrong]
    [looked_at] = [each for each in INVARIANTS if each.name == name]

    async with fresh_database.rehearse() as writer:
        now = await fresh_database.now(writer)
        before = await invariants.violations(writer, looked_at, now, 10)
        await writer.execute(text(statement))
        after = await invariants.violations(writer, looked_at, now, 10)

    assert before == []
    assert len(after) == 1
    await desk.close()
