"""The batch engine: works what is queued, a chunk at a time, for as long as there is any.

It claims free members and takes their transactions in (date, number) order; a chunk is one commit, so stopping anywhere loses nothing.
"""

import logging
import secrets
import time
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.batch_runs import BatchRunState
from domain.engine import EngineProgram, Entry, Outcome, refuse_all
from domain.engine.rejections import EngineFailed
from domain.people import Scope
from domain.services import figures, telling, touching, working
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import stored
from domain.services.settling import settle
from domain.store import batch_runs, locks, merges, outcomes, queue, queued_entries, requeuing, transactions
from domain.store.database import Database, Reader, Writer
from domain.store.failures import Contended, is_passing
from domain.store.member_rows import MemberRow
from domain.transactions import Status, Type

HOLD_SECONDS = 0.1
"""How long a chunk should hold its members: a person at a desk, whose member is rarely one of them, hardly notices."""

EVERYTHING = Scope()

SMALLEST, LARGEST = 200, 4_000
MISSES = 3
"""How often a worker looks elsewhere in vain before it leaves the rest to those who hold it."""

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
        for outcome in _queued(done):
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


class _Round:
    """Once around the queue: above a member to the last one, then from the first one up to that member.

    Workers that meet go on at different places: who finds most of a chunk taken begins a round somewhere else.
    """

    def __init__(self, start: int) -> None:
        self.after, self.last, self._rest = start, queue.LAST, start

    def turn(self) -> bool:
        """At the end: go on at the beginning, unless that is where it began."""
        self.after, self.last, self._rest = 0, self._rest, 0
        return self.last > 0


@dataclass(slots=True)
class Share:
    """A worker's part in a run, in which it counts what it works. `over`: the run was found not to run any more."""

    run_id: int
    worker: str
    over: bool = False

    async def goes_on(self, writer: Writer) -> bool:
        """Whether the run still runs; if so, nobody can end it before this unit of work does."""
        await locks.run(writer, self.run_id)
        self.over = await batch_runs.state(writer, self.run_id) is not BatchRunState.RUNNING
        return not self.over

    async def count(self, writer: Writer, done: Sequence[Outcome], now: datetime) -> None:
        """Count a chunk in its own commit."""
        counts = Counter(outcome.sub_status for outcome in _queued(done))
        await batch_runs.count(writer, self.run_id, self.worker, counts, now)


async def work(
    database: Database,
    programs: EnginePrograms,
    program_id: int,
    through: date = date.max,
    *,
    share: Share | None = None,
    progress: Progress | None = None,
    apart: bool = False,
) -> AsyncGenerator[Progress, None]:
    """Work what a program has queued, as far as it is dated `through` that day; yields the progress after every chunk.

    Round after round, until one can take nothing: what another worker holds is left to it. With a `share`, every chunk is
    counted for a run, and it ends when the run no longer runs. `progress`: what was done before, to be added to.
    """
    batch, progress = Batch(database, programs, program_id, through, share), progress or Progress()
    most, misses = SMALLEST * 4, 0
    start = await batch.anywhere() if apart else 0
    while misses < MISSES:
        before, crowded, around = progress.total, False, _Round(start)
        while not crowded and (chunk := await batch.upcoming(around, most)).rows:
            began = time.perf_counter()
            done = await batch.commit(chunk.rows)
            most = _next_size(most, time.perf_counter() - began)
            around.after = chunk.after if done else chunk.rows[-1][1]
            crowded = 2 * len(_queued(done)) < len(chunk.rows)
            progress.count(done)
            yield progress
        if (share is not None and share.over) or (progress.total == before and not crowded):
            return
        misses = misses + 1 if progress.total == before else 0
        start = await batch.anywhere() if crowded else 0


def _queued(done: Sequence[Outcome]) -> list[Outcome]:
    """Those of what was queued, without what followed from it."""
    return [outcome for outcome in done if outcome.follow_up is None]


def _in_order(rows: Sequence[queue.Key], done: Sequence[Outcome], following: Sequence[queue.Key]) -> list[queue.Key]:
    """Of the following rows, those of members for whom nothing is left undone before them."""
    worked = {outcome.transaction_id for outcome in done}
    waiting = {row[1] for row in rows if row[3] not in worked}
    return [row for row in following if row[1] not in waiting]


async def _follow_merges(writer: Writer, members: Sequence[MemberRow]) -> None:
    """What was recorded for a member while it was merged waits from now on for the one who stays."""
    for row in members:
        if row.merged_into_id is not None:
            await merges.follow(writer, row.id, row.merged_into_id)


