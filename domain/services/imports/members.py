"""Importing members: a chunk of lines is one unit of work, a number that is taken names the member that is there."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass

from domain.commands.imports import MembersImport
from domain.commands.member_imports import MemberRow, RowOutcome
from domain.imports.lines import BadLine, Line, bad_lines
from domain.imports.members import COLUMNS, Reading
from domain.imports.reports import Imported
from domain.people import Principal
from domain.services import member_imports
from domain.services.imports.pipeline import Chunk, pipeline
from domain.services.member_enrollment import enrolling_program
from domain.store.database import Database


async def members_import(
    database: Database, actor: Principal, command: MembersImport, lines: Iterable[Line | BadLine]
) -> AsyncGenerator[Imported, None]:
    """Enrol whom the lines describe; yields what became of each chunk once it is committed. Raises Refused before the first."""
    async with database.read() as reader:
        program = await enrolling_program(reader, actor, command.program)
    enrolling = _Enrolling(database, actor, command.program, Reading(program))
    async with aclosing(pipeline(iter(lines), enrolling.read, enrolling.commit)) as chunks:
        async for done in chunks:
            yield done


@dataclass(frozen=True, slots=True)
class _Enrolling:
    """One import."""

    database: Database
    actor: Principal
    program: str
    reading: Reading

    def read(self, line: Line) -> MemberRow | tuple[BadLine, ...]:
        """What a line says, or what is wrong with it by itself."""
        row = self.reading.row(line.values)
        return bad_lines(line, row, COLUMNS) if isinstance(row, list) else row

    async def commit(self, chunk: Chunk[MemberRow]) -> Imported:
        """Enrol who is new in a chunk."""
        rows = [row for _, row in chunk.good]
        results = await member_imports.members_import(self.database, self.actor, self.program, rows)
        bad = list(chunk.bad)
        for (line, _), result in zip(chunk.good, results, strict=True):
            bad.extend(bad_lines(line, result.problems, COLUMNS))
        outcomes = [result.outcome for result in results]
        return Imported(
            lines=chunk.lines,
            added=outcomes.count(RowOutcome.ADDED),
            known=outcomes.count(RowOutcome.SKIPPED),
            bad_lines=len({each.number for each in bad}),
            bad=sorted(bad, key=lambda each: each.number),
        )
