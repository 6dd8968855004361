"""The batch engine: works what is queued, a chunk at a time, for as long as there is any.

It claims free members and takes their transactions in (date, number) order; a chunk is one commit, so stopping anywhere loses nothing.
"""

import logging
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.calendars import business_date
from domain.engine import EngineProgram, Entry, Outcome, Outcomes, refuse_all, run
from domain.engine.rejections import EngineFailed
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import stored
from domain.store import locks, outcomes, queue, snapshots
from domain.store.database import Database, Writer
from domain.store.failures import is_passing
from domain.transactions import Status, Type

HOLD_SECONDS = 0.05
"""How long a chunk should hold its members: a person at a desk hardly notices the night's work."""

SMALLEST, LARGEST = 50, 4_000

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Progress:
    """What was worked so far, by outcome."""

    processed: int = 0
    rejected: int = 0
    by_sub_status: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All of them."""
        return self.processed + self.rejected

    def count(self, done: Sequence[Outcome]) -> None:
        """Take up a chunk."""
        for outcome in done:
            good = outcome.status is Status.PROCESSED
            self.processed += good
            self.rejected += not good
            name = outcome.sub_status.value
            self.by_sub_status[name] = self.by_sub_status.get(name, 0) + 1


@dataclass(slots=True)
class _Chunk:
    """The queue's next rows, and the member after whom the chunk that follows begins."""

    rows: Sequence[queue.Key]
    after: int


async def work(database: Database, programs: EnginePrograms, program_id: int) -> AsyncIterator[Progress]:
    """Work a program's queue, pass after pass, until a pass can take nothing; yields the progress after every chunk."""
    progress, most, before = Progress(), SMALLEST * 4, -1
    while progress.total > before:
        before, after = progress.total, 0
        while (chunk := await _next(database, program_id, after, most)).rows:
            began = time.perf_counter()
            done = await _work(database, programs, program_id, chunk.rows)
            most = _next_size(most, time.perf_counter() - began)
            after = chunk.after if done else chunk.rows[-1][1]
            progress.count(done)
            yield progress


def _next_size(most: int, seconds: float) -> int:
    return max(SMALLEST, min(LARGEST, int(most * min(2.0, HOLD_SECONDS / seconds))))


async def _next(database: Database, program_id: int, after: int, most: int) -> _Chunk:
    async with database.read() as reader:
        rows = [tuple(row) for row in await queue.upcoming(reader, program_id, after, most)]
    if len(rows) == most and rows[0][1] != rows[-1][1]:
        cut = rows[-1][1]
        return _Chunk([row for row in rows if row[1] != cut], cut - 1)
    if len(rows) == most:
        return _Chunk(rows, rows[-1][1] - 1)
    return _Chunk(rows, rows[-1][1] if rows else after)


async def _work(
    database: Database,
    programs: EnginePrograms,
    program_id: int,
    rows: Sequence[queue.Key],
    incident: str | None = None,
) -> list[Outcome]:
    """One commit; rows that the database refuses are halved until the one at fault stands alone."""
    try:
        async with database.write() as writer:
            return await _commit(database, programs, writer, program_id, rows, incident)
    except Exception as error:
        if is_passing(error):
            return []
        if len(rows) == 1 and incident is not None:
            raise
        if len(rows) == 1:
            incident = uuid.uuid4().hex
            log.exception("incident %s: transaction %s could not be processed", incident, rows[0][3])
            return await _work(database, programs, program_id, rows, incident)
    half = len(rows) // 2
    first = await _work(database, programs, program_id, rows[:half])
    return first + await _work(database, programs, program_id, rows[half:])


async def _commit(
    database: Database,
    programs: EnginePrograms,
    writer: Writer,
    program_id: int,
    rows: Sequence[queue.Key],
    incident: str | None,
) -> list[Outcome]:
    await locks.program(writer, program_id)
    program = await programs.current(writer, program_id)
    members = await locks.free_members(writer, [row[1] for row in rows])
    free = {member.id for member in members}
    mine = [row for row in rows if row[1] in free]
    found = await locks.transactions(writer, [row[3] for row in mine])
    taken = await queue.take(writer, mine)
    waiting = [found[row[3]] for row in mine if row[3] in taken and found[row[3]].status is Status.QUEUED]
    now = await database.now(writer)
    today = business_date(now, program.program.time_zone)
    spenders = free if program.extends else {each.member_id for each in waiting if each.type is Type.REDEMPTION}
    states = await snapshots.members(writer, members, spenders, today)
    entries = await stored.entries(writer, waiting, program)
    done = run(program, states, entries, now) if incident is None else _refused(program, entries, now, incident)
    await outcomes.write(writer, program_id, done, now)
    return list(done.outcomes)


def _refused(program: EngineProgram, entries: Sequence[Entry], now: datetime, incident: str) -> Outcomes:
    return refuse_all(program, entries, now, EngineFailed(incident=incident))
