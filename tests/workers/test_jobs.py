"""The schedule: jobs are claimed by one scheduler, come up again if they were lost, and run in the program's own night."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.commands.programs import SettingsChange
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.jobs import AFTER_MIDNIGHT, Every, Job, JobOutcome, JobRunning, Missed, job_name
from domain.people import ENGINE
from domain.problems import NotFound
from domain.programs import Program
from domain.services import job_list, jobs
from domain.services.engine_programs import EnginePrograms
from domain.services.job_list import OF_ALL, OF_PROGRAMS, Listed, Task
from domain.services.posting import Desk
from domain.store.database import Database
from tests.support.factories import a_program, result_of, somebody
from tests.support.members import at, refusal
from tests.support.transactions import Stage, a_stage
from workers.work import Work

NOON = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
BERLIN_NIGHT = datetime(2026, 3, 28, 23, 1, tzinfo=UTC)
A_MONTH = ExpiryPolicy(ExpiryKind.PERIOD, length=1, unit=PeriodUnit.MONTH)


def all_names(*programs: Program) -> list[str]:
    """What is on the schedule of an installation with these programs."""
    return sorted([*OF_ALL, *(job_name(kind, each.code) for kind in OF_PROGRAMS for each in programs)])


def names(jobs: Sequence[Job]) -> list[str]:
    return sorted(job.name for job in jobs)


def of_kind(kind: str, jobs: Sequence[Job]) -> Job:
    """The only one of its kind."""
    [job] = [each for each in jobs if each.kind == kind]
    return job


@asynccontextmanager
async def then(database: Database, moment: datetime) -> AsyncIterator[Database]:
    """The database at a moment."""
    there = at(database, moment)
    yield there
    await there.close()


def perform(database: Database, name: str) -> asyncio.Task[str | None]:
    return asyncio.create_task(jobs.perform(database, EnginePrograms(), name, lambda: True))


def listed(monkeypatch: pytest.MonkeyPatch, job: Listed) -> None:
    """Only this job exists."""
    kinds = {job.code: job}
    monkeypatch.setattr(jobs, "BY_CODE", kinds)
    monkeypatch.setattr(jobs, "OF_PROGRAMS", tuple(kinds) if job.per_program else ())
    monkeypatch.setattr(jobs, "OF_ALL", () if job.per_program else tuple(kinds))


async def lapsed(database: Database) -> Stage:
    """A stage with 30 points that lapsed long ago."""
    stage = await a_stage(Desk(database, EnginePrograms()), settings=SettingsChange(expiry=A_MONTH))
    await stage.earn(30, transaction_date=date(2026, 1, 10))
    return stage


async def test_every_program_has_its_jobs_and_a_new_one_is_due_at_once(fresh_database: Database) -> None:
    programs = [await a_program(fresh_database) for _ in range(2)]
    assert names(await jobs.claim_due(fresh_database)) == all_names(*programs)
    assert await jobs.claim_due(fresh_database) == []


async def test_two_schedulers_fire_once(fresh_database: Database) -> None:
    programs = [await a_program(fresh_database) for _ in range(5)]
    claimed = await asyncio.gather(*(jobs.claim_due(fresh_database) for _ in range(4)))
    assert names([job for each in claimed for job in each]) == all_names(*programs)


async def test_a_job_that_was_lost_comes_up_again_when_its_claim_has_lapsed(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    async with (
        then(fresh_database, NOON) as noon,
        then(fresh_database, NOON + jobs.CLAIM / 2) as soon,
        then(fresh_database, NOON + jobs.CLAIM) as later,
    ):
        first = await jobs.claim_due(noon)
        assert await jobs.claim_due(soon) == []
        assert names(first) == names(await jobs.claim_due(later)) == all_names(program)


async def test_a_finished_job_is_due_when_the_programs_next_day_has_begun(fresh_database: Database) -> None:
    program = await a_program(fresh_database, time_zone="Europe/Berlin")
    async with then(fresh_database, NOON) as noon:
        await jobs.claim_due(noon)
        result = await perform(noon, f"EXPIRY {program.code}")
        job = of_kind("EXPIRY", await jobs.jobs_list(noon))
    assert result == job.last_result == "nothing to do"
    assert (job.last_started_at, job.last_finished_at, job.next_run_at) == (NOON, NOON, BERLIN_NIGHT)
    assert (job.last_outcome, job.claimed_until) == (JobOutcome.DONE, None)


async def test_the_worker_expires_what_has_lapsed_and_says_so(
    fresh_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    stage = await lapsed(fresh_database)
    await jobs.claim_due(fresh_database)
    with caplog.at_level(logging.INFO, "workers.work"):
        await Work(fresh_database).run_job(f"HOLDS {stage.program.code}")
        assert caplog.messages == []
        await Work(fresh_database).run_job(f"EXPIRY {stage.program.code}")
    assert caplog.messages == [f"job EXPIRY {stage.program.code}: 30 POINTS expired; members: 1"]
    job = of_kind("EXPIRY", await jobs.jobs_list(fresh_database))
    assert job.last_result == "30 POINTS expired; members: 1"
    assert (await stage.balance()).expired == 30


async def test_a_job_that_is_stopped_keeps_what_it_has_done_and_is_due_again_at_once(fresh_database: Database) -> None:
    stage = await lapsed(fresh_database)
    await jobs.claim_due(fresh_database)
    name = f"EXPIRY {stage.program.code}"
    assert await jobs.perform(fresh_database, EnginePrograms(), name, lambda: False) is None
    job = of_kind("EXPIRY", await jobs.jobs_list(fresh_database))
    assert (job.last_finished_at, job.last_outcome) == (None, None)
    assert (await stage.balance()).expired == 30
    assert names(await jobs.claim_due(fresh_database)) == [name]


async def test_a_message_that_comes_twice_finds_the_job_begun(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, leave, runs = asyncio.Event(), asyncio.Event(), 0

    async def slow(task: Task) -> AsyncGenerator[str, None]:
        nonlocal runs
        runs += 1
        entered.set()
        await leave.wait()
        yield "done"

    listed(monkeypatch, Listed("SLOW", "", AFTER_MIDNIGHT, Missed.CATCH_UP, slow, per_program=False))
    await jobs.claim_due(fresh_database)
    first = perform(fresh_database, "SLOW")
    await entered.wait()
    assert await perform(fresh_database, "SLOW") is None
    leave.set()
    assert await first == "done"
    assert await perform(fresh_database, "SLOW") is None
    assert runs == 1


async def test_a_long_job_keeps_its_claim(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    name, later = f"EXPIRY {program.code}", NOON + timedelta(minutes=5)
    async with then(fresh_database, NOON) as noon, then(fresh_database, later) as soon:
        await jobs.claim_due(noon)
        assert await jobs.renew(soon, name, NOON)
        job = of_kind("EXPIRY", await jobs.jobs_list(soon))
    assert job.claimed_until == later + jobs.CLAIM


async def test_who_has_lost_a_claim_can_neither_keep_nor_finish_it(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that slept for longer than its claim finds that another has the job."""
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow(task: Task) -> AsyncGenerator[str, None]:
        entered.set()
        await leave.wait()
        yield "too late"

    listed(monkeypatch, Listed("SLOW", "", AFTER_MIDNIGHT, Missed.CATCH_UP, slow, per_program=False))
    async with then(fresh_database, NOON) as noon, then(fresh_database, NOON + jobs.CLAIM) as later:
        await jobs.claim_due(noon)
        sleeper = perform(noon, "SLOW")
        await entered.wait()
        assert names(await jobs.claim_due(later)) == ["SLOW"]
        assert not await jobs.renew(later, "SLOW", NOON)
        leave.set()
        assert await sleeper == "too late"
        [job] = await jobs.jobs_list(later)
    assert (job.last_started_at, job.last_finished_at) == (NOON + jobs.CLAIM, None)
    assert job.claimed_until == NOON + 2 * jobs.CLAIM


