"""Attributes: what a program defines for itself, as an object of names to plain values.

Numbers stay exact both ways: whole ones are int, all others Decimal; one that a 64-bit float cannot hold is written as a
string.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NewType

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

from schema.refusals import refusal

Attributes = NewType("Attributes", dict[str, Any])
"""Names to plain values; whole numbers are int, all others Decimal."""

MAX_ATTRIBUTES = 100
MAX_NAME = 64
MAX_TEXT = 1000
MAX_DIGITS = 20
"""Before the decimal point."""
MAX_DECIMALS = 10
EXACT_INTEGER = 2**53
"""From here on a reader that keeps numbers in 64-bit floats would lose digits."""


def read_attributes(value: object) -> dict[str, Any]:
    if type(value) is not dict:
        raise refusal("Attributes", value, 'an object such as {"department": "BAKERY", "weight": 1.5}')
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
    if type(value) is int and abs(value) < 10**MAX_DIGITS:
        return value
    # A fraction arrives as Decimal, because JSON is decoded that way: a float would have lost digits already.
    if type(value) is Decimal and _is_bounded(value):
        return Decimal(format(value, "f"))  # 1.5e1 is 15
    expected = f"a string of at most {MAX_TEXT} characters, a number ({MAX_DIGITS} digits, {MAX_DECIMALS} decimals), a boolean or null"
    raise refusal(f"The attribute {name!r}", value, expected)


def _is_bounded(value: Decimal) -> bool:
    """Checked on the exponent: written out, 1e999999999 would fill the memory."""
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MAX_DECIMALS and value.adjusted() < MAX_DIGITS


def read_attributes_literal(node: ValueNode, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    if not isinstance(node, ObjectValueNode):
        raise refusal("Attributes", node, 'an object such as {department: "BAKERY", weight: 1.5}')
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
        return value.isoformat()
    return value
