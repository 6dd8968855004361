"""Recording what the lines of an import say: a chunk is one unit of work, in which the external ids decide what is new."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime

from domain.drafts import Draft
from domain.entries import NewTransaction
from domain.feeds import FeedTerms
from domain.fingerprints import content_hash
from domain.imports.lines import BadLine, Line, bad_lines
from domain.imports.reports import Imported
from domain.imports.transactions import COLUMNS, Reading
from domain.moves import Move, steps
from domain.problems import Problem
from domain.services.imports.naming import BEGUN_BY, Importer, drafts_of
from domain.services.imports.pipeline import Chunk
from domain.services.imports.repeats import SENT_BY, Place, Repeats, corrected, sort_out
from domain.store import approvals, imports, locks
from domain.store.approvals import Moved
from domain.store.database import Database, Writer
from domain.store.external_ids import ExternalId
from domain.store.failures import is_contention
from domain.transactions import Status

ATTEMPTS = 5
"""How often a chunk is tried that meets a deadlock."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a good line says, and the hash by which it is recognized."""

    entry: NewTransaction
    content_hash: bytes


@dataclass(slots=True)
class Recorded:
    """What became of the good lines of a chunk, by place."""

    drafts: dict[Place, Draft] = field(default_factory=dict)
    refused: dict[Place, tuple[Problem, ...]] = field(default_factory=dict)
    repeats: Repeats = field(default_factory=Repeats)


@dataclass(frozen=True, slots=True)
class Recording:
    """One import. `first` is a number that no transaction before it has; `feed`: what a partner's own file may say;
    `rehearsing`: nothing stays.
    """

    database: Database
    importer: Importer
    reading: Reading
    first: int
    feed: FeedTerms | None = None
    rehearsing: bool = False

    def read(self, line: Line) -> Said | tuple[BadLine, ...]:
        """What a line says, or what is wrong with it by itself."""
        entry = self.reading.entry(line.values)
        if isinstance(entry, list):
            return bad_lines(line, entry, COLUMNS)
        if self.feed is not None and (forbidden := list(self.feed.problems(entry))):
            return bad_lines(line, forbidden, COLUMNS)
        return Said(entry, content_hash(entry))

    async def commit(self, chunk: Chunk[Said]) -> Imported:
        """Record what is new of a chunk, and say what became of it."""
        done = await self._recorded([said for _, said in chunk.good])
        bad = [*chunk.bad, *self._bad(chunk, done)]
        repeats = done.repeats
        return Imported(
            lines=chunk.lines,
            added=len(repeats.new),
            known=repeats.known,
            repeated=repeats.repeated,
            corrected=len(repeats.corrections),
            bad_lines=len({each.number for each in bad}),
            bad=sorted(bad, key=lambda each: each.number),
        )

    async def _recorded(self, said: Sequence[Said]) -> Recorded:
        """One unit of work; somebody who works on the same external ids at that moment may end it, so it is done again."""
        for _ in range(ATTEMPTS - 1):
            try:
                async with self._unit() as writer:
                    return await self._record(writer, said)
            except Exception as error:
                if not is_contention(error):
                    raise
        async with self._unit() as writer:
            return await self._record(writer, said)

    def _unit(self) -> AbstractAsyncContextManager[Writer]:
        return self.database.rehearse() if self.rehearsing else self.database.write()

    async def _record(self, writer: Writer, said: Sequence[Said]) -> Recorded:
        done = Recorded()
        await locks.program(writer, self.importer.program.program.id)
        now = await self.database.now(writer)
        ids = await self.database.ids.take(writer, len(said))
        found = await drafts_of(writer, self.importer, [each.entry for each in said], ids, now)
        for place, each in enumerate(found):
            if isinstance(each, Draft):
                done.drafts[place] = each
            else:
                done.refused[place] = each
        claims = {place: claim_of(draft, said[place].content_hash) for place, draft in done.drafts.items()}
        done.repeats = await sort_out(writer, self.importer.program, done.drafts, claims, self.first)
        done.refused.update((place, (problem,)) for place, problem in done.repeats.refused.items())
        await self._write(writer, done, claims, now)
        return done

    async def _write(self, writer: Writer, done: Recorded, claims: Mapping[Place, ExternalId], now: datetime) -> None:
        new = [done.drafts[place] for place in done.repeats.new]
        again = [corrected(done.drafts[place], before) for place, before in done.repeats.corrections.items()]
        await imports.add(writer, new)
        await imports.correct(writer, again, [claims[place] for place in done.repeats.corrections])
        await approvals.record(writer, self._moves(new, again), now)

    def _moves(self, new: Sequence[Draft], again: Sequence[Draft]) -> Iterator[Moved]:
        """What a person did by importing; what the engine does is not an approval."""
        person_id = self.importer.actor.person_id
        if person_id is None:
            return
        reopened = steps(Status.REJECTED_ENGINE, Move.REOPEN)
        taken = [(draft, steps(None, BEGUN_BY[draft.status])) for draft in new]
        taken += [(draft, (*reopened, *steps(Status.IN_PROGRESS, SENT_BY[draft.status]))) for draft in again]
        for draft, made in taken:
            for step in made:
                yield Moved(draft.id, person_id, step.move, step.status, step.to)

    @staticmethod
    def _bad(chunk: Chunk[Said], done: Recorded) -> Iterator[BadLine]:
        for place, problems in done.refused.items():
            yield from bad_lines(chunk.good[place][0], problems, COLUMNS)


def claim_of(draft: Draft, hash_: bytes) -> ExternalId:
    """The claim of a line's external id."""
    entry = draft.entry
    assert entry.external_id is not None, "no line without one is read"
    return ExternalId(draft.program_id, draft.partner_id, entry.source, entry.external_id, draft.id, hash_)
