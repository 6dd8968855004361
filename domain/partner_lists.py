"""Lists of partners for a mass update: codes one by one, or a CSV file with a column `partner`."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from domain.commands.memberships import MAX_PARTNERS
from domain.problems import Invalid, Missing, Problem, Refused, TooMany
from domain.values import shown

COLUMN = "partner"
SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class Named:
    """A partner as a row of a mass update names it; `row`: its place in the list, or its line in the file, from 1."""

    row: int
    code: str


def named(partners: Sequence[str] | None, text: str | None, *path: str) -> tuple[Named, ...]:
    """The rows of a mass update; raises Refused for a list that is wrong as a whole."""
    if partners is not None and text is not None:
        raise Refused(Invalid(value=shown(text), expected="nothing here: `partners` names them", path=(*path, "csv")))
    if partners is None and text is None:
        raise Refused(Missing(why="give either `partners` or `csv`", path=(*path, "partners")))
    if text is None:
        place, rows = "partners", [Named(row, code) for row, code in enumerate(partners or (), 1)]
    else:
        place, rows = "csv", list(_of_csv(text, (*path, "csv")))
    if len(rows) > MAX_PARTNERS:
        raise Refused(TooMany(what="partners", limit=MAX_PARTNERS, found=len(rows), path=(*path, place)))
    if not rows:
        raise Refused(Missing(why="the list names no partner", path=(*path, place)))
    return tuple(rows)


def _of_csv(text: str, path: tuple[str, ...]) -> Iterator[Named]:
    """Blank lines are skipped; a row that is too short names nobody, and is refused by itself."""
    header = text.removeprefix("\N{BYTE ORDER MARK}").lstrip("\r\n").partition("\n")[0]
    separator = max(SEPARATORS, key=header.count)
    lines = csv.reader(StringIO(text.removeprefix("\N{BYTE ORDER MARK}"), newline=""), delimiter=separator, strict=True)
    try:
        place = None
        for fields in lines:
            if not any(field.strip() for field in fields):
                continue
            if place is None:
                place = _place([field.strip() for field in fields], path)
            else:
                yield Named(lines.line_num, fields[place].strip() if place < len(fields) else "")
    except csv.Error as error:
        raise Refused(_broken(f"line {lines.line_num}: {error}", path)) from None


def _place(columns: Sequence[str], path: tuple[str, ...]) -> int:
    if COLUMN not in columns:
        found = shown(", ".join(columns))
        raise Refused(Invalid(value=found, expected=f"a header with a column {COLUMN!r}", path=path))
    return columns.index(COLUMN)


def _broken(reason: str, path: tuple[str, ...]) -> Problem:
    return Invalid(value=shown(reason), expected="a CSV file whose quotes are closed", path=path)
