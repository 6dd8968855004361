"""The schedule: jobs are claimed by one scheduler, come up again if they were lost, and run in the program's own night."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from domain.commands.programs import SettingsChange
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.jobs import Job, JobKind, job_name
from domain.services import jobs
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.support.factories import a_program
from tests.support.members import at
from tests.support.transactions import a_stage
from workers.work import Work

NOON = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
BERLIN_NIGHT = datetime(2026, 3, 28, 23, 1, tzinfo=UTC)


def expiry_of(jobs: Sequence[Job]) -> Job:
    """The one that expires points, among those of one program."""
    [job] = [each for each in jobs if each.kind is JobKind.EXPIRY]
    return job


async def test_every_program_has_its_jobs_and_a_new_one_is_due_at_once(fresh_database: Database) -> None:
    programs = [await a_program(fresh_database) for _ in range(2)]
    due = await jobs.claim_due(fresh_database)
    assert sorted(job.name for job in due) == sorted(job_name(kind, each.code) for kind in JobKind for each in programs)
    assert await jobs.claim_due(fresh_database) == []


async def test_two_schedulers_fire_once(fresh_database: Database) -> None:
    programs = [await a_program(fresh_database) for _ in range(5)]
    claimed = await asyncio.gather(*(jobs.claim_due(fresh_database) for _ in range(4)))
    assert sorted(job.name for each in claimed for job in each) == sorted(
        job_name(kind, each.code) for kind in JobKind for each in programs
    )


async def test_a_job_that_was_lost_comes_up_again_when_its_claim_has_lapsed(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    soon, later = at(fresh_database, NOON + jobs.CLAIM / 2), at(fresh_database, NOON + jobs.CLAIM)
    first = await jobs.claim_due(at_noon := at(fresh_database, NOON))
    assert await jobs.claim_due(soon) == []
    second = await jobs.claim_due(later)
    names = sorted(job_name(kind, program.code) for kind in JobKind)
    assert sorted(job.name for job in first) == sorted(job.name for job in second) == names
    for each in (at_noon, soon, later):
        await each.close()


async def test_a_finished_job_is_due_when_the_programs_next_day_has_begun(fresh_database: Database) -> None:
    program = await a_program(fresh_database, time_zone="Europe/Berlin")
    noon = at(fresh_database, NOON)
    await jobs.claim_due(noon)
    result = await jobs.perform(noon, EnginePrograms(), JobKind.EXPIRY, program.code, lambda: True)
    job = expiry_of(await jobs.jobs_list(noon))
    assert result == job.last_result == "nothing to do"
    assert (job.last_started_at, job.last_finished_at, job.next_run_at) == (NOON, NOON, BERLIN_NIGHT)
    await noon.close()


async def test_the_worker_expires_what_has_lapsed_and_says_so(fresh_database: Database) -> None:
    policy = ExpiryPolicy(ExpiryKind.PERIOD, length=1, unit=PeriodUnit.MONTH)
    stage = await a_stage(Desk(fresh_database, EnginePrograms()), settings=SettingsChange(expiry=policy))
    await stage.earn(30, transaction_date=date(2026, 1, 10))
    await jobs.claim_due(fresh_database)
    await Work(fresh_database).run_job("EXPIRY", stage.program.code)
    job = expiry_of(await jobs.jobs_list(fresh_database))
    assert job.last_result == "30 POINTS expired; members: 1"
    assert (await stage.balance()).expired == 30


async def test_a_job_that_is_stopped_keeps_what_it_has_done_and_is_not_finished(fresh_database: Database) -> None:
    policy = ExpiryPolicy(ExpiryKind.PERIOD, length=1, unit=PeriodUnit.MONTH)
    stage = await a_stage(Desk(fresh_database, EnginePrograms()), settings=SettingsChange(expiry=policy))
    await stage.earn(30, transaction_date=date(2026, 1, 10))
    claimed = expiry_of(await jobs.claim_due(fresh_database))
    kind, program = JobKind.EXPIRY, stage.program.code
    assert await jobs.perform(fresh_database, EnginePrograms(), kind, program, lambda: False) is None
    job = expiry_of(await jobs.jobs_list(fresh_database))
    assert (job.last_finished_at, job.next_run_at) == (None, claimed.next_run_at)
    assert (await stage.balance()).expired == 30


async def test_a_long_job_keeps_its_claim(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    noon = at(fresh_database, NOON)
    await jobs.claim_due(noon)
    later = at(fresh_database, NOON + timedelta(minutes=5))
    await jobs.renew(later, JobKind.EXPIRY, program.code)
    job = expiry_of(await jobs.jobs_list(later))
    assert job.next_run_at == NOON + timedelta(minutes=5) + jobs.CLAIM
    await noon.close()
    await later.close()
