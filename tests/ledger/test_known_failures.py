"""How other engines lose, double or misplace points, told one by one: none of it happens here.

Each story is short; the tests of its noun tell the rest.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest_asyncio

from domain.commands.programs import SettingsChange
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.receipts import Receipt
from domain.services import transactions as services
from domain.services.engine_programs import EnginePrograms
from domain.services.expiry import expire
from domain.services.posting import Desk
from domain.store import ledger_reads
from domain.store.database import Database
from domain.transactions import Status, Transaction
from tests.refunds.ledgers import ints, on, violations
from tests.support.factories import result_of
from tests.support.members import a_member, at
from tests.support.transactions import EVERYTHING, Stage, a_stage
from tests.transfers.pair import Pair

MONTH = SettingsChange(
    expiry=ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.MONTH), earliest_days_back=36_500, approval_above={}
)
BOUGHT, LAST_DAY, DAY_AFTER = date(2026, 1, 15), date(2026, 2, 15), date(2026, 2, 16)
LOS_ANGELES = "America/Los_Angeles"


@pytest_asyncio.fixture
async def stage(fresh_database: Database) -> AsyncIterator[Stage]:
    """A program whose points last for a month; at the end nothing contradicts itself."""
    desk = Desk(fresh_database, EnginePrograms())
    stage = await a_stage(desk, settings=MONTH)
    yield stage
    await desk.close()
    assert await violations(fresh_database) == []


async def figures(stage: Stage) -> tuple[int, ...]:
    """What is available, and what was ever earned, redeemed and expired."""
    balance = await stage.balance()
    return ints(balance.available, balance.earned, balance.redeemed, balance.expired)


async def drawn(stage: Stage, transaction: Transaction) -> list[tuple[int, int]]:
    """From the lots of which transactions the points came."""
    async with stage.database.read() as reader:
        [uses] = await ledger_reads.uses_of_transactions(reader, EVERYTHING, [(transaction.member_id, transaction.id)])
    return [(use.lot_transaction_id, int(use.points)) for use in uses]


async def night(stage: Stage) -> list[int]:
    """How many transactions two nightly runs made, one after the other."""
    runs = [[each async for each in expire(stage.database, stage.desk.programs, stage.program.id)] for _ in range(2)]
    return [run[-1].transactions if run else 0 for run in runs]


def refusals(receipt: Receipt[Transaction]) -> list[str]:
    return [problem.code for problem in receipt.errors]


async def test_a_refund_deducts_once_whatever_was_spent_of_it(stage: Stage) -> None:
    bought = result_of(await stage.earn(100))
    result_of(await stage.redeem(40))
    result_of(await stage.refund(bought, amount=60))
    assert await figures(stage) == (0, 40, 40, 0)
    assert refusals(await stage.refund(bought, amount=1)) == ["INSUFFICIENT_POINTS"]
    assert await figures(stage) == (0, 40, 40, 0)


async def test_who_earns_and_returns_keeps_nothing_and_who_has_spent_returns_nothing(stage: Stage) -> None:
    bought = result_of(await stage.earn(100))
    spent = result_of(await stage.redeem(100))
    assert refusals(await stage.cancel(bought)) == ["INSUFFICIENT_POINTS"]
    result_of(await stage.cancel(spent))
    result_of(await stage.cancel(bought))
    assert await figures(stage) == (0, 0, 0, 0)
    assert [await stage.status(each) for each in (bought, spent)] == [Status.CANCELLED] * 2


async def test_what_is_checked_is_what_is_drawn(stage: Stage) -> None:
    """Points that have lapsed are in a lot until the night: they are neither counted nor drawn."""
    then, late = on(stage, BOUGHT), on(stage, DAY_AFTER)
    result_of(await then.earn(100))
    fresh = result_of(await late.earn(50))
    assert refusals(await late.redeem(51)) == ["INSUFFICIENT_POINTS"]
    assert await drawn(late, result_of(await late.redeem(50))) == [(fresh.id, 50)]
    assert await figures(late) == (0, 150, 50, 100)
    assert await night(late) == [1, 0]
    assert await figures(late) == (0, 150, 50, 100)
    await then.database.close()
    await late.database.close()


async def test_of_20_gifts_of_the_whole_balance_at_once_one_is_given(stage: Stage) -> None:
    pair = Pair(stage, await a_member(stage.database, stage.program))
    result_of(await stage.earn(100))
    answers = await asyncio.gather(*(pair.send(pair.sending(100), stage.director) for _ in range(20)))
    assert sorted(map(tuple, map(refusals, answers))) == [()] + [("INSUFFICIENT_POINTS",)] * 19
    assert await pair.available() == (Decimal(0), Decimal(100))


async def test_a_balance_falls_once_for_a_point_that_was_spent_and_whose_lot_expires(stage: Stage) -> None:
    then, late = on(stage, BOUGHT), on(stage, DAY_AFTER)
    result_of(await then.earn(100))
    result_of(await then.redeem(60))
    result_of(await late.earn(10))
    assert await night(late) == [1, 0]
    assert await figures(late) == (10, 110, 60, 40)
    await then.database.close()
    await late.database.close()


async def test_points_last_through_their_last_day_where_the_program_is(fresh_database: Database) -> None:
    """In Los Angeles it is still the last day when in Greenwich it is over."""
    desk = Desk(fresh_database, EnginePrograms())
    stage = await a_stage(desk, settings=MONTH, time_zone=LOS_ANGELES)
    then = on(stage, BOUGHT)
    result_of(await then.earn(100))
    before, after = datetime(2026, 2, 16, 7, 59, tzinfo=UTC), datetime(2026, 2, 16, 8, 0, tzinfo=UTC)
    for moment, available, taken in ((before, 100, [0, 0]), (after, 0, [1, 0])):
        moved = replace(stage, desk=Desk(at(fresh_database, moment), desk.programs))
        assert (await figures(moved))[0] == available
        assert await night(moved) == taken
        await moved.database.close()
    await then.database.close()
    await desk.close()


async def test_a_till_that_was_offline_and_sends_everything_again_gives_nothing_twice(stage: Stage) -> None:
    sale = stage.earning(100, source="till 7", external_id="4711")
    once, *again = [await services.points_earn(stage.desk, stage.msr, sale) for _ in range(5)]
    assert {each.result.id for each in (once, *again) if each.result} == {result_of(once).id}
    assert [each.replayed for each in (once, *again)] == [False, True, True, True, True]
    at_once = await asyncio.gather(*(services.points_earn(stage.desk, stage.msr, sale) for _ in range(20)))
    assert {result_of(each).id for each in at_once} == {result_of(once).id}
    assert await figures(stage) == (100, 100, 0, 0)


async def test_a_purchase_that_was_spent_in_part_comes_back_whole_out_of_what_else_there_is(stage: Stage) -> None:
    first, second = result_of(await stage.earn(100)), result_of(await stage.earn(50))
    spent = result_of(await stage.redeem(30))
    assert await drawn(stage, spent) == [(first.id, 30)]
    back = result_of(await stage.cancel(first))
    assert await drawn(stage, back) == [(first.id, 70), (second.id, 30)]
    assert await figures(stage) == (20, 50, 30, 0)
    result_of(await stage.cancel(spent))
    assert await figures(stage) == (50, 50, 0, 0)