@pytest.mark.parametrize(("missed", "runs"), [(Missed.CATCH_UP, ["THING"]), (Missed.SKIP, [])])
async def test_a_missed_slot_is_caught_up_once_or_skipped_as_the_job_says(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch, missed: Missed, runs: list[str]
) -> None:
    listed(monkeypatch, Listed("THING", "", AFTER_MIDNIGHT, missed, nothing, per_program=False))
    three_nights_later = NOON + timedelta(days=3)
    async with then(fresh_database, NOON) as noon, then(fresh_database, three_nights_later) as later:
        await jobs.claim_due(noon)
        await perform(noon, "THING")
        assert names(await jobs.claim_due(later)) == runs
        if runs:
            await perform(later, "THING")
        assert await jobs.claim_due(later) == []
        [job] = await jobs.jobs_list(later)
    assert job.next_run_at == datetime(2026, 4, 1, 0, 1, tzinfo=UTC)
    if missed is Missed.SKIP:
        assert job.last_outcome is JobOutcome.SKIPPED
        assert job.last_result == "the slot of 2026-03-29 00:01 UTC was missed, and is not made up for"


async def test_a_slot_that_is_a_little_late_is_not_missed(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(monkeypatch, Listed("THING", "", Every(timedelta(hours=2)), Missed.SKIP, nothing, per_program=False))
    async with then(fresh_database, NOON) as noon, then(fresh_database, NOON + timedelta(hours=3)) as later:
        await jobs.claim_due(noon)
        await perform(noon, "THING")
        assert names(await jobs.claim_due(later)) == ["THING"]


async def test_what_was_interrupted_is_run_again_even_if_missed_slots_are_skipped(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(monkeypatch, Listed("THING", "", AFTER_MIDNIGHT, Missed.SKIP, nothing, per_program=False))
    async with then(fresh_database, NOON) as noon, then(fresh_database, NOON + timedelta(hours=5)) as later:
        await jobs.claim_due(noon)
        assert names(await jobs.claim_due(later)) == ["THING"]


async def test_a_job_that_fails_says_so_and_is_tried_again_after_a_while(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(task: Task) -> AsyncGenerator[str, None]:
        yield "half of it"
        raise RuntimeError("no")

    listed(monkeypatch, Listed("THING", "", AFTER_MIDNIGHT, Missed.CATCH_UP, fails, per_program=False))
    async with then(fresh_database, NOON) as noon, then(fresh_database, NOON + timedelta(minutes=1)) as later:
        await jobs.claim_due(noon)
        said = await perform(noon, "THING")
        assert await jobs.claim_due(noon) == []
        assert names(await jobs.claim_due(later)) == ["THING"]
        await perform(later, "THING")
        [job] = await jobs.jobs_list(later)
    assert said is not None
    assert said.startswith("failed; the log says why, at incident ")
    assert (job.last_outcome, job.failures) == (JobOutcome.FAILED, 2)
    assert job.next_run_at == NOON + timedelta(minutes=3)


async def test_a_job_is_started_by_hand_and_then_keeps_its_usual_slot(fresh_database: Database) -> None:
    stage = await lapsed(fresh_database)
    name = f"EXPIRY {stage.program.code}"
    async with then(fresh_database, NOON) as noon:
        await jobs.claim_due(noon)
        with refusal(JobRunning(job=name, path=("input", "job"))):
            await jobs.job_start(noon, ENGINE, name)
        await perform(noon, name)
        started = result_of(await jobs.job_start(noon, ENGINE, name))
        assert started.job.next_run_at == NOON
        assert names(await jobs.claim_due(noon)) == [name]
        assert await perform(noon, name) == "nothing to do"
        job = of_kind("EXPIRY", await jobs.jobs_list(noon))
    assert job.next_run_at == datetime(2026, 3, 29, 0, 1, tzinfo=UTC)
    assert (await stage.balance()).expired == 30


async def test_a_job_of_another_program_does_not_exist(fresh_database: Database) -> None:
    mine, other = await a_program(fresh_database), await a_program(fresh_database)
    await jobs.make_jobs(fresh_database)
    me = somebody(program=mine)
    for name in (f"EXPIRY {other.code}", "NONSENSE", *OF_ALL):
        with refusal(NotFound(what="job", key=name, path=("input", "job"))):
            await jobs.job_start(fresh_database, me, name)
    seen = await jobs.jobs_list(fresh_database, me.scope)
    assert names(seen) == sorted(f"{kind} {mine.code}" for kind in OF_PROGRAMS)


async def test_every_job_is_safe_to_run_twice(fresh_database: Database) -> None:
    stage = await lapsed(fresh_database)
    await jobs.claim_due(fresh_database)
    for name in all_names(stage.program):
        await perform(fresh_database, name)
    before = await stage.balance(), await stage.recorded()
    for name in all_names(stage.program):
        await jobs.job_start(fresh_database, ENGINE, name)
    assert names(await jobs.claim_due(fresh_database)) == all_names(stage.program)
    results = {name: await perform(fresh_database, name) for name in all_names(stage.program)}
    assert str(results.pop("VERIFY")).endswith(" rows verified")  # to look again is what it is for
    assert set(results.values()) == {"nothing to do"}
    assert (await stage.balance(), await stage.recorded()) == before


def test_the_list_names_every_job_once() -> None:
    assert len(job_list.BY_CODE) == len(job_list.JOBS)
    assert all(" " not in job.code and job.what.endswith(".") for job in job_list.JOBS)


async def nothing(task: Task) -> AsyncGenerator[str, None]:
    yield "done"
