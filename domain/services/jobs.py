"""Jobs: claiming those that are due, and running one.

A claim lapses unless it is renewed, so that whatever was begun by a worker that is no more comes up again.
"""

import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta
from types import MappingProxyType

from domain.jobs import Job, JobKind, job_name, next_night
from domain.people import Scope
from domain.programs import Program
from domain.services.engine_programs import EnginePrograms
from domain.services.expiry import expire
from domain.services.tier_evaluation import evaluate
from domain.store import jobs as store
from domain.store import programs as program_store
from domain.store.database import Database

CLAIM = timedelta(minutes=10)
"""How long a claimed job is left alone."""

RENEW_SECONDS = 60

Run = Callable[[Database, EnginePrograms, Program], AsyncGenerator[str, None]]
"""A job's work: after every chunk it says what it has done so far. Closing it between two chunks loses nothing."""


async def jobs_list(database: Database) -> Sequence[Job]:
    """Every job, by name."""
    async with database.read() as reader:
        return await store.everything(reader)


async def claim_due(database: Database) -> Sequence[Job]:
    """The jobs that are due now, for this caller alone."""
    async with database.write() as writer:
        now = await database.now(writer)
        await store.add_missing(writer, now)
        return await store.claim(writer, now, now + CLAIM)


async def perform(
    database: Database, programs: EnginePrograms, kind: JobKind, code: str, go_on: Callable[[], bool]
) -> str | None:
    """Run a claimed job to its end, and say what it did; None if it was stopped before, or its program is gone."""
    async with database.read() as reader:
        program = await program_store.find(reader, Scope(), code)
    if program is None:
        return None
    result, renewed = "nothing to do", time.monotonic()
    async with aclosing(RUN[kind](database, programs, program)) as chunks:
        async for so_far in chunks:
            result = so_far
            if not go_on():
                return None
            if time.monotonic() - renewed > RENEW_SECONDS:
                await renew(database, kind, code)
                renewed = time.monotonic()
    await _finish(database, kind, program, result)
    return result


async def renew(database: Database, kind: JobKind, code: str) -> None:
    """Keep a claimed job for longer."""
    async with database.write() as writer:
        await store.extend(writer, job_name(kind, code), await database.now(writer) + CLAIM)


async def _finish(database: Database, kind: JobKind, program: Program, result: str) -> None:
    async with database.write() as writer:
        now = await database.now(writer)
        await store.finish(writer, job_name(kind, program.code), now, next_night(now, program.time_zone), result)


async def _expiry(database: Database, programs: EnginePrograms, program: Program) -> AsyncGenerator[str, None]:
    async with aclosing(expire(database, programs, program.id)) as chunks:
        async for done in chunks:
            points = ", ".join(f"{points:,f} {code}" for code, points in sorted(done.points.items())) or "no points"
            yield f"{points} expired; members: {done.members:,}"


async def _tiers(database: Database, programs: EnginePrograms, program: Program) -> AsyncGenerator[str, None]:
    async with aclosing(evaluate(database, programs, program.id)) as chunks:
        async for done in chunks:
            yield f"tiers of {done.members:,} members ended: {done.renewed:,} renewed, {done.changed:,} changed"


RUN: Mapping[JobKind, Run] = MappingProxyType({JobKind.EXPIRY: _expiry, JobKind.TIERS: _tiers})
"""What every kind of job does."""
