"""Scalars of our own: exact numbers, dates and moments (and attributes, which have a module of their own).

What the stock scalars let through (floats, NaN, 1e999999, naive times) is refused here, once, with a message that says
what would be right. A value that cannot be written is a bug of ours, not of the client.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NewType

import strawberry
from graphql import (
    IntValueNode,
    StringValueNode,
    ValueNode,
)
from strawberry.types.scalar import ScalarDefinition

from schema.attributes import Attributes, read_attributes, read_attributes_literal, write_attributes
from schema.refusals import refusal

__all__ = [
    "SCALARS",
    "Attributes",
    "Points",
    "read_date",
    "read_decimal",
    "read_moment",
    "read_points",
    "write_attributes",
    "write_date",
    "write_moment",
    "write_number",
]

Points = NewType("Points", Decimal)
"""A number of points as people speak them, with the point type's decimals."""

MAX_DIGITS = 64

_POINTS = re.compile(r"-?\d{1,20}(\.\d{1,4})?", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,20}(\.\d{1,10})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)


def _number(scalar: str, pattern: re.Pattern[str], expected: str) -> Callable[[object], Decimal]:
    """A reader of exact numbers: text or a whole number, nothing that has been a float."""

    def read(value: object) -> Decimal:
        if type(value) is str and len(value) <= MAX_DIGITS and pattern.fullmatch(value):
            return Decimal(value) + 0  # there is no negative zero
        if type(value) is int and abs(value) < 10**20:
            return Decimal(value)
        raise refusal(scalar, value, expected)

    return read


read_points = _number("Points", _POINTS, 'a string such as "1500" or "40.32" (at most 4 decimals), or an integer')
read_decimal = _number("Decimal", _DECIMAL, 'a string such as "12.50" (at most 10 decimals), or an integer')


def read_number_literal(read: Callable[[object], Decimal]) -> Callable[..., Decimal]:
    """The same for a literal of a document, from its text: no literal is ever a float either."""

    def read_literal(node: ValueNode, _variables: object = None) -> Decimal:
        return read(node.value if isinstance(node, IntValueNode | StringValueNode) else node)

    return read_literal


def write_number(value: object) -> str:
    if type(value) is not Decimal or not value.is_finite():
        raise TypeError(f"{value!r} is not an exact number")
    return format(value, "f")


def read_date(value: object) -> date:
    if type(value) is str and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise refusal("Date", value, 'a calendar date such as "2026-01-31"')


def write_date(value: object) -> str:
    if type(value) is not date:
        raise TypeError(f"{value!r} is not a date")
    return value.isoformat()


def read_moment(value: object) -> datetime:
    if type(value) is str and _MOMENT.fullmatch(value):
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise refusal("DateTime", value, 'a moment with its offset such as "2026-01-31T09:30:00+01:00"')


def write_moment(value: object) -> str:
    if type(value) is not datetime or value.tzinfo is None:
        raise TypeError(f"{value!r} is not a moment with an offset")
    return value.astimezone(UTC).isoformat()


def _exact(name: str, description: str, read: Callable[[object], Decimal]) -> ScalarDefinition:
    return strawberry.scalar(
        name=name,
        description=description,
        serialize=write_number,
        parse_value=read,
        parse_literal=read_number_literal(read),
    )


SCALARS: dict[object, ScalarDefinition] = {
    Points: _exact(
        "Points",
        "An exact number of points as a string, with the decimals of its point type: `1500`, `40.32`. "
        "Input takes a string or an integer, never a float.",
        read_points,
    ),
    Decimal: _exact("Decimal", "An exact number as a string. Input takes a string or an integer.", read_decimal),
    date: strawberry.scalar(
        name="Date",
        description="A calendar date in the time zone of its program: `2026-01-31`.",
        serialize=write_date,
        parse_value=read_date,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment: written in UTC, `2026-01-31T08:30:00+00:00`; input needs an offset.",
        serialize=write_moment,
        parse_value=read_moment,
    ),
    Attributes: strawberry.scalar(
        name="Attributes",
        description="An object of names to strings, numbers, booleans or null. Numbers are exact: one that a 64-bit "
        "float cannot hold is written as a string.",
        serialize=write_attributes,
        parse_value=read_attributes,
        parse_literal=read_attributes_literal,
    ),
}
"""Python type -> the scalar that shows it."""
