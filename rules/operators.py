"""The operators of structured criteria, as functions in a dictionary: from readers to a test.

A comparison with an empty value never holds, not even NOT_EQUALS and NOT_IN; only IS_EMPTY is true of it.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from domain.promotions import Operator
from rules.scope import Read

Holds = Callable[[Any], bool]

COMPARISONS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUALS: operator.eq,
    Operator.NOT_EQUALS: operator.ne,
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.GREATER: operator.gt,
    Operator.AT_LEAST: operator.ge,
}
"""Operators that compare two values, so that the right side may be another attribute."""

ORDERED = frozenset({Operator.LESS, Operator.AT_MOST, Operator.GREATER, Operator.AT_LEAST, Operator.BETWEEN})
"""Operators that need an order; true and false have none."""


def compare(read: Read, comparison: Operator, other: Read) -> Holds:
    """Two attributes, neither of them empty."""
    compares = COMPARISONS[comparison]

    def holds(source: Any) -> bool:
        left, right = read(source), other(source)
        return left is not None and right is not None and compares(left, right)

    return holds


def _equals(read: Read, values: tuple[Any, ...]) -> Holds:
    wanted = values[0]
    return lambda source: bool(read(source) == wanted)


def _not_equals(read: Read, values: tuple[Any, ...]) -> Holds:
    unwanted = values[0]
    return lambda source: (value := read(source)) is not None and bool(value != unwanted)


def _less(read: Read, values: tuple[Any, ...]) -> Holds:
    bound = values[0]
    return lambda source: (value := read(source)) is not None and bool(value < bound)


def _at_most(read: Read, values: tuple[Any, ...]) -> Holds:
    bound = values[0]
    return lambda source: (value := read(source)) is not None and bool(value <= bound)


def _greater(read: Read, values: tuple[Any, ...]) -> Holds:
    bound = values[0]
    return lambda source: (value := read(source)) is not None and bool(value > bound)


def _at_least(read: Read, values: tuple[Any, ...]) -> Holds:
    bound = values[0]
    return lambda source: (value := read(source)) is not None and bool(value >= bound)


def _between(read: Read, values: tuple[Any, ...]) -> Holds:
    low, high = values
    return lambda source: (value := read(source)) is not None and bool(low <= value <= high)


def _in(read: Read, values: tuple[Any, ...]) -> Holds:
    wanted = frozenset(values)
    return lambda source: read(source) in wanted


def _not_in(read: Read, values: tuple[Any, ...]) -> Holds:
    unwanted = frozenset(values)
    return lambda source: (value := read(source)) is not None and value not in unwanted


def _is_empty(read: Read, values: tuple[Any, ...]) -> Holds:
    return lambda source: read(source) is None


def _is_not_empty(read: Read, values: tuple[Any, ...]) -> Holds:
    return lambda source: read(source) is not None


def _contains(read: Read, values: tuple[Any, ...]) -> Holds:
    part = values[0]
    return lambda source: (value := read(source)) is not None and part in value


OPERATORS: Mapping[Operator, Callable[[Read, tuple[Any, ...]], Holds]] = {
    Operator.EQUALS: _equals,
    Operator.NOT_EQUALS: _not_equals,
    Operator.LESS: _less,
    Operator.AT_MOST: _at_most,
    Operator.GREATER: _greater,
    Operator.AT_LEAST: _at_least,
    Operator.BETWEEN: _between,
    Operator.IN: _in,
    Operator.NOT_IN: _not_in,
    Operator.IS_EMPTY: _is_empty,
    Operator.IS_NOT_EMPTY: _is_not_empty,
    Operator.CONTAINS: _contains,
}
"""Operators with constants on the right."""
