"""`milepost verify`: every invariant of the ledger, row by row, with what breaks it."""

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import with_runtime

if TYPE_CHECKING:
    from app.runtime import Runtime
    from domain.services.verify import Finding


def verify(
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"],
            help="Of members, only those to whom something happened from then on (UTC unless it says otherwise).",
            metavar="MOMENT",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per invariant.")] = False,
    at_once: Annotated[
        int, typer.Option("--at-once", min=1, max=16, help="How many invariants the database is asked at once.")
    ] = 2,
) -> None:
    """Check every invariant of the ledger, and every seal, over all rows. Exit code 1 if one is broken.

    Example: milepost verify --since 2026-11-21
    """
    moment = since if since is None or since.tzinfo is not None else since.replace(tzinfo=UTC)

    async def check(runtime: "Runtime") -> int:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        from domain.services.verify import count
        from domain.services.verify import verify as findings

        broken = 0
        columns = (TextColumn("verifying"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        console = Console(stderr=True)
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            bar = progress.add_task("", total=count())
            async for finding in findings(runtime.database, moment, at_once):
                broken += bool(finding.violations)
                print(_object(finding) if as_json else _line(finding), flush=True)
                if not as_json:
                    for violation in finding.violations:
                        print(f"       {violation}", file=sys.stderr)
                progress.advance(bar)
        return broken

    if with_runtime(check):
        raise typer.Exit(1)


def _line(finding: "Finding") -> str:
    return f"{'BROKEN' if finding.violations else 'ok':<7}{finding.rows:>12,} rows  {finding.invariant.says}"


def _object(finding: "Finding") -> str:
    return json.dumps({
        "invariant": finding.invariant.name, "says": finding.invariant.says, "rows": finding.rows,
        "violations": [
            {"place": each.place, "expected": each.expected, "found": each.found} for each in finding.violations
        ],
    })  # fmt: skip
