"""Members who do nothing for long sleep, once, and an accrual wakes them."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio

from domain.commands.programs import SettingsChange
from domain.members import Member, MemberStatus
from domain.pages import PageRequest
from domain.people import Scope
from domain.problems import Invalid
from domain.programs import Program
from domain.services import dormancy, job_list
from domain.services.dormancy import lull
from domain.services.engine_programs import EnginePrograms
from domain.services.members import member_changes
from domain.services.posting import Desk
from domain.store import locks, members, programs
from domain.store.database import Database
from tests.support.factories import a_program
from tests.support.members import a_member, at, refusal
from tests.support.transactions import Stage, a_stage

YEAR = SettingsChange(dormant_after_months=12)
START, YEAR_LATER = datetime(2025, 3, 10, 12, tzinfo=UTC), datetime(2026, 3, 10, 0, 5, tzinfo=UTC)


@pytest_asyncio.fixture
async def then(database: Database) -> AsyncIterator[Database]:
    """The database on the day of enrolment."""
    frozen = at(database, START)
    yield frozen
    await frozen.close()


@pytest_asyncio.fixture
async def later(database: Database) -> AsyncIterator[Database]:
    """The database a year later."""
    frozen = at(database, YEAR_LATER)
    yield frozen
    await frozen.close()


async def current(database: Database, member: Member) -> Member:
    async with database.read() as reader:
        found = await members.load(reader, Scope(), member.id)
    assert found is not None
    return found


async def run(database: Database, program: Program) -> list[int]:
    async with database.read() as reader:
        [found] = await programs.load_many(reader, Scope(), [program.id])
    assert found is not None
    return [asleep async for asleep in lull(database, found)]


async def staged(database: Database) -> Stage:
    return await a_stage(Desk(database, EnginePrograms()), settings=YEAR)


async def test_who_has_done_nothing_for_so_long_sleeps_once_and_the_record_says_why(
    then: Database, later: Database
) -> None:
    stage = await staged(then)
    assert await run(then, stage.program) == []
    assert await run(later, stage.program) == [1]
    assert await run(later, stage.program) == []
    asleep = await current(later, stage.member)
    assert (asleep.status, asleep.version) == (MemberStatus.DORMANT, 2)
    [edge] = (await member_changes(later, Scope(), asleep.id, PageRequest())).edges
    change = edge.node
    assert (change.from_status, change.to_status, change.reason, change.person_id) == (
        MemberStatus.ACTIVE, MemberStatus.DORMANT, "No transaction for 12 months", None,
    )  # fmt: skip
    await stage.desk.close()


async def test_a_transaction_within_the_months_keeps_awake_and_an_accrual_wakes(
    then: Database, later: Database
) -> None:
    stage = await staged(then)
    idle, busy = stage.member, await a_member(then, stage.program)
    desk = Desk(later, EnginePrograms())
    now = Stage(desk, stage.program, idle, stage.msr, stage.manager, stage.director)
    await now.earn(10, member=busy, transaction_date=date(2025, 3, 11))
    assert await run(later, stage.program) == [1]
    assert (await current(later, busy)).status is MemberStatus.ACTIVE
    assert (await now.earn(10, transaction_date=date(2026, 3, 10))).errors == ()
    assert (await current(later, idle)).status is MemberStatus.ACTIVE
    assert await run(later, stage.program) == []
    await desk.close()
    await stage.desk.close()


async def test_others_than_active_members_and_programs_that_want_none_are_left_alone(
    then: Database, later: Database
) -> None:
    none = await a_program(then)
    idle = await a_member(then, none)
    assert await run(later, none) == []
    assert (await current(later, idle)).status is MemberStatus.ACTIVE
    program = await a_program(then, settings=YEAR)
    pending = await a_member(then, program, status=MemberStatus.PENDING)
    assert await run(later, program) == []
    assert (await current(later, pending)).status is MemberStatus.PENDING


async def test_chunk_by_chunk_and_who_is_busy_waits_for_the_next_run(
    then: Database, later: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dormancy, "CHUNK", 2)
    program = await a_program(then, settings=YEAR)
    found = [await a_member(then, program) for _ in range(5)]
    async with then.write() as writer:
        await locks.members(writer, [found[2].id])
        assert await run(later, program) == [2, 3, 4]
    assert await run(later, program) == [1]
    assert {(await current(later, each)).status for each in found} == {MemberStatus.DORMANT}


async def test_months_that_make_no_sense_are_refused(database: Database) -> None:
    expected = "0 to 1200 months"
    with refusal(Invalid(value="-1", expected=expected, path=("input", "settings", "dormantAfterMonths"))):
        await a_program(database, settings=SettingsChange(dormant_after_months=-1))


def test_it_is_a_job_of_every_program() -> None:
    assert "DORMANCY" in job_list.OF_PROGRAMS
