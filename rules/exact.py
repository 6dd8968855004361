"""Exact decimal arithmetic for rules, the same on every thread whatever its decimal context.

Sums and products of anything we accept are exact with 60 digits; only a division rounds, far below the smallest unit.
"""

from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import TypeGuard

EXACT = Context(prec=60, traps=[DivisionByZero, InvalidOperation, Overflow])

MAX_DIGITS = 28
"""Digits of a number that a rule may read or give: what ZEN's decimals can carry."""

add, subtract, multiply, divide = EXACT.add, EXACT.subtract, EXACT.multiply, EXACT.divide


def is_number(value: object) -> TypeGuard[Decimal | int]:
    """Whether a value is an exact, finite number (a bool and a float are not)."""
    return (type(value) is Decimal and value.is_finite()) or type(value) is int
