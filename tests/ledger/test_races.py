"""Spending against the end of the points that are spent: whoever comes first decides, in a known order."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from domain.commands.programs import SettingsChange
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.services import expiry
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store import outcomes
from domain.store.database import Database
from tests.refunds.ledgers import ints, violations
from tests.refunds.test_races import codes
from tests.support.factories import result_of
from tests.support.transactions import Stage, a_stage, holding, until_waiting

MONTH = SettingsChange(expiry=ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.MONTH))
LAST_MINUTE = datetime(2026, 2, 15, 23, 59, tzinfo=UTC)


@dataclass
class Evening:
    """A stage on the last day of 100 points, a minute before midnight; 50 others last for longer."""

    now: datetime
    stage: Stage

    def midnight(self) -> None:
        self.now += timedelta(minutes=1)

    async def expire(self) -> int:
        """How many transactions the nightly job made."""
        database, program = self.stage.database, self.stage.program
        runs = [done.transactions async for done in expiry.expire(database, self.stage.desk.programs, program.id)]
        return runs[-1] if runs else 0

    async def figures(self) -> tuple[int, ...]:
        balance = await self.stage.balance()
        return ints(balance.available, balance.redeemed, balance.expired)


@pytest_asyncio.fixture
async def evening(fresh_database: Database) -> AsyncIterator[Evening]:
    stage = await a_stage(Desk(fresh_database, EnginePrograms()), settings=MONTH)
    url = fresh_database.engine.url.render_as_string(hide_password=False)
    clock = Evening(LAST_MINUTE, stage)
    database = Database(url, clock=lambda _: clock.now)
    clock.stage = replace(stage, desk=Desk(database, stage.desk.programs))
    result_of(await clock.stage.earn(100, transaction_date=datetime(2026, 1, 15, tzinfo=UTC).date()))
    result_of(await clock.stage.earn(50))
    yield clock
    assert await violations(database) == []
    await clock.stage.desk.close()
    await database.close()


async def test_a_redemption_that_waits_past_midnight_finds_that_the_points_have_lapsed(evening: Evening) -> None:
    """Which day it is, is asked when the member is locked, not when the request came."""
    async with holding(evening.stage.database, members=[evening.stage.member.id]):
        redeeming = asyncio.ensure_future(codes(evening.stage.redeem(120)))
        await until_waiting(evening.stage.database)
        evening.midnight()
    assert await redeeming == ["INSUFFICIENT_POINTS"]
    assert await evening.figures() == (50, 0, 100)
    assert await evening.expire() == 1
    assert await evening.figures() == (50, 0, 100)


async def test_a_redemption_in_the_last_minute_leaves_the_nightly_job_what_it_did_not_take(evening: Evening) -> None:
    result_of(await evening.stage.redeem(70))
    evening.midnight()
    assert await evening.expire() == 1
    assert await evening.figures() == (50, 70, 30)


async def test_the_nightly_job_leaves_who_is_just_spending_for_later(evening: Evening) -> None:
    evening.midnight()
    async with holding(evening.stage.database, members=[evening.stage.member.id]):
        redeeming = asyncio.ensure_future(codes(evening.stage.redeem(40)))
        await until_waiting(evening.stage.database)
        assert await evening.expire() == 0
    assert await redeeming == []
    assert await evening.figures() == (10, 40, 100)
    assert await evening.expire() == 1
    assert await evening.figures() == (10, 40, 100)


async def test_a_redemption_waits_for_the_nightly_job_and_takes_what_is_left(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    evening.midnight()
    redeeming: list[asyncio.Future[list[str]]] = []

    async def interrupted(*given: Any, **named: Any) -> None:
        """The redemptions come when what lapses is known, and nothing of it is written."""
        if not redeeming:
            redeeming.extend(asyncio.ensure_future(codes(evening.stage.redeem(points))) for points in (50, 1))
            await until_waiting(evening.stage.database)
        await write(*given, **named)

    write = outcomes.write
    monkeypatch.setattr(outcomes, "write", interrupted)
    assert await evening.expire() == 1
    assert [await each for each in redeeming] == [[], ["INSUFFICIENT_POINTS"]]
    assert await evening.figures() == (0, 50, 100)
