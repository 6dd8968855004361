"""The nightly expiry: what lapsed leaves by a transaction that says so, once, whoever is busy or broken at that moment."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import pytest_asyncio
from sqlalchemy import text

from domain.commands.programs import SettingsChange
from domain.commands.transactions import TransactionFilter, TransactionOrder
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.pages import PageRequest
from domain.promotions import AssignPoints, Rule
from domain.services import transactions as services
from domain.services.engine_programs import EnginePrograms
from domain.services.expiry import expire
from domain.services.posting import Desk
from domain.store.database import Database
from domain.transactions import Status, SubStatus, SubType, Transaction, Type
from tests.support.factories import a_draft, result_of
from tests.support.members import a_member, at
from tests.support.promotions import a_promotion, deactivated
from tests.support.transactions import Stage, a_stage, counts, holding

MONTH = SettingsChange(expiry=ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.MONTH), earliest_days_back=36_500)
EARNED_ON, LAST_DAY, DAY_AFTER = date(2026, 1, 15), date(2026, 2, 15), date(2026, 2, 16)


@pytest_asyncio.fixture
async def stage(fresh_database: Database) -> AsyncIterator[Stage]:
    """A program whose points last for a month."""
    desk = Desk(fresh_database, EnginePrograms())
    yield await a_stage(desk, settings=MONTH)
    await desk.close()


def on(stage: Stage, day: date) -> Stage:
    """The same at noon of a day."""
    database = at(stage.database, datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    return replace(stage, desk=Desk(database, stage.desk.programs))


async def expired(stage: Stage, day: date) -> list[tuple[int, int, dict[str, Decimal]]]:
    """The nightly run of a day: members, transactions and points after every chunk."""
    then = on(stage, day)
    seen = [
        (done.members, done.transactions, dict(done.points))
        async for done in expire(then.database, then.desk.programs, then.program.id)
    ]
    await then.database.close()
    return seen


async def earned(stage: Stage, dollars: int, day: date = EARNED_ON) -> None:
    then = on(stage, day)
    result_of(await then.earn(dollars))
    await then.database.close()


async def expiries(stage: Stage) -> list[Transaction]:
    wanted = TransactionFilter(program=stage.program.code, sub_type=(SubType.EXPIRY,))
    page = await services.transactions_list(
        stage.database, stage.msr, wanted, TransactionOrder.CREATED, PageRequest(first=100)
    )
    return [edge.node for edge in page.edges]


async def test_points_are_taken_the_day_after_their_last_day(stage: Stage) -> None:
    await earned(stage, 10)
    assert await expired(stage, LAST_DAY) == []
    assert await expired(stage, DAY_AFTER) == [(1, 1, {"POINTS": Decimal(10)})]
    [taken] = await expiries(stage)
    assert (taken.type, taken.status, taken.sub_status) == (Type.REDEMPTION, Status.PROCESSED, SubStatus.SUCCESS)
    assert (taken.transaction_date, taken.created_by_id, taken.member_id) == (DAY_AFTER, None, stage.member.id)
    assert [(total.point_type, total.points) for total in taken.totals] == [("POINTS", Decimal(10))]
    assert await stage.approvals(taken) == []
    balance = await stage.balance()
    assert (balance.available, balance.expired, balance.redeemed) == (Decimal(0), Decimal(10), Decimal(0))


async def test_a_second_run_changes_nothing(stage: Stage) -> None:
    await earned(stage, 10)
    await expired(stage, DAY_AFTER)
    before = await counts(stage.database)
    assert await expired(stage, DAY_AFTER) == []
    assert await counts(stage.database) == before


async def test_only_what_has_lapsed_is_taken_and_what_was_spent_is_not(stage: Stage) -> None:
    await earned(stage, 10)
    await earned(stage, 7, date(2026, 1, 20))
    then = on(stage, LAST_DAY)
    result_of(await then.redeem(4))
    await then.database.close()
    assert await expired(stage, DAY_AFTER) == [(1, 1, {"POINTS": Decimal(6)})]
    assert await expired(stage, date(2026, 2, 21)) == [(1, 1, {"POINTS": Decimal(7)})]
    assert (await stage.balance()).expired == 13


async def test_points_lapse_whatever_the_members_or_programs_status(stage: Stage) -> None:
    await earned(stage, 10)
    async with stage.database.write() as writer:
        await writer.execute(text("update member set status = 'SUSPENDED'"))
        await writer.execute(text("update program set status = 'INACTIVE', version = version + 1"))
    assert await expired(stage, DAY_AFTER) == [(1, 1, {"POINTS": Decimal(10)})]


async def test_a_draft_without_point_types_has_nothing_to_lapse(stage: Stage) -> None:
    draft = await a_draft(stage.database)
    assert [done async for done in expire(stage.database, stage.desk.programs, draft.id)] == []


async def test_a_busy_member_is_left_for_the_next_run(stage: Stage) -> None:
    other = await a_member(stage.database, stage.program)
    await earned(stage, 10)
    await earned(replace(stage, member=other), 20)
    async with holding(stage.database, members=[stage.member.id]):
        assert await expired(stage, DAY_AFTER) == [(1, 1, {"POINTS": Decimal(20)})] * 2
    assert await expired(stage, DAY_AFTER) == [(1, 1, {"POINTS": Decimal(10)})]


async def test_one_member_whom_the_database_refuses_harms_no_other(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    members = [stage.member, *[await a_member(stage.database, stage.program) for _ in range(4)]]
    for dollars, member in enumerate(members, start=11):
        await earned(replace(stage, member=member), dollars)
    async with stage.database.write() as writer:
        await writer.execute(text("alter table lot_use add constraint unlucky check (points <> 13)"))
    done = await expired(stage, DAY_AFTER)
    assert done[-1] == (4, 4, {"POINTS": Decimal(11 + 12 + 14 + 15)})
    assert f"the lapsed points of member {members[2].id} could not be taken" in caplog.text
    async with stage.database.write() as writer:
        await writer.execute(text("alter table lot_use drop constraint unlucky"))
    assert await expired(stage, DAY_AFTER) == [(1, 1, {"POINTS": Decimal(13)})]


async def test_points_given_until_inactivity_are_extended_also_when_their_promotion_has_ended(stage: Stage) -> None:
    idle = ExpiryPolicy(ExpiryKind.INACTIVITY, 1, PeriodUnit.MONTH)
    bonus = Rule((AssignPoints(constant=Decimal(5), expiry=idle),))
    promotion = await a_promotion(stage.database, stage.program, bonus, starts_on=EARNED_ON)
    await earned(stage, 10)
    await deactivated(stage.database, stage.program, promotion)
    await earned(stage, 20, date(2026, 2, 10))
    assert await expired(stage, DAY_AFTER) == [(1, 1, {"POINTS": Decimal(10)})]
    assert await expired(stage, date(2026, 3, 11)) == [(1, 1, {"POINTS": Decimal(25)})]
