"""What a member's points are, on one page: a list of lots, and the four things that can happen to it."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from domain.calendars import add_months


@dataclass(slots=True)
class ModelLot:
    """Points of one grant."""

    expires_on: date
    given_on: date
    number: int
    remaining: int


class Figures(NamedTuple):
    """What a balance must show."""

    available: int
    earned: int
    redeemed: int
    expired: int


@dataclass(slots=True)
class ModelMember:
    """Points expire a month after the transaction."""

    lots: list[ModelLot] = field(default_factory=list)
    earned: int = 0
    redeemed: int = 0

    def earn(self, points: int, day: date) -> None:
        """One lot per grant; the order in which they come breaks ties."""
        if points:
            self.lots.append(ModelLot(add_months(day, 1), day, len(self.lots), points))
        self.earned += points

    def redeem(self, points: int, today: date) -> bool:
        """All or nothing, nearest expiry first."""
        usable = sorted(
            (lot for lot in self.lots if lot.expires_on >= today),
            key=lambda lot: (lot.expires_on, lot.given_on, lot.number),
        )
        if sum(lot.remaining for lot in usable) < points:
            return False
        self.redeemed += points
        for lot in usable:
            taken = min(points, lot.remaining)
            lot.remaining -= taken
            points -= taken
        return True

    def figures(self, today: date) -> Figures:
        """Lapsed points count as expired from the day after, whether or not anything has run."""
        usable = sum(lot.remaining for lot in self.lots if lot.expires_on >= today)
        return Figures(usable, self.earned, self.redeemed, self.earned - self.redeemed - usable)
