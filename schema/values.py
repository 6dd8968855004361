"""One plain value, such as a criterion compares with: text, an exact number, true or false. A date is ISO text."""

from collections.abc import Mapping
from typing import Any, NewType

import strawberry
from graphql import NameNode, ObjectFieldNode, ObjectValueNode, ValueNode

from schema.attributes import read_attributes, read_attributes_literal, write_attributes
from schema.refusals import refusal
from schema.scalars import SCALARS

Value = NewType("Value", object)
"""A str, bool, int or Decimal."""

EXPECTED = 'a string, a number, true or false (a date as "2026-01-31")'


def read_value(value: object) -> object:
    """The value itself, once it is known to be small and exact."""
    return _present(read_attributes({"value": value})["value"])


def read_value_literal(node: ValueNode, variables: Mapping[str, Any] | None = None) -> object:
    """The same from a literal, whose numbers are read as text."""
    one = ObjectFieldNode(name=NameNode(value="value"), value=node)
    return _present(read_attributes_literal(ObjectValueNode(fields=(one,)), variables)["value"])


def write_value(value: object) -> object:
    """JSON in which no reader can lose a digit of a number."""
    return write_attributes({"value": value})["value"]


def _present(value: object) -> object:
    if value is None:
        raise refusal("Value", value, EXPECTED)
    return value


SCALARS[Value] = strawberry.scalar(
    name="Value",
    description="A string, a number or a boolean; a date is a string such as `2026-01-31`. Numbers are exact.",
    serialize=write_value,
    parse_value=read_value,
    parse_literal=read_value_literal,
)
