"""Scalars of our own: exact numbers, dates and moments, and the attributes that a program defines for itself.

What the stock scalars let through (floats, NaN, 1e999999, naive times) is refused here, once, with a message that says
what would be right. A value that cannot be written is a bug of ours, not of the client.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NewType

import strawberry
from graphql import (
    BooleanValueNode,
    FloatValueNode,
    GraphQLError,
    IntValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)
from strawberry.types.scalar import ScalarDefinition

Points = NewType("Points", Decimal)
"""A number of points as people speak them, with the point type's decimals."""

Attributes = NewType("Attributes", dict[str, Any])
"""Names to plain values; whole numbers are int, all others Decimal."""

MAX_ATTRIBUTES = 100
MAX_NAME = 64
MAX_TEXT = 1000
EXACT_INTEGER = 2**53
"""From here on a reader that keeps numbers in 64-bit floats would lose digits."""

_POINTS = re.compile(r"-?\d{1,20}(\.\d{1,4})?", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,20}(\.\d{1,10})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)


def _refusal(scalar: str, value: object, expected: str) -> GraphQLError:
    shown = value.value if isinstance(value, IntValueNode | FloatValueNode | StringValueNode) else value
    text = type(shown).__name__ if isinstance(shown, ValueNode | dict | list) else repr(shown)
    return GraphQLError(f"{scalar} cannot be {text[:60]}: expected {expected}.")


def _number(scalar: str, pattern: re.Pattern[str], expected: str) -> Callable[[object], Decimal]:
    """A reader of exact numbers: text or a whole number, nothing that has been a float."""

    def read(value: object) -> Decimal:
        if type(value) is str and len(value) <= MAX_NAME and pattern.fullmatch(value):
            return Decimal(value) + 0  # there is no negative zero
        if type(value) is int and abs(value) < 10**20:
            return Decimal(value)
        raise _refusal(scalar, value, expected)

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
    raise _refusal("Date", value, 'a calendar date such as "2026-01-31"')


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
    raise _refusal("DateTime", value, 'a moment with its offset such as "2026-01-31T09:30:00+01:00"')


def write_moment(value: object) -> str:
    if type(value) is not datetime or value.tzinfo is None:
        raise TypeError(f"{value!r} is not a moment with an offset")
    return value.astimezone(UTC).isoformat()


def read_attributes(value: object) -> dict[str, Any]:
    if type(value) is not dict:
        raise _refusal("Attributes", value, 'an object such as {"department": "BAKERY", "weight": 1.5}')
    if len(value) > MAX_ATTRIBUTES:
        raise GraphQLError(f"Attributes has {len(value)} names; at most {MAX_ATTRIBUTES} are allowed.")
    return {_name(name): _attribute(name, one) for name, one in value.items()}


def _name(name: str) -> str:
    if not 1 <= len(name) <= MAX_NAME:
        raise GraphQLError(f"A name of Attributes has {len(name)} characters; 1 to {MAX_NAME} are allowed.")
    return name


def _attribute(name: str, value: object) -> object:
    if value is None or type(value) is bool or (type(value) is str and len(value) <= MAX_TEXT):
        return value
    if type(value) is int and abs(value) < 10**20:
        return value
    # A fraction arrives as Decimal, because JSON is decoded that way: a float would have lost digits already.
    if type(value) is Decimal and value.is_finite() and _DECIMAL.fullmatch(format(value, "f")[:MAX_NAME]):
        return value
    expected = f"a string of at most {MAX_TEXT} characters, a number (20 digits, 10 decimals), a boolean or null"
    raise _refusal(f"The attribute {name!r}", value, expected)


def read_attributes_literal(node: ValueNode, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    if not isinstance(node, ObjectValueNode):
        raise _refusal("Attributes", node, 'an object such as {department: "BAKERY", weight: 1.5}')
    return read_attributes({one.name.value: _literal(one.value, variables or {}) for one in node.fields})


def _literal(node: ValueNode, variables: Mapping[str, Any]) -> object:
    if isinstance(node, VariableNode):
        return variables.get(node.name.value)
    if isinstance(node, NullValueNode):
        return None
    if isinstance(node, IntValueNode):
        return int(node.value[:MAX_NAME])
    if isinstance(node, FloatValueNode):
        return Decimal(node.value[:MAX_NAME])
    return node.value if isinstance(node, StringValueNode | BooleanValueNode) else node


def write_attributes(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{value!r} is not a mapping of names to values")
    return {name: _written(one) for name, one in value.items()}


def _written(value: object) -> object:
    """A JSON number where no reader can lose a digit, else the same number as a string."""
    if type(value) is int:
        return value if abs(value) < EXACT_INTEGER else str(value)
    if type(value) is Decimal:
        return short if Decimal(repr(short := float(value))) == value else format(value, "f")
    if isinstance(value, date | datetime):
        return write_moment(value) if type(value) is datetime else write_date(value)
    return value


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
