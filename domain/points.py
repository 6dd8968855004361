"""Points: exact integers of the smallest unit inside, decimals as people speak them outside.

`Units` is what is stored, summed and compared; a `Decimal` with the point type's decimals is what the API and files show.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, NewType

from domain.problems import Problem, Refused

Units = NewType("Units", int)
"""A number of points in the smallest unit of their point type: 40.32 points of a type with 2 decimals are 4032."""

Spoken = Annotated[Decimal, "Points"]
"""Points as people speak them, in a problem: the API shows them as such."""

MAX_DECIMALS = 4
MAX_UNITS = Units(10**16 - 1)
"""The largest number of points in one transaction; sums of a thousand of them still fit a bigint."""

BASE_DECIMALS = 2
_EXPONENTS = tuple(Decimal(1).scaleb(-decimals) for decimals in range(MAX_DECIMALS + 1))
"""Base points keep this many decimals, or the point type's if more (domain: rounding)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TooManyDecimals(Problem):
    """A number of points finer than its point type."""

    code = "TOO_MANY_DECIMALS"
    value: str
    decimals: int

    @property
    def message(self) -> str:
        allowed = f"at most {self.decimals} decimals" if self.decimals else "whole points only"
        return f"{self.value} has too many decimals: this point type has {allowed}."


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsOutOfRange(Problem):
    """A number of points that no transaction may have."""

    code = "POINTS_OUT_OF_RANGE"
    value: str
    lowest: str
    highest: str

    @property
    def message(self) -> str:
        return f"{self.value} points are out of range: give {self.lowest} to {self.highest}."


def to_units(points: Decimal, decimals: int, *path: str) -> Units:
    """Exact units of points as people speak them; refuses finer fractions, zero, negatives and absurd sizes."""
    units = points.scaleb(decimals)
    if units != units.to_integral_value():
        raise Refused(TooManyDecimals(value=format(points, "f"), decimals=decimals, path=path))
    if not 0 < units <= MAX_UNITS:
        lowest, highest = (format(from_units(Units(bound), decimals), "f") for bound in (1, MAX_UNITS))
        raise Refused(PointsOutOfRange(value=format(points, "f"), lowest=lowest, highest=highest, path=path))
    return Units(int(units))


def from_units(units: int, decimals: int) -> Decimal:
    """Points as people speak them, with exactly the point type's decimals."""
    return Decimal(units).scaleb(-decimals) if decimals else Decimal(units)


def round_half_up(points: Decimal, decimals: int) -> Units:
    """An award's exact points, rounded half up to whole units: 20.987 with 2 decimals are 2099 (domain: rounding, per lot)."""
    return Units(int((points.scaleb(decimals) if decimals else points).to_integral_value(ROUND_HALF_UP)))


def round_base(points: Decimal, decimals: int) -> Decimal:
    """Base points as they are kept: 2 decimals, or the point type's if more."""
    return points.quantize(_EXPONENTS[max(BASE_DECIMALS, decimals)], ROUND_HALF_UP)
