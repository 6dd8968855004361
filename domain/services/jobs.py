"""Jobs: claiming those that are due, running one, and starting one by hand.

A claim lapses unless it is renewed, so that whatever was begun by a worker that is no more comes up again.
"""

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta

from domain.jobs import DescribedJob, Job, JobOutcome, JobRunning, Missed, retry_after
from domain.people import Principal, Scope
from domain.problems import Refused
from domain.receipts import Receipt
from domain.services import figures
from domain.services.checks import INPUT, found
from domain.services.engine_programs import EnginePrograms
from domain.services.job_list import BY_CODE, OF_ALL, OF_PROGRAMS, Task
from domain.store import jobs as store
from domain.store import programs as program_store
from domain.store.database import Database, Writer
from domain.values import shown

NOTHING = "nothing to do"
"""What a job has said that found nothing due."""

CLAIM = timedelta(minutes=10)
"""How long a claimed job is left alone."""

RENEW_SECONDS = 60
EVERYWHERE = Scope()

log = logging.getLogger(__name__)


async def jobs_list(database: Database, scope: Scope = EVERYWHERE) -> Sequence[Job]:
    """Every job that somebody may see, by name."""
    async with database.read() as reader:
        return await store.everything(reader, scope, BY_CODE)


async def jobs_described(database: Database, scope: Scope) -> list[DescribedJob]:
    """The same, with what they do and when."""
    async with database.read() as reader:
        now = await database.now(reader)
        return [described(job, now) for job in await store.everything(reader, scope, BY_CODE)]


def described(job: Job, now: datetime) -> DescribedJob:
    """A job with what the list says of it."""
    listed = BY_CODE[job.kind]
    running = job.claimed_until is not None and job.claimed_until > now
    return DescribedJob(job, listed.what, str(listed.when), listed.missed, running)


async def make_jobs(database: Database) -> None:
    """Give every program the jobs that it lacks."""
    async with database.write() as writer:
        await store.add_missing(writer, OF_PROGRAMS, OF_ALL, await database.now(writer))


async def claim_due(database: Database) -> Sequence[Job]:
    """The jobs that are due now, for this caller alone. Of those that missed their slot, some wait for the next."""
    async with database.write() as writer:
        now = await database.now(writer)
        await store.add_missing(writer, OF_PROGRAMS, OF_ALL, now)
        due = await store.due(writer, BY_CODE, now)
        skipped = [job for job in due if BY_CODE[job.kind].missed is Missed.SKIP and job.missed(now)]
        for job in skipped:
            result = f"the slot of {job.next_run_at:%Y-%m-%d %H:%M} UTC was missed, and is not made up for"
            await store.skip(writer, job.name, _next(job, now), result)
        claimed = [job for job in due if job not in skipped]
        await store.claim(writer, [job.name for job in claimed], now, now + CLAIM)
        return claimed


async def job_start(database: Database, actor: Principal, name: str) -> Receipt[DescribedJob]:
    """Let a job be due now, whatever its schedule says; the next worker that looks runs it."""
    async with database.write() as writer:
        now = await database.now(writer)
        job = await _startable(writer, actor.scope, name, now)
        await store.pull(writer, name, now)
        return Receipt(described(replace(job, next_run_at=now), now))


async def job_claim(database: Database, actor: Principal, name: str) -> Job:
    """Claim a job for whoever runs it by hand, here and now; `perform` runs it."""
    await make_jobs(database)
    async with database.write() as writer:
        now = await database.now(writer)
        job = await _startable(writer, actor.scope, name, now)
        await store.claim(writer, [name], now, now + CLAIM)
        return job


async def _startable(writer: Writer, scope: Scope, name: str, now: datetime) -> Job:
    """The job, locked; raises Refused if there is none, or none that is shown, or if it is running."""
    job = await store.lock(writer, name)
    if job is not None and (job.kind not in BY_CODE or scope.program_id not in {None, job.program_id}):
        job = None
    job = found(job, "job", shown(name), "job")
    if job.claimed_until is not None and job.claimed_until > now:
        raise Refused(JobRunning(job=job.name, path=(INPUT, "job")))
    return job


async def perform(database: Database, programs: EnginePrograms, name: str, go_on: Callable[[], bool]) -> str | None:
    """Run a claimed job to its end, and say what it did; None if it was stopped before, or is not there to be run.

    A message that comes twice finds it begun. What fails is said so, and tried again after a while.
    """
    async with database.write() as writer:
        job, since = await store.lock(writer, name), await store.begin(writer, name)
    if job is None or since is None:
        return None
    try:
        with figures.job(job.kind):
            result = await _run(database, programs, job, since, go_on)
    except Exception:
        incident = uuid.uuid4().hex
        log.exception("incident %s: job %s failed", incident, name)
        figures.JOB_RUNS.labels(job.kind, "failed").inc()
        return await _fail(database, job, since, f"failed; the log says why, at incident {incident}")
    figures.JOB_RUNS.labels(job.kind, "stopped" if result is None else "done").inc()
    async with database.write() as writer:
        now = await database.now(writer)
        if result is None:
            await store.release(writer, name, since)
        else:
            next_run_at = _next(job, now)
            await store.finish(
                writer, name, since, now=now, next_run_at=next_run_at, outcome=JobOutcome.DONE, result=result
            )
    return result


async def _run(
    database: Database, programs: EnginePrograms, job: Job, since: datetime, go_on: Callable[[], bool]
) -> str | None:
    """The last thing the job said; None if it was stopped, or somebody else has it by now."""
    program = None
    if job.program is not None:
        async with database.read() as reader:
            program = await program_store.find(reader, EVERYWHERE, job.program)
    result, renewed = NOTHING, time.monotonic()
    async with aclosing(BY_CODE[job.kind].run(Task(database, programs, program))) as chunks:
        async for so_far in chunks:
            result = so_far
            if not go_on():
                return None
            if time.monotonic() - renewed > RENEW_SECONDS:
                if not await renew(database, job.name, since):
                    return None
                renewed = time.monotonic()
    return result


async def renew(database: Database, name: str, since: datetime) -> bool:
    """Keep a job claimed for longer; False if the claim has lapsed and somebody else has it."""
    async with database.write() as writer:
        return await store.extend(writer, name, since, await database.now(writer) + CLAIM)


async def _fail(database: Database, job: Job, since: datetime, result: str) -> str:
    async with database.write() as writer:
        now = await database.now(writer)
        again = min(now + retry_after(job.failures + 1), _next(job, now))
        await store.finish(
            writer, job.name, since, now=now, next_run_at=again, outcome=JobOutcome.FAILED, result=result
        )
    return result


def _next(job: Job, now: datetime) -> datetime:
    return BY_CODE[job.kind].next(now, job.time_zone)
