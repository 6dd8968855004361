"""Simulating a file: read and checked as an import does it, then worked member by member as the batch engine would.

Nothing is written, and only a part of the file is in memory at a time: lines are put aside by external id, to find those that
are known or repeated, then by member. A promotion's limit in all is used up in the order in which members are worked.
"""

from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import count, groupby
from zlib import crc32

from domain.calendars import business_date
from domain.commands.imports import TransactionsImport
from domain.commands.simulations import FileSimulate
from domain.drafts import Draft
from domain.engine import EngineProgram, Outcomes
from domain.imports.lines import BadLine, Line, bad_lines
from domain.imports.reports import Imported
from domain.imports.transactions import COLUMNS, Reading
from domain.people import Principal
from domain.problems import NotAllowed, Refused
from domain.services import touching, working
from domain.services.approvers import person_of
from domain.services.engine_programs import EnginePrograms
from domain.services.imports.naming import Importer, drafts_of
from domain.services.imports.pipeline import Chunk, pipeline
from domain.services.imports.recording import Recording, Said, claim_of
from domain.services.imports.repeats import sort_out
from domain.services.imports.transactions import for_partner
from domain.services.posting import drafting
from domain.services.simulations.spool import Spool
from domain.services.simulations.totals import add_outcomes, codes_of
from domain.services.simulations.under import moment_of, program_under
from domain.simulations import Totals
from domain.store import promotion_usage, snapshots
from domain.store.database import Database
from domain.store.transactions import as_stored
from domain.transactions import Type

AT_ONCE = 2_000
"""About so many transactions are worked at a time; those of one member always together."""


@dataclass(frozen=True, slots=True)
class Named:
    """A good line that names only what exists."""

    line: Line
    draft: Draft
    content_hash: bytes


async def file_simulate(
    database: Database,
    programs: EnginePrograms,
    actor: Principal,
    command: FileSimulate,
    lines: Iterable[Line | BadLine],
    *,
    totals: Totals,
) -> AsyncGenerator[Imported, None]:
    """Work what the lines say; yields what would become of them, and adds up in `totals` what they come to."""
    trial = await _begin(database, programs, actor, command, totals)
    with Spool[Named]() as by_id, Spool[Draft]() as by_member:
        async with aclosing(
            pipeline(iter(lines), trial.recording.read, lambda chunk: trial.name(chunk, by_id))
        ) as chunks:
            async for done in chunks:
                yield done
        for part in by_id.parts():
            yield await trial.sort_out(part, by_member)
        for drafts in by_member.parts():
            await trial.work(drafts)


async def _begin(
    database: Database, programs: EnginePrograms, actor: Principal, command: FileSimulate, totals: Totals
) -> "Trial":
    if actor.scope.member_id is not None:
        raise Refused(NotAllowed(why="members do not simulate files"))
    program = await program_under(database, programs, actor, command)
    said = TransactionsImport(program=command.program, source=command.source, partner=command.partner)
    async with database.snapshot() as reader:
        said = await for_partner(reader, actor, said)
        now = await moment_of(database, reader, command)
        importer = Importer(program, actor, await person_of(reader, actor))
        paid = await promotion_usage.totals(reader, program.capped)
    today = business_date(now, program.program.time_zone)
    reading = Reading(program.program, program.default.code, said, today)
    return Trial(Recording(database, importer, reading, working.MADE_UP), now, totals, dict(paid))


@dataclass(slots=True)
class Trial:
    """One simulation of a file. `recording` is the import as it would be; `paid`: by promotions with a limit in all; `left`: of blocks."""

    recording: Recording
    now: datetime
    totals: Totals
    paid: dict[int, Decimal]
    left: dict[int, int] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(working.MADE_UP))

    @property
    def program(self) -> EngineProgram:
        """Under which rules."""
        return self.recording.importer.program

    async def name(self, chunk: Chunk[Said], by_id: Spool[Named]) -> Imported:
        """Find what a chunk of lines names, and put aside what is good of it."""
        entries = [said.entry for _, said in chunk.good]
        ids = [next(self.numbers) for _ in entries]
        async with self.recording.database.snapshot() as reader:
            found = await drafts_of(reader, self.recording.importer, entries, ids, self.now)
        bad = list(chunk.bad)
        for (line, said), each in zip(chunk.good, found, strict=True):
            if isinstance(each, Draft):
                draft = replace(each, entry=as_stored(each.entry))
                by_id.put(crc32(str(said.entry.external_id).encode()), Named(line, draft, said.content_hash))
            else:
                bad.extend(bad_lines(line, each, COLUMNS))
        return _imported(bad, lines=chunk.lines)

    async def sort_out(self, lines: Sequence[Named], by_member: Spool[Draft]) -> Imported:
        """Put aside what is new of these lines, by member. To claim their external ids is a rehearsal, too."""
        drafts = {place: each.draft for place, each in enumerate(lines)}
        claims = {place: claim_of(each.draft, each.content_hash) for place, each in enumerate(lines)}
        async with self.recording.database.rehearse() as writer:
            found = await sort_out(writer, self.program, drafts, claims, self.recording.first)
        for place in (*found.new, *found.corrections):
            by_member.put(drafts[place].member_id, drafts[place])
        bad = [each for place, why in found.refused.items() for each in bad_lines(lines[place].line, [why], COLUMNS)]
        return _imported(
            bad, added=len(found.new), known=found.known, repeated=found.repeated, corrected=len(found.corrections)
        )

    async def work(self, drafts: Sequence[Draft]) -> None:
        """Let the engine work these, each member's in the order of their dates and numbers, and add up what they come to."""
        ordered = sorted(drafts, key=lambda each: (each.member_id, each.transaction_date, each.id))
        codes = codes_of(self.program)
        for chunk in _chunks(ordered):
            done = await self._tried(chunk)
            self.paid.update(done.paid)
            self.left.update(done.left)
            add_outcomes(self.totals, self.program, codes, done.outcomes)

    async def _tried(self, drafts: Sequence[Draft]) -> Outcomes:
        program, today = self.program, business_date(self.now, self.program.program.time_zone)
        spenders = {draft.member_id for draft in drafts if draft.entry.type is Type.REDEMPTION}
        async with self.recording.database.snapshot() as reader:
            names = await drafting.named(reader, program, [draft.entry for draft in drafts])
            entries = [drafting.entry_of(draft, names, today) for draft in drafts]
            members = {draft.member_id for draft in drafts}
            parents = await touching.parents(reader, program, members)
            back = {each for entry in entries if entry.original is not None for each in entry.original.members}
            rows = await snapshots.member_rows(reader, members.union(parents.values(), back))
            loaded = await working.load(reader, program, rows, spenders, self.now, whole=True)
            return await working.tried(reader, loaded, entries, self.paid, self.left)


def _chunks(ordered: Sequence[Draft]) -> Iterator[list[Draft]]:
    chunk: list[Draft] = []
    for _, mine in groupby(ordered, key=lambda each: each.member_id):
        chunk.extend(mine)
        if len(chunk) >= AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _imported(bad: Sequence[BadLine], **counts: int) -> Imported:
    numbers = {each.number for each in bad}
    return Imported(bad_lines=len(numbers), bad=sorted(bad, key=lambda each: each.number), **counts)
