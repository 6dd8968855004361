"""Figures over all members of a program, for those who run it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PointsOfPromotion:
    """What a promotion has given of one point type: by so many lots, those of bonuses that it pays by steps included."""

    code: str
    name: str
    lots: int
    points: Decimal


@dataclass(frozen=True, slots=True)
class MonthOfPoints:
    """What happened to points of one type in a month (named by its first day), by transaction date.

    `issued` counts every lot; `redeemed` whatever was taken but by expiry, less what was put back.
    """

    month: date
    issued: Decimal
    redeemed: Decimal
    expired: Decimal
