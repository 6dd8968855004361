"""Taking redemptions back: the same lots get their points back with their old expiry, and rewards go back with them."""

from collections.abc import AsyncIterator
from datetime import date

import pytest_asyncio

from domain.commands.programs import SettingsChange
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.promotions import AppliesToTransaction
from domain.services.engine_programs import EnginePrograms
from domain.services.expiry import expire
from domain.services.posting import Desk
from domain.store import ledger_reads
from domain.store.database import Database
from domain.transactions import Status, SubType, Transaction, Type
from tests.refunds.ledgers import everything, ints, on, violations
from tests.support.factories import result_of
from tests.support.promotions import a_promotion, gives
from tests.support.transactions import EVERYTHING, Stage, a_stage

MONTH = ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.MONTH)


@pytest_asyncio.fixture
async def lapsing(fresh_database: Database) -> AsyncIterator[Stage]:
    """A program whose points last for a month."""
    desk = Desk(fresh_database, EnginePrograms())
    yield await a_stage(desk, settings=SettingsChange(expiry=MONTH, earliest_days_back=36_500))
    await desk.close()


@pytest_asyncio.fixture
async def graceful(fresh_database: Database) -> AsyncIterator[Stage]:
    """The same, with five days of grace for what comes back."""
    desk = Desk(fresh_database, EnginePrograms())
    yield await a_stage(desk, settings=SettingsChange(expiry=MONTH, earliest_days_back=36_500, refund_grace_days=5))
    await desk.close()


async def back_in(stage: Stage, transaction: Transaction) -> list[tuple[int, int]]:
    """What a cancellation put back: the transaction of the lot, and the points."""
    async with stage.database.read() as reader:
        key = (transaction.member_id, transaction.id)
        [uses] = await ledger_reads.uses_of_transactions(reader, EVERYTHING, [key])
    return [(use.lot_transaction_id, int(use.points)) for use in uses]


async def night(stage: Stage) -> None:
    async for _ in expire(stage.database, stage.desk.programs, stage.program.id):
        pass


async def test_a_cancelled_redemption_leaves_the_member_as_before(stage: Stage) -> None:
    first, second = result_of(await stage.earn(300)), result_of(await stage.earn(400))
    before = await everything(stage)
    spent = result_of(await stage.redeem(500))
    cancellation = result_of(await stage.cancel(spent))
    assert (cancellation.type, cancellation.sub_type) == (Type.ACCRUAL, SubType.CANCELLATION)
    assert [ints(each.points, each.qualifying) for each in cancellation.totals] == [(500, 500)]
    assert await back_in(stage, cancellation) == [(first.id, -300), (second.id, -200)]
    assert await stage.status(spent) is Status.CANCELLED
    assert await everything(stage) == before
    assert await violations(stage.database) == []


async def test_a_part_goes_back_into_each_lot_in_proportion(stage: Stage) -> None:
    first, second = result_of(await stage.earn(300)), result_of(await stage.earn(200))
    before = await everything(stage)
    spent = result_of(await stage.redeem(500))
    half = result_of(await stage.refund(spent, points=250))
    assert await back_in(stage, half) == [(first.id, -150), (second.id, -100)]
    third = result_of(await stage.refund(spent, points=3))
    assert sum(points for _, points in await back_in(stage, third)) == -3
    assert (await stage.balance()).redeemed == 247
    result_of(await stage.cancel(spent))
    assert await everything(stage) == before
    assert await violations(stage.database) == []


async def test_points_that_went_back_are_spent_again_before_later_ones(stage: Stage) -> None:
    first = result_of(await stage.earn(100))
    result_of(await stage.earn(100))
    spent = result_of(await stage.redeem(100))
    result_of(await stage.cancel(spent))
    again = result_of(await stage.redeem(60))
    assert await back_in(stage, again) == [(first.id, 60)]
    assert await violations(stage.database) == []


async def test_points_go_back_with_their_old_expiry_and_lapse_with_it(lapsing: Stage) -> None:
    then = on(lapsing, date(2026, 1, 15))
    result_of(await then.earn(100))
    spent = result_of(await then.redeem(60))
    await then.database.close()
    later = on(lapsing, date(2026, 2, 15))
    result_of(await later.refund(spent, points=20))
    assert (await later.balance()).available == 60
    await later.database.close()
    day_after = on(lapsing, date(2026, 2, 16))
    await night(day_after)
    balance = await day_after.balance()
    assert ints(balance.available, balance.redeemed, balance.expired) == (0, 40, 60)
    result_of(await day_after.cancel(spent))
    balance = await day_after.balance()
    assert ints(balance.available, balance.earned, balance.redeemed, balance.expired) == (0, 100, 0, 100)
    await night(day_after)
    assert await day_after.balance() == balance
    assert await violations(day_after.database) == []
    await day_after.database.close()


async def test_what_went_back_and_lapsed_cannot_be_spent(lapsing: Stage) -> None:
    then = on(lapsing, date(2026, 1, 15))
    result_of(await then.earn(100))
    spent = result_of(await then.redeem(100))
    await then.database.close()
    late = on(lapsing, date(2026, 3, 1))
    result_of(await late.cancel(spent))
    assert [problem.code for problem in (await late.redeem(1)).errors] == ["INSUFFICIENT_POINTS"]
    await late.database.close()


async def test_days_of_grace_are_for_what_went_back_alone(graceful: Stage) -> None:
    then = on(graceful, date(2026, 1, 15))
    result_of(await then.earn(100))
    spent = result_of(await then.redeem(60))
    await then.database.close()
    late = on(graceful, date(2026, 3, 1))
    result_of(await late.cancel(spent))
    balance = await late.balance()
    assert ints(balance.available, balance.expired) == (60, 40)
    assert await violations(late.database) == []
    await late.database.close()
    last = on(graceful, date(2026, 3, 6))
    assert (await last.balance()).available == 60
    await last.database.close()
    over = on(graceful, date(2026, 3, 7))
    assert (await over.balance()).available == 0
    await night(over)
    balance = await over.balance()
    assert ints(balance.available, balance.redeemed, balance.expired) == (0, 0, 100)
    assert await violations(over.database) == []
    await over.database.close()


async def test_a_reward_goes_back_with_its_redemption(stage: Stage) -> None:
    scope = (AppliesToTransaction(Type.REDEMPTION, SubType.PRODUCT),)
    await a_promotion(stage.database, stage.program, gives(30), applies_to=scope)
    result_of(await stage.earn(100))
    before = await everything(stage)
    spent = result_of(await stage.redeem(100))
    assert (await stage.balance()).available == 30
    half = result_of(await stage.refund(spent, points=50))
    assert (await stage.balance()).available == 65
    result_of(await stage.refund(spent, points=50))
    assert await everything(stage) == before
    assert half.totals[0].points == 50
    assert await violations(stage.database) == []


async def test_a_spent_reward_is_paid_with_what_comes_back(stage: Stage) -> None:
    scope = (AppliesToTransaction(Type.REDEMPTION, SubType.PRODUCT),)
    promotion = await a_promotion(stage.database, stage.program, gives(30), applies_to=scope)
    result_of(await stage.earn(100))
    spent = result_of(await stage.redeem(100))
    assert promotion.active
    result_of(await stage.redeem(30))
    result_of(await stage.cancel(spent))
    balance = await stage.balance()
    assert ints(balance.available, balance.earned, balance.redeemed) == (100, 130, 30)
    assert await violations(stage.database) == []
