"""Cells: from what stands in a file, text or typed, to exact values; whatever cannot be read so says what was expected.

No number is guessed at: `1,5` and `1.000,00` are refused, a floating point number counts as the decimal it shows.
"""

import enum
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

from domain.attributes import AttributeType
from domain.problems import Invalid, Missing, Problem
from domain.values import shown

E = TypeVar("E", bound=enum.Enum)

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_INTEGER = 10**40
_MIDNIGHT = time()


class Unreadable(Exception):
    """A cell that is not what its column holds."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


Read = Callable[[Any], Any]


def read_cells(
    values: Mapping[str, Any],
    readers: Mapping[str, Read],
    problems: list[Problem],
    *path: str,
    other: Read | None = None,
) -> dict[str, Any]:
    """The values of all cells that are not empty, by column; `other` reads columns without a reader of their own.

    A cell that cannot be read is a problem at its place, and counts as empty.
    """
    found: dict[str, Any] = {}
    for column, value in values.items():
        if value is None:
            continue
        try:
            read = readers.get(column) or other or _unknown(readers)
            if (exact := read(value)) is not None:
                found[column] = exact
        except Unreadable as unreadable:
            where = (*path, shown(column))
            problems.append(Invalid(value=shown(str(value)), expected=unreadable.expected, path=where))
    return found


def need(columns: Iterable[str], found: Mapping[str, Any], problems: list[Problem]) -> None:
    """Cells that no line may leave empty; one that could not be read is a problem already."""
    known = {problem.path[0] for problem in problems}
    problems.extend(
        Missing(why="no line can do without it", path=(column,))
        for column in columns
        if column not in found and column not in known
    )


def _unknown(readers: Mapping[str, Read]) -> NoReturn:
    raise Unreadable(f"nothing here, but in {', '.join(readers)}")


def text(value: Any) -> str | None:
    """A text without spaces around it, None if nothing is left; a whole number counts as its digits."""
    if type(value) is str:
        return value.strip() or None
    if type(value) is int:
        return str(value) if abs(value) < _LONGEST_INTEGER else _refuse("a text")
    return _refuse("a text")


def number(value: Any) -> Decimal | None:
    """An exact number."""
    kind = type(value)
    if kind is str:
        stripped = value.strip()
        if _NUMBER.fullmatch(stripped):
            return Decimal(stripped)
        return None if not stripped else _refuse("a number such as 12.50, with a point and no separators")
    if kind is Decimal or kind is int:
        return Decimal(value)
    if kind.__name__ == "float" and value - value == 0:
        return Decimal(repr(value))
    return _refuse("a number such as 12.50")


def day(value: Any) -> date | None:
    """A calendar date; a moment counts if it is midnight of one."""
    if type(value) is str:
        return _day_of(value.strip())
    if type(value) is date:
        return value
    if isinstance(value, datetime) and value.timetz() == _MIDNIGHT:
        return value.date()
    return _refuse("a date such as 2026-01-31, without a time")


def _day_of(stripped: str) -> date | None:
    if not stripped:
        return None
    try:
        if _DAY.fullmatch(stripped):
            return date.fromisoformat(stripped)
    except ValueError:
        pass
    return _refuse("a date such as 2026-01-31")


def flag(value: Any) -> bool | None:
    """True or false."""
    if type(value) is bool:
        return value
    if type(value) is str:
        stripped = value.strip().lower()
        if stripped in {"true", "false", ""}:
            return stripped == "true" if stripped else None
    return _refuse("true or false")


def choice(kind: type[E]) -> Callable[[Any], E | None]:
    """A reader of one of an enumeration, by its name in capitals."""
    members: Mapping[Any, E] = {each.value: each for each in kind}
    expected = f"one of {', '.join(members)}"

    def read(value: Any) -> E | None:
        if type(value) is not str:
            return _refuse(expected)
        stripped = value.strip()
        return members.get(stripped) or (_refuse(expected) if stripped else None)

    return read


def _iso(value: Any) -> str | None:
    """Attributes keep a date as its ISO text."""
    read = day(value)
    return None if read is None else read.isoformat()


def _whole(value: Any) -> Decimal | None:
    read = number(value)
    if read is None or read == read.to_integral_value():
        return read
    return _refuse("a whole number")


def plain(value: Any) -> Any:
    """An attribute that the program does not declare: as it stands, a text without spaces around it."""
    if type(value) is str:
        return value.strip() or None
    if isinstance(value, date):
        return _iso(value)
    return number(value) if type(value).__name__ == "float" else value


ATTRIBUTES: Mapping[AttributeType | None, Read] = {
    AttributeType.TEXT: text,
    AttributeType.NUMBER: number,
    AttributeType.INTEGER: _whole,
    AttributeType.DATE: _iso,
    AttributeType.BOOLEAN: flag,
    None: plain,
}
"""How an attribute is read, by its declared type."""


def items(value: Any) -> list[Any]:
    """A list, whatever is in it."""
    return value if type(value) is list else _refuse("a list")


def lines(value: Any) -> tuple[str, ...] | None:
    """Lines of text: a list, or one text with line breaks."""
    parts = value.splitlines() if type(value) is str else items(value)
    return tuple(filter(None, map(text, parts))) or None


def bag(value: Any) -> Mapping[str, Any]:
    """Values by name, whatever they are."""
    if isinstance(value, Mapping):
        return value
    if type(value) is list and all(type(pair) is tuple and len(pair) == 2 for pair in value):  # noqa: PLR2004
        return dict(value)  # a map of Parquet comes as pairs
    return _refuse("an object")


def _refuse(expected: str) -> NoReturn:
    raise Unreadable(expected)
