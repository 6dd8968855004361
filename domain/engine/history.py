"""Points of a type over the last months: what rules may ask of a member's past, by transaction date.

Like every attribute it is seen as it was before the transaction; what it is asked about counts, spent or not.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from domain.attributes import last_months
from domain.calendars import add_months
from domain.points import from_units
from domain.programs import PointType

Earned = Mapping[int, Mapping[date, int]]
"""Units that a member was given, by point type and transaction date."""


def windows(reads: Iterable[str]) -> dict[str, tuple[str, int]]:
    """The paths among those that rules read which ask for points of a type over so many months, by path."""
    return {path: found for path in reads if (found := last_months(path)) is not None}


def earliest(asked: Mapping[str, tuple[str, int]], days: Iterable[date]) -> date:
    """The first transaction date that any of the windows can reach back to."""
    return add_months(min(days), -max(months for _, months in asked.values()))


def points_facts(
    asked: Mapping[str, tuple[str, int]], types: Mapping[str, PointType], earned: Earned, day: date
) -> dict[str, Decimal]:
    """For each window that ends with a day: the points of its type dated after the same day so many months before."""
    return {
        path.removeprefix("points."): _sum(
            earned.get(types[code].id, {}), add_months(day, -months), day, types[code].decimals
        )
        for path, (code, months) in asked.items()
    }


def _sum(by_day: Mapping[date, int], after: date, day: date, decimals: int) -> Decimal:
    return from_units(sum(units for dated, units in by_day.items() if after < dated <= day), decimals)
