"""JSON with structure: the parameters of rule kinds, and the schemas that say what they may be.

Numbers are exact both ways, as in `Attributes`; depth and size are bounded before anything else reads the document.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NewType

import strawberry
from graphql import (
    BooleanValueNode,
    FloatValueNode,
    GraphQLError,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

from schema.attributes import write_attributes
from schema.scalars import SCALARS

Document = NewType("Document", dict[str, Any])
"""An object of JSON; whole numbers are int, all others Decimal."""

MAX_DEPTH = 12
MAX_VALUES = 10_000
MAX_TEXT = 20_000
MAX_DIGITS = 30
LARGEST = 10**30
EXPECTED = f"an object of at most {MAX_VALUES:,} values, {MAX_DEPTH} levels deep, with plain values at its ends"


def read_document(value: object) -> dict[str, Any]:
    """The object itself, once it is known to be small and exact."""
    if type(value) is not dict:
        raise _refusal()
    for count, (one, depth) in enumerate(_values(value, 1), start=1):
        if count > MAX_VALUES or depth > MAX_DEPTH or not _allowed(one):
            raise _refusal()
    return value


def _values(value: object, depth: int) -> Iterator[tuple[object, int]]:
    """The value and everything inside it, each with its depth; no deeper than is needed to refuse it."""
    yield value, depth
    if depth <= MAX_DEPTH:
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for one in inside:
            yield from _values(one, depth + 1)


def _allowed(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_TEXT
    if isinstance(value, Decimal):
        # The size is asked of the exponent: written out, 1e999999 would be a million digits.
        digits = value.as_tuple().digits
        return value.is_finite() and -MAX_DIGITS < value.adjusted() < MAX_DIGITS and len(digits) <= MAX_DIGITS
    if isinstance(value, int):
        return abs(value) < LARGEST
    return value is None or type(value) in (dict, list)


def read_document_literal(node: ValueNode, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The same from a literal, whose numbers are read as text: no literal is ever a float."""
    return read_document(_literal(node, variables or {}))


def _literal(node: ValueNode, variables: Mapping[str, Any]) -> Any:
    match node:
        case ObjectValueNode():
            return {one.name.value: _literal(one.value, variables) for one in node.fields}
        case ListValueNode():
            return [_literal(one, variables) for one in node.values]
        case VariableNode():
            return variables.get(node.name.value)
        case NullValueNode():
            return None
        case IntValueNode() if len(node.value) <= MAX_DIGITS:
            return int(node.value)
        case FloatValueNode() if len(node.value) <= MAX_DIGITS:
            return Decimal(node.value)
        case StringValueNode() | BooleanValueNode():
            return node.value
        case _:
            raise _refusal()


def write_document(value: object) -> Any:
    """JSON in which no reader can lose a digit of a number."""
    if isinstance(value, Mapping):
        return {name: write_document(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [write_document(one) for one in value]
    return write_attributes({"": value})[""]


def _refusal() -> GraphQLError:
    return GraphQLError(f"JSON cannot be this: expected {EXPECTED}.")


SCALARS[Document] = strawberry.scalar(
    name="JSON",
    description="An object of JSON. Numbers are exact: one that a 64-bit float cannot hold is written as a string.",
    serialize=write_document,
    parse_value=read_document,
    parse_literal=read_document_literal,
)
