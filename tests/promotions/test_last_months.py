"""Points over the last months, read from the ledger."""

from datetime import timedelta
from decimal import Decimal

from domain.promotions import AssignPoints, Criterion, Operator, Rule
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.support.factories import result_of
from tests.support.promotions import a_promotion
from tests.support.transactions import a_stage


async def test_a_promotion_pays_those_who_earned_enough_in_the_last_months(database: Database) -> None:
    desk = Desk(database, EnginePrograms())
    stage = await a_stage(desk)
    enough = Criterion("points.POINTS.lastMonths.2", Operator.AT_LEAST, (Decimal(30),))
    await a_promotion(database, stage.program, Rule((AssignPoints("POINTS", constant=Decimal(5)),), (enough,)))
    today = result_of(await stage.earn(20)).transaction_date

    long_ago = result_of(await stage.earn(90, transaction_date=today - timedelta(100)))
    too_little = result_of(await stage.earn(10))
    enough_now = result_of(await stage.earn(1))

    given = [int(each.totals[0].points) for each in (long_ago, too_little, enough_now)]
    assert given == [90, 10, 6]
    await desk.close()
