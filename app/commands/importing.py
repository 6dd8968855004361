"""`milepost import transactions FILE` and `milepost import members FILE`: good lines are kept, bad ones are reported.

The same file again adds nothing, so whoever is interrupted, or has corrected some lines, simply imports it again.
"""

import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import Program, with_runtime, writable

if TYPE_CHECKING:
    from app.commands.import_reports import Report
    from app.files import LineFile
    from app.runtime import Runtime
    from domain.imports.lines import Layout
    from domain.imports.reports import Imported
    from domain.people import Principal

app = typer.Typer(no_args_is_help=True, help="Bring in files of transactions or members: CSV, JSON Lines or Parquet.")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, show_default=False)]
Format = Annotated[
    str | None, typer.Option(metavar="csv|jsonl|parquet", help="What the file is, if its name does not say.")
]
Source = Annotated[
    str | None, typer.Option(metavar="NAME", help="Where the file comes from; external ids are unique per source.")
]
Partner = Annotated[str | None, typer.Option(metavar="CODE", help="The partner whose activities these are.")]
As = Annotated[str | None, typer.Option("--as", metavar="SUBJECT", help="Whose limits cover what needs approval.")]
Token = Annotated[
    str | None,
    typer.Option(
        "--token", envvar="MILEPOST_TOKEN", metavar="TOKEN", help="A token or API key: the file is its holder's."
    ),
]
ReportTo = Annotated[
    Path | None,
    typer.Option("--report", callback=writable, metavar="FILE", help="All bad lines, as .csv or .jsonl."),
]
Shown = Annotated[int, typer.Option("--show", min=0, help="So many bad lines are printed.")]


@app.command()
def transactions(
    file: File,
    *,
    program: Program,
    source: Source = None,
    partner: Partner = None,
    as_: As = None,
    token: Token = None,
    format: Format = None,
    report: ReportTo = None,
    show: Shown = 20,
) -> None:
    """Queue the transactions of a file for the batch engine: milepost process --program CODE.

    Example: milepost import transactions baskets.csv --program GROCER --source till
    """
    from domain.commands.imports import TransactionsImport
    from domain.imports.transactions import LAYOUT
    from domain.services.imports import transactions_import

    command = TransactionsImport(program=program, source=source, partner=partner)

    def begin(runtime: "Runtime", actor: "Principal", lines: "LineFile") -> "AsyncGenerator[Imported, None]":
        return transactions_import(runtime.database, runtime.programs, actor, command, lines)

    _import(begin, report_of(program, "queued", report, show), file, LAYOUT, format=format, who=Who(as_, token))


@app.command()
def members(
    file: File,
    *,
    program: Program,
    as_: As = None,
    format: Format = None,
    report: ReportTo = None,
    show: Shown = 20,
) -> None:
    """Enrol the members of a file. Members who are there already are never changed.

    Example: milepost import members members.csv --program GROCER
    """
    from domain.commands.imports import MembersImport
    from domain.imports.members import LAYOUT
    from domain.services.imports import members_import

    command = MembersImport(program=program)

    def begin(runtime: "Runtime", actor: "Principal", lines: "LineFile") -> "AsyncGenerator[Imported, None]":
        return members_import(runtime.database, actor, command, lines)

    _import(begin, report_of(program, "enrolled", report, show), file, LAYOUT, format=format, who=Who(as_))


@dataclass(frozen=True, slots=True)
class Who:
    """In whose name a file comes: a person's, by their subject, or that of whoever holds a token; else the engine's."""

    subject: str | None = None
    token: str | None = None


Begin = Callable[["Runtime", "Principal", "LineFile"], "AsyncGenerator[Imported, None]"]


def report_of(program: str, added: str, path: Path | None, show: int) -> "Report":
    """Counts as they come, and the bad lines."""
    from app.commands.import_reports import Report

    return Report(program, added, path, show)


def _import(
    begin: Begin,
    report: "Report",
    path: Path,
    layout: "Layout",
    *,
    format: str | None,
    who: Who,
) -> None:
    """Import a file, and say what became of it; exit code 1 if some lines were bad."""
    read_file(begin, report, path, layout, format=format, who=who)
    if report.total.bad_lines:
        raise typer.Exit(1)


def read_file(
    begin: Begin,
    report: "Report",
    path: Path,
    layout: "Layout",
    *,
    format: str | None,
    who: Who,
) -> None:
    """Read a file to its end, and print what became of its lines."""

    async def work(runtime: "Runtime") -> None:
        from contextlib import aclosing

        from app.files import open_lines
        from app.files.progress import reading
        from app.memory import rare_collections

        actor = await _actor(runtime, who)
        with (
            rare_collections(),
            open_lines(path, layout, format) as lines,
            report,
            reading(path.name, lines) as advance,
        ):
            began = time.perf_counter()
            async with aclosing(begin(runtime, actor, lines)) as chunks:
                async for done in chunks:
                    report.add(done, time.perf_counter() - began)
                    advance(report.total.lines)

    with_runtime(work)


async def _actor(runtime: "Runtime", who: Who) -> "Principal":
    """The engine, the person in whose name the file comes, or whose token it is."""
    from app.failures import Failure
    from app.identity import principal_of
    from domain.people import ENGINE
    from domain.services.people import person_of_subject

    if who.token is not None:
        return await _holder(runtime, who)
    if who.subject is None:
        return ENGINE
    person = await person_of_subject(runtime.database, who.subject)
    if person is None or not person.active:
        raise Failure(f"there is nobody active called {who.subject!r}")
    return principal_of(person)


async def _holder(runtime: "Runtime", who: Who) -> "Principal":
    from app.api import identity_on
    from app.failures import Failure
    from app.identity import Unauthorized

    if who.subject is not None:
        raise Failure("--as and --token both say whose file this is: give one of them")
    try:
        return await identity_on(runtime.settings, runtime.database).principal(f"Bearer {who.token}")
    except Unauthorized as refused:
        raise Failure(str(refused)) from None
