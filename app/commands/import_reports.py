"""What became of a file: counts, the first bad lines as a table, and all of them in a file if one is wanted."""

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.failures import Failure
from domain.imports.lines import BadLine
from domain.imports.reports import Imported

COLUMNS = ("line", "column", "code", "reason", "value")


class Report:
    """Takes up chunk after chunk; prints what became of the file when the import ends, however it ends."""

    def __init__(self, program: str, added: str, path: Path | None, show: int) -> None:
        self.program, self.added, self.path, self.show = program, added, path, show
        self.total = Imported()
        self.first: list[BadLine] = []
        self.problems = 0
        self.seconds = 0.0
        self.file: IO[str] | None = None
        if path is not None and path.suffix.lower() not in {".csv", ".jsonl"}:
            raise Failure(f"{path.name} says neither .csv nor .jsonl: a report is one or the other")

    def __enter__(self) -> Self:
        if self.path is not None:
            self.file = self.path.open("w", encoding="utf-8", newline="")
            if not self._json:
                csv.writer(self.file).writerow(COLUMNS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.file is not None:
            self.file.close()
        if kind is None or self.total.lines:
            self._print()

    @property
    def _json(self) -> bool:
        return self.path is not None and self.path.suffix.lower() == ".jsonl"

    def add(self, done: Imported, seconds: float) -> None:
        """Take up what became of a chunk, so many seconds after the beginning."""
        self.total, self.seconds = self.total + done, seconds
        self.problems += len(done.bad)
        self.first.extend(done.bad[: self.show - len(self.first)])
        if self.file is not None:
            self._write(self.file, done.bad)

    def _write(self, file: IO[str], bad: Sequence[BadLine]) -> None:
        rows = map(_cells, bad)
        if self._json:
            file.writelines(f"{json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False)}\n" for row in rows)
        else:
            csv.writer(file).writerows(rows)

    def _print(self) -> None:
        total, seconds = self.total, self.seconds
        speed = f" in {seconds:,.1f} s, {total.lines / seconds:,.0f} a second" if seconds else ""
        print(f"{self.program}: {total.lines:,} lines read{speed}.")
        counts = (
            (total.added, self.added),
            (total.corrected, "corrected and queued again"),
            (total.known, "known already"),
            (total.repeated, "repeated in the file"),
            (total.bad_lines, "bad line" if total.bad_lines == 1 else "bad lines"),
        )
        for count, name in counts:
            if count or name == self.added:
                print(f"{count:>12,}  {name}")
        if self.first:
            _table(self.first)
            if more := self.problems - len(self.first):
                print(f"… and {more:,} more{'' if self.path else ': --report FILE writes them all down'}.")
        if self.path is not None:
            print(f"All {self.problems:,} problems are in {self.path}.")


def _cells(bad: BadLine) -> tuple[Any, ...]:
    return bad.number, bad.column, bad.problem.code, bad.problem.message, bad.value


def _table(bad: Sequence[BadLine]) -> None:
    table = Table(box=None, pad_edge=False, header_style="")
    table.add_column("LINE", justify="right")
    for name in ("COLUMN", "VALUE", "REASON"):
        table.add_column(name, overflow="fold")
    for each in bad:
        table.add_row(f"{each.number:,}", *map(Text, (each.column, each.value, each.problem.message)))
    width = None if sys.stdout.isatty() else 160
    Console(width=width, highlight=False).print(table)
