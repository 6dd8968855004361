"""Lines for tests, as a reader of files would give them, and their import to the end."""

from collections.abc import Iterable
from typing import Any

from domain.commands.imports import TransactionsImport
from domain.imports.lines import BadLine, Line
from domain.imports.reports import Imported
from domain.people import ENGINE, Principal
from domain.programs import Program
from domain.services.engine_programs import EnginePrograms
from domain.services.imports import transactions_import
from domain.store.database import Database

USUAL = {"member_number": "1001", "type": "ACCRUAL", "transaction_date": "2026-01-05"}


def a_line(number: int, external_id: str | None = "A", **values: Any) -> Line:
    """A line of a file of transactions: an accrual of member 1001, unless it says otherwise."""
    return Line(number, {"external_id": external_id, **USUAL, **values})


async def importing(
    database: Database,
    program: Program,
    *lines: Line | BadLine,
    actor: Principal = ENGINE,
    **command: Any,
) -> tuple[Imported, list[BadLine]]:
    """What became of the lines together, and which were bad."""
    return await import_all(database, program, lines, actor, **command)


async def import_all(
    database: Database,
    program: Program,
    lines: Iterable[Line | BadLine],
    actor: Principal = ENGINE,
    **command: Any,
) -> tuple[Imported, list[BadLine]]:
    """The same for any number of lines."""
    total, bad = Imported(), list[BadLine]()
    said = TransactionsImport(program=program.code, **command)
    async for done in transactions_import(database, EnginePrograms(), actor, said, lines):
        total += done
        bad.extend(done.bad)
    return total, bad


def places(bad: Iterable[BadLine]) -> list[tuple[int, str, str]]:
    """Where each problem is, and its code."""
    return [(each.number, each.column, each.problem.code) for each in bad]
