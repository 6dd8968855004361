"""`milepost simulate`: what a file of transactions would come to, or what processed ones would, under the rules of now or of drafts.

Nothing is written: all of it is worked in memory, by the same engine.
"""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import Program, a_day, counted, with_runtime
from app.commands.importing import As, Format, Partner, ReportTo, Shown, Source, Who, read_file, report_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from app.files import LineFile
    from app.runtime import Runtime
    from domain.commands.simulations import FileSimulate, ProcessedSimulate
    from domain.imports.reports import Imported
    from domain.people import Principal
    from domain.simulations import Compared, Totals

File = Annotated[
    Path | None, typer.Argument(exists=True, dir_okay=False, readable=True, show_default=False, help="As for import.")
]
AsOf = Annotated[
    datetime | None, typer.Option(parser=a_day, metavar="DATE", help="As if now were noon (UTC) of that day.")
]
Drafts = Annotated[
    list[str] | None, typer.Option("--draft", metavar="CODE", help="A promotion that is not active, as if it were.")
]
Processed = Annotated[
    bool, typer.Option("--processed", help="Instead of a file: accruals that were processed already.")
]
From = Annotated[
    datetime | None, typer.Option("--from", parser=a_day, metavar="DATE", help="The first transaction date.")
]
Through = Annotated[datetime | None, typer.Option(parser=a_day, metavar="DATE", help="The last transaction date.")]


def simulate(
    file: File = None,
    *,
    program: Program,
    as_of: AsOf = None,
    draft: Drafts = None,
    processed: Processed = False,
    from_: From = None,
    through: Through = None,
    source: Source = None,
    partner: Partner = None,
    as_: As = None,
    format: Format = None,
    report: ReportTo = None,
    show: Shown = 20,
) -> None:
    """Work a file of transactions without writing anything, and print what they would come to.

    With --processed: accruals that were processed already are worked once more under the rules of now, or of drafts, beside
    what they came to then. Compared are outcome, base points, paid awards and changes of attributes. Each finds its member as
    it was then, but for the profile; what an earlier one changes, later ones see.

    Example: milepost simulate baskets.csv --program GROCER --draft SUMMER

    Example: milepost simulate --processed --program GROCER --from 2026-01-01 --through 2026-03-31
    """
    from domain.commands.simulations import FileSimulate, ProcessedSimulate

    drafts = tuple(draft or ())
    if processed:
        _refuse_beside("--processed", {"FILE": file, "--as-of": as_of})
        first, last = (from_.date() if from_ else date.min), (through.date() if through else date.max)
        _processed(ProcessedSimulate(program=program, draft_promotions=drafts, from_date=first, through_date=last))
        return
    _refuse_beside("a file", {"--from": from_, "--through": through})
    if file is None:
        raise typer.BadParameter("name a file, or say --processed")
    moment = datetime.combine(as_of.date(), time(12), UTC) if as_of else None
    command = FileSimulate(program=program, source=source, partner=partner, as_of=moment, draft_promotions=drafts)
    _file(command, file, format=format, subject=as_, path=report, show=show)


def _refuse_beside(what: str, given: dict[str, object]) -> None:
    if names := [name for name, value in given.items() if value is not None]:
        raise typer.BadParameter(f"{' and '.join(names)} cannot be given with {what}")


def _file(
    command: "FileSimulate",
    file: Path,
    *,
    format: str | None,
    subject: str | None,
    path: Path | None,
    show: int,
) -> None:
    """Exit code 1 if some lines were bad."""
    from domain.imports.transactions import LAYOUT
    from domain.services.simulations.files import file_simulate
    from domain.simulations import Totals

    totals = Totals()

    def begin(runtime: "Runtime", actor: "Principal", lines: "LineFile") -> "AsyncGenerator[Imported, None]":
        return file_simulate(runtime.database, runtime.programs, actor, command, lines, totals=totals)

    report = report_of(command.program, "simulated", path, show)
    read_file(begin, report, file, LAYOUT, format=format, who=Who(subject))
    print("Nothing was written. They would come to:")
    for (_, name), points in sorted(_rows(totals).items()):
        print(f"{points:>14}  {name}")
    if report.total.bad_lines:
        raise typer.Exit(1)


def _processed(command: "ProcessedSimulate") -> None:
    async def work(runtime: "Runtime") -> "Compared | None":
        from app.progress import watched
        from domain.people import ENGINE
        from domain.services.simulations import processed_simulate

        chunks = processed_simulate(runtime.database, runtime.programs, ENGINE, command)
        return await watched(chunks, f"Simulating {command.program}", None, lambda found: found.transactions)

    found = with_runtime(work)
    if found is None or not found.transactions:
        print(f"{command.program}: no accruals were processed.")
        return
    worked = counted(found.transactions, "accrual")
    print(f"{command.program}: {worked} simulated; {found.differ:,} would differ. Nothing was written.")
    then, now = _rows(found.then), _rows(found.now)
    print(f"{'then':>14}{'now':>14}")
    for key in sorted(then | now):
        print(f"{then.get(key, '0'):>14}{now.get(key, '0'):>14}  {key[1]}")


Row = tuple[int, str]
"""What is counted, after all that comes before it: outcomes, point types given and taken, promotions."""


def _rows(totals: "Totals") -> dict[Row, str]:
    """How many of each."""
    return {
        **{(0, name): f"{count:,}" for name, count in totals.outcomes.items()},
        **{(1, f"{name} given"): f"{points:,f}" for name, points in totals.given.items()},
        **{(2, f"{name} taken"): f"{points:,f}" for name, points in totals.taken.items()},
        **{(3, f"{each[1]} given by {each[0]}"): f"{points:,f}" for each, points in totals.by_promotion.items()},
    }
