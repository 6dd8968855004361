"""`milepost verify`: every invariant of the ledger, row by row, with what breaks it."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import with_runtime

if TYPE_CHECKING:
    from app.runtime import Runtime
    from domain.replays import Replayed
    from domain.services.verify import Finding


REPLAYED = "Every decision, made again under the program version that it names, gives the same."


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
    replay: Annotated[
        bool,
        typer.Option("--replay", help="Also run every stored decision again, under the program version that it names."),
    ] = False,
    at_once: Annotated[
        int, typer.Option("--at-once", min=1, max=16, help="How many invariants the database is asked at once.")
    ] = 2,
) -> None:
    """Check every invariant of the ledger, and every seal, over all rows. Exit code 1 if one is broken.

    Example: milepost verify --replay --since 2026-11-21
    """
    moment = since if since is None or since.tzinfo is not None else since.replace(tzinfo=UTC)

    async def check(runtime: "Runtime") -> int:
        from domain.services.verify import count
        from domain.services.verify import verify as findings

        broken = 0
        with _progress("verifying") as advance:
            async for finding in findings(runtime.database, moment, at_once):
                broken += bool(finding.violations)
                print(_object(finding) if as_json else _line(finding), flush=True)
                if not as_json:
                    _name(finding.violations)
                advance(1, count())
        return broken + (await _replayed(runtime, moment, as_json=as_json) if replay else 0)

    if with_runtime(check):
        raise typer.Exit(1)


async def _replayed(runtime: "Runtime", moment: datetime | None, *, as_json: bool) -> int:
    """Run decisions again and print what that found; how many of them differ."""
    from domain.services.replays import replay

    with _progress("replaying") as advance:
        seen = 0
        async for found in replay(runtime.database, moment):
            advance(found.seen - seen, found.all)
            seen = found.seen
    if as_json:
        print(_replayed_object(found))
        return found.differ
    print(f"{'BROKEN' if found.differ else 'ok':<7}{found.compared:>12,} rows  {REPLAYED}")
    for reason, number in sorted(found.incomparable.items(), key=lambda each: each[0].value):
        print(f"{'':<7}{number:>12,} rows  not comparable: {reason.value}")
    _name(found.differences)
    return found.differ


Advance = Callable[[int, int], None]
"""Takes how many more are done, and of how many in all."""


@contextmanager
def _progress(what: str) -> Iterator[Advance]:
    """A bar on standard error, where somebody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=None)
        yield lambda more, everything: progress.update(bar, advance=more, total=everything)


def _name(violations: Iterable[object]) -> None:
    for each in violations:
        print(f"       {each}", file=sys.stderr)


def _line(finding: "Finding") -> str:
    return f"{'BROKEN' if finding.violations else 'ok':<7}{finding.rows:>12,} rows  {finding.invariant.says}"


def _object(finding: "Finding") -> str:
    return json.dumps({
        "invariant": finding.invariant.name, "says": finding.invariant.says, "rows": finding.rows,
        "violations": [
            {"place": each.place, "expected": each.expected, "found": each.found} for each in finding.violations
        ],
    })  # fmt: skip


def _replayed_object(found: "Replayed") -> str:
    return json.dumps({
        "invariant": "replay", "says": REPLAYED, "rows": found.compared,
        "violations": [
            {"place": each.place, "expected": each.expected, "found": each.found} for each in found.differences
        ],
        "differ": found.differ,
        "notComparable": {reason.value: number for reason, number in sorted(
            found.incomparable.items(), key=lambda each: each[0].value
        )},
    })  # fmt: skip
