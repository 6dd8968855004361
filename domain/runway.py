"""How long a partner's points last if they go on being used as in the last days.

Blocks are used up in the order in which accruals debit them; what a block still has after its last day is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

WINDOW_DAYS = 30
"""The rate of use is that of so many days, or of all days since the first points if there are fewer."""
MOST_DAYS = 36_500
"""A hundred years: nobody plans for longer."""


@dataclass(frozen=True, slots=True)
class Stocked:
    """What an active block has, and its last day (None: no end)."""

    remaining: Decimal
    ends_on: date | None


def days_of_use(began_on: date, today: date) -> int:
    """Over how many days the use is counted; today is one of them."""
    return max(1, min(WINDOW_DAYS, (today - began_on).days + 1))


def runway(blocks: Sequence[Stocked], used: Decimal, days: int, today: date) -> int | None:
    """For how many whole days the blocks last if `used` points go in `days` days; None: nothing is used, they last for ever."""
    if used <= 0:
        return None
    rate, passed = used / days, Decimal(0)
    for block in blocks:
        usable = block.remaining
        if block.ends_on is not None:
            usable = min(usable, rate * max(Decimal(0), (block.ends_on - today).days + 1 - passed))
        passed += max(Decimal(0), usable) / rate
    return min(MOST_DAYS, int(passed))
