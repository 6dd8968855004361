"""Members with more lots than are read at first: what they spend, and in which order, is the same as for anybody else."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest_asyncio

from domain.commands.programs import SettingsChange
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.lots import LotUse
from domain.people import Scope
from domain.promotions import Limits
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.services.verify import verify
from domain.store import ledger_reads
from domain.store.database import Database
from domain.store.snapshots import FIRST
from domain.transactions import Transaction
from tests.support.factories import result_of
from tests.support.promotions import a_promotion, gives
from tests.support.transactions import Stage, a_stage

YEAR = SettingsChange(expiry=ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.YEAR))


@pytest_asyncio.fixture
async def stage(fresh_database: Database) -> AsyncIterator[Stage]:
    """A program whose points last for a year; at the end everything must still be right."""
    desk = Desk(fresh_database, EnginePrograms())
    yield await a_stage(desk, settings=YEAR)
    await desk.close()
    assert [found async for found in verify(fresh_database) if found.violations] == []


async def many(stage: Stage, number: int = FIRST + 8) -> list[Transaction]:
    """So many lots of ten points."""
    return [result_of(each) for each in await asyncio.gather(*[stage.earn(10) for _ in range(number)])]


async def uses_of(stage: Stage, transaction: Transaction) -> list[LotUse]:
    async with stage.database.read() as reader:
        [uses] = await ledger_reads.uses_of_transactions(reader, Scope(), [(stage.member.id, transaction.id)])
    return uses


async def test_all_of_them_may_be_spent_at_once(stage: Stage) -> None:
    lots = await many(stage)
    spent = result_of(await stage.redeem(10 * len(lots)))
    assert [use.lot_transaction_id for use in await uses_of(stage, spent)] == [each.id for each in lots]
    assert (await stage.balance()).available == 0


async def test_the_lot_that_lapses_first_pays_first_although_it_came_last(stage: Stage) -> None:
    [first, *_] = await many(stage)
    earlier = result_of(await stage.earn(10, transaction_date=first.transaction_date - timedelta(1)))
    spent = result_of(await stage.redeem(11))
    assert [(use.lot_transaction_id, use.points) for use in await uses_of(stage, spent)] == [
        (earlier.id, Decimal(10)),
        (first.id, Decimal(1)),
    ]


async def test_what_is_earned_in_the_same_moment_pays_last(stage: Stage) -> None:
    lots = await many(stage)
    earned, spent = map(result_of, await asyncio.gather(stage.earn(100), stage.redeem(10 * len(lots) + 1)))
    paid = [use.lot_transaction_id for use in await uses_of(stage, spent)]
    assert paid == [*[each.id for each in lots], earned.id]
    assert (await stage.balance()).available == 99


async def test_a_limit_per_member_holds_when_more_lots_are_read(stage: Stage) -> None:
    await a_promotion(stage.database, stage.program, gives(7), limits=Limits(per_member_ever=Decimal(7)))
    lots = await many(stage)
    earned, _ = await asyncio.gather(stage.earn(1), stage.redeem(10 * len(lots)))
    assert [total.points for total in result_of(earned).totals] == [Decimal(1)]
    assert (await stage.balance()).available == 8
