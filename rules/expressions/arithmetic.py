"""Arithmetic of expressions: exact, and a fault on anything empty or a division by zero, never a silent zero."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from rules import exact
from rules.exact import EXACT
from rules.expressions.kinds import Part, Run
from rules.faults import Fault

DIVISIONS = frozenset({"/", "%"})

ARITHMETIC: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": exact.add,
    "-": exact.subtract,
    "*": exact.multiply,
    "/": exact.divide,
    "%": EXACT.remainder,
}


def empty(part: Part) -> Fault:
    """The fault of computing with a part that is empty."""
    return Fault(f"{part} is empty and cannot be computed with")


def calculation(operator: str, left: Part, right: Part, position: int) -> Run:
    """Two numbers and what comes of them."""
    compute, take_left, take_right, divides = ARITHMETIC[operator], left.run, right.run, operator in DIVISIONS

    def run(frame: Any, item: Any) -> Decimal:
        a, b = take_left(frame, item), take_right(frame, item)
        if a is None or b is None:
            raise empty(left if a is None else right)
        if divides and b == 0:
            raise Fault(f"division by zero at position {position}: {right} is 0")
        return compute(a, b)

    return run


def negation(operand: Part) -> Run:
    """A number's opposite."""
    take = operand.run

    def run(frame: Any, item: Any) -> Decimal:
        value = take(frame, item)
        if value is None:
            raise empty(operand)
        return EXACT.minus(value)

    return run