def _undisturbed(
    rows: Sequence[queue.Key], touched: Mapping[int, Collection[int]], free: frozenset[int]
) -> list[queue.Key]:
    """The rows of members who are free, and with them everybody whom their transactions touch."""
    disturbed = {member_id for member_id, others in touched.items() if not free.issuperset(others)}
    return [row for row in rows if row[1] in free and row[1] not in disturbed]


def _next_size(most: int, seconds: float) -> int:
    return max(SMALLEST, min(LARGEST, int(most * min(2.0, HOLD_SECONDS / seconds))))


@dataclass(frozen=True, slots=True)
class Batch:
    """One program's queue, worked by this process."""

    database: Database
    programs: EnginePrograms
    program_id: int
    through: date
    share: Share | None

    async def upcoming(self, around: _Round, most: int) -> _Chunk:
        """The next rows of a round; a member's rows are cut only where they fill the chunk alone."""
        async with self.database.read() as reader:
            rows = await self._next(reader, around, most)
            if not rows and around.turn():
                rows = await self._next(reader, around, most)
        if len(rows) < most:
            return _Chunk(rows, rows[-1][1] if rows else around.after)
        last = rows[-1][1]
        whole = [row for row in rows if row[1] != last]
        return _Chunk(whole or rows, last - 1)

    async def _next(self, reader: Reader, around: _Round, most: int) -> list[queue.Waiting]:
        return await queue.upcoming(reader, self.program_id, around.after, most, self.through, last=around.last)

    async def anywhere(self) -> int:
        """A member by chance, between the lowest and the highest of the queue."""
        async with self.database.read() as reader:
            bounds = await queue.bounds(reader, self.program_id)
        if bounds is None:
            return 0
        lowest, highest = bounds
        return lowest + secrets.randbelow(highest - lowest + 1)

    async def commit(
        self, rows: Sequence[queue.Key], incident: str | None = None, *, alone: bool = False
    ) -> list[Outcome]:
        """One commit; rows that the database refuses are halved until the one at fault stands alone and is refused."""
        if not rows:
            return []
        try:
            with figures.chunk(len(rows)):
                async with self.database.write() as writer:
                    return await self._commit(writer, rows, incident, alone=alone)
        except touching.Moved:
            return await self.commit(rows, incident, alone=alone)
        except Contended:
            return [] if alone else await self.commit(rows, incident, alone=True)
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

    async def _commit(
        self, writer: Writer, rows: Sequence[queue.Key], incident: str | None, *, alone: bool
    ) -> list[Outcome]:
        await locks.program(writer, self.program_id)
        if self.share is not None and not await self.share.goes_on(writer):
            return []
        program = await self.programs.current(writer, self.program_id)
        touched = await touching.of_queued(writer, program, rows)
        others = [each for ids in touched.values() for each in ids]
        members = await locks.free_members(writer, [*(row[1] for row in rows), *others])
        free = frozenset(member.id for member in members)
        await _follow_merges(writer, members)
        entries = await self._taken(writer, program, _undisturbed(rows, touched, free))
        touching.check_families({each.member_id for each in entries}, members)
        touching.check_recipients(entries, free)
        touching.check_originals(entries, free)
        now = await self.database.now(writer)
        if incident is None:
            spenders = {entry.member_id for entry in entries if entry.type is Type.REDEMPTION}
            loaded = await working.load(writer, program, members, spenders, now)
            done = await working.worked(self.database, writer, loaded, entries, alone=alone)
        else:
            done = refuse_all(program, entries, now, EngineFailed(incident=incident))
        await outcomes.write(writer, self.program_id, done, now)
        await requeuing.rejected(writer, self.program_id, done.outcomes)
        await telling.worked(writer, program, done, now)
        if self.share is not None:
            await self.share.count(writer, done.outcomes, now)
        await settle(writer, program, done, now)
        return list(done.outcomes)

    async def _taken(self, writer: Writer, program: EngineProgram, mine: Sequence[queue.Key]) -> list[Entry]:
        """Of free members, what nobody else has taken or recalled, in the order in which it is worked."""
        if not mine:
            return []
        found, others = await queued_entries.lock(writer, program, sorted(row[3] for row in mine))
        found |= await self._others(writer, program, others)
        taken = await queue.take(writer, mine)
        entries = (found[row[3]] for row in mine if row[3] in taken)
        return [entry for entry in entries if entry.status is Status.QUEUED]

    async def _others(self, writer: Writer, program: EngineProgram, ids: Sequence[int]) -> dict[int, Entry]:
        """Locked transactions that are not plain, by the way of those of people."""
        if not ids:
            return {}
        rows = [row for row in await transactions.load_many(writer, EVERYTHING, ids) if row is not None]
        return {entry.id: entry for entry in await stored.entries(writer, rows, program)}
