"""CSV: a header and records, separated by comma, semicolon or tab as the header shows; values may be quoted and span lines.

A quote that is never closed costs its own line only: what it swallowed is read again, line by line.
"""

import csv
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from domain.imports.lines import BadLine, Layout, Line
from domain.imports.problems import BrokenQuotes, EmptyFile, LineTooLong, NotInThisFormat, WrongFieldCount
from domain.problems import Problem, Refused
from domain.services.imports.files.lines import check_columns
from domain.services.imports.files.text import LONGEST_LINE, Physical, TextFile

SEPARATORS = ",;\t"


class Unreadable(Exception):
    """A physical line that is no text."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class Records:
    """Feeds the csv module line by line, and remembers of which lines the current record is made."""

    def __init__(self, text: TextFile) -> None:
        self.text = text
        self.again: deque[Physical] = deque()
        self.record: list[Physical] = []
        self.size = 0

    def begin(self) -> None:
        """A new record begins with the next line."""
        self.record.clear()
        self.size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.again.popleft() if self.again else self.text.next()
        if line is None:
            raise StopIteration
        self.record.append(line)
        _, content, size = line
        self.size += size
        if not isinstance(content, str):
            raise Unreadable(content)
        if self.size > LONGEST_LINE:
            raise Unreadable(LineTooLong(limit=LONGEST_LINE))
        return content

    def give_up(self, problem: Problem) -> BadLine:
        """The first line of the record is bad; those that it swallowed come again."""
        first, *swallowed = self.record
        self.again.extendleft(reversed(swallowed))
        return BadLine(first[0], BrokenQuotes(reason="a quote is not closed") if swallowed else problem)


class CsvFile:
    """An open CSV file."""

    unit = "bytes"

    def __init__(self, source: Path | bytes, layout: Layout) -> None:
        csv.field_size_limit(LONGEST_LINE)
        self.text = TextFile(source)
        self.size = self.text.size
        self.records = Records(self.text)
        try:
            columns = self._header(layout)
        except BaseException:
            self.close()
            raise
        self.width = len(columns)
        self.plain = [(name, place) for place, name in enumerate(columns) if name in layout.plain]
        self.bags = _bags(columns, layout)

    @property
    def position(self) -> int:
        """Bytes read so far."""
        return self.text.position

    def _header(self, layout: Layout) -> list[str]:
        try:
            first = next(self.records)
            self.records.again.append(self.records.record[0])
            self.records.begin()
            separator = max(SEPARATORS, key=first.count)
            self.reader = csv.reader(self.records, strict=True, delimiter=separator)
            columns = [name.strip() for name in next(self.reader)]
        except Unreadable as unreadable:
            raise Refused(unreadable.problem.at("header")) from None
        except (csv.Error, StopIteration) as error:
            raise Refused(BrokenQuotes(reason=f"in the header, {error}")) from None
        if not any(columns):
            raise Refused(EmptyFile())
        if unfit := tuple(name for name in columns if name in layout.lists or name in layout.bags):
            raise Refused(NotInThisFormat(columns=unfit))
        check_columns(columns, layout)
        return columns

    def __iter__(self) -> Iterator[Line | BadLine]:
        records = self.records
        while True:
            records.begin()
            try:
                fields = next(self.reader)
            except StopIteration:
                return
            except Unreadable as unreadable:
                yield records.give_up(unreadable.problem)
            except csv.Error as error:
                yield records.give_up(BrokenQuotes(reason=str(error)))
            else:
                if fields:
                    yield self._line(fields)

    def _line(self, fields: Sequence[str]) -> Line | BadLine:
        number = self.records.record[0][0]
        if len(fields) != self.width:
            return BadLine(number, WrongFieldCount(found=len(fields), expected=self.width))
        values: dict[str, Any] = {name: value for name, place in self.plain if (value := fields[place])}
        for bag, places in self.bags.items():
            values[bag] = {name: value for name, place in places if (value := fields[place])}
        return Line(number, values, self.records.size)

    def close(self) -> None:
        """Give the file back."""
        self.text.close()


def _bags(columns: Sequence[str], layout: Layout) -> Mapping[str, list[tuple[str, int]]]:
    """The columns of each bag, by the name within it, with their places."""
    found: dict[str, list[tuple[str, int]]] = {}
    for place, column in enumerate(columns):
        if (where := layout.place(column)) is not None and where[1] is not None:
            found.setdefault(where[0], []).append((where[1], place))
    return found
