"""The batch engine: works what is queued, a chunk at a time, for as long as there is any.

It claims free members and takes their transactions in (date, number) order; a chunk is one commit, so stopping anywhere loses nothing.
"""

import logging
import time
import uuid
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from domain.engine import Outcome, refuse_all
from domain.engine.rejections import EngineFailed
from domain.services import working
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import stored
from domain.store import locks, outcomes, queue
from domain.store.database import Database, Writer
from domain.store.failures import is_passing
from domain.transactions import Status, Transaction, Type

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
        """Take up a chunk: what was queued, without what followed from it."""
        for outcome in done:
            if outcome.follow_up is not None:
                continue
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


async def work(
    database: Database, programs: EnginePrograms, program_id: int, through: date = date.max
) -> AsyncGenerator[Progress, None]:
    """Work what a program has queued, as far as it is dated `through` that day; yields the progress after every chunk.

    Pass after pass, until a pass can take nothing: what another worker holds is left to it.
    """
    batch, progress, most, before = Batch(database, programs, program_id, through), Progress(), SMALLEST * 4, -1
    while progress.total > before:
        before, after = progress.total, 0
        while (chunk := await batch.upcoming(after, most)).rows:
            began = time.perf_counter()
            done = await batch.commit(chunk.rows)
            most = _next_size(most, time.perf_counter() - began)
            after = chunk.after if done else chunk.rows[-1][1]
            progress.count(done)
            yield progress


def _in_order(rows: Sequence[queue.Key], done: Sequence[Outcome], following: Sequence[queue.Key]) -> list[queue.Key]:
    """Of the following rows, those of members for whom nothing is left undone before them."""
    worked = {outcome.transaction_id for outcome in done}
    waiting = {row[1] for row in rows if row[3] not in worked}
    return [row for row in following if row[1] not in waiting]


def _next_size(most: int, seconds: float) -> int:
    return max(SMALLEST, min(LARGEST, int(most * min(2.0, HOLD_SECONDS / seconds))))


@dataclass(frozen=True, slots=True)
class Batch:
    """One program's queue, worked by this process."""

    database: Database
    programs: EnginePrograms
    program_id: int
    through: date

    async def upcoming(self, after: int, most: int) -> _Chunk:
        """The next rows of members above `after`; a member's rows are cut only where they fill the chunk alone."""
        async with self.database.read() as reader:
            found = await queue.upcoming(reader, self.program_id, after, most, self.through)
        rows = [tuple(row) for row in found]
        if len(rows) < most:
            return _Chunk(rows, rows[-1][1] if rows else after)
        last = rows[-1][1]
        whole = [row for row in rows if row[1] != last]
        return _Chunk(whole or rows, last - 1)

    async def commit(self, rows: Sequence[queue.Key], incident: str | None = None) -> list[Outcome]:
        """One commit; rows that the database refuses are halved until the one at fault stands alone and is refused."""
        if not rows:
            return []
        try:
            async with self.database.write() as writer:
                return await self._commit(writer, rows, incident)
        except Exception as error:
            if is_passing(error):
                return []
            if len(rows) == 1 and incident is not None:
                raise
            if len(rows) == 1:
                incident = uuid.uuid4().hex
                log.exception("incident %s: transaction %s could not be processed", incident, rows[0][3])
                return await self.commit(rows, incident)
        half = len(rows) // 2
        first = await self.commit(rows[:half])
        return first + await self.commit(_in_order(rows[:half], first, rows[half:]))

    async def _commit(self, writer: Writer, rows: Sequence[queue.Key], incident: str | None) -> list[Outcome]:
        await locks.program(writer, self.program_id)
        program = await self.programs.current(writer, self.program_id)
        members = await locks.free_members(writer, [row[1] for row in rows])
        waiting = await self._taken(writer, rows, {member.id for member in members})
        now = await self.database.now(writer)
        entries = await stored.entries(writer, waiting, program)
        if incident is None:
            spenders = {entry.member_id for entry in entries if entry.type is Type.REDEMPTION}
            loaded = await working.load(writer, program, members, spenders, now)
            done = await working.worked(self.database, writer, loaded, entries)
        else:
            done = refuse_all(program, entries, now, EngineFailed(incident=incident))
        await outcomes.write(writer, self.program_id, done, now)
        return list(done.outcomes)

    async def _taken(self, writer: Writer, rows: Sequence[queue.Key], free: Collection[int]) -> list[Transaction]:
        """Of free members, what nobody else has taken or recalled, in the order in which it is worked."""
        mine = [row for row in rows if row[1] in free]
        found = await locks.transactions(writer, [row[3] for row in mine])
        taken = await queue.take(writer, mine)
        return [found[row[3]] for row in mine if row[3] in taken and found[row[3]].status is Status.QUEUED]
