"""How many units a number counts for: a started unit counts whole, only full units count, or in proportion."""

import enum
from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from rules.exact import EXACT, divide, multiply


class Counting(enum.Enum):
    """What a part of a unit is worth."""

    STARTED = "STARTED"
    FULL = "FULL"
    PROPORTIONAL = "PROPORTIONAL"


Points = Callable[[Decimal, Decimal, Decimal], Decimal]


def _started(number: Decimal, unit: Decimal, points: Decimal) -> Decimal:
    return multiply(divide(number, unit).to_integral_value(ROUND_CEILING, EXACT), points)


def _full(number: Decimal, unit: Decimal, points: Decimal) -> Decimal:
    return multiply(divide(number, unit).to_integral_value(ROUND_FLOOR, EXACT), points)


def _proportional(number: Decimal, unit: Decimal, points: Decimal) -> Decimal:
    return divide(multiply(number, points), unit)


POINTS: Mapping[Counting, Points] = {
    Counting.STARTED: _started,
    Counting.FULL: _full,
    Counting.PROPORTIONAL: _proportional,
}
"""Points for a number of something, at so many points per unit of so much."""
