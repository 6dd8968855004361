"""How fast points may leave a member: by redemptions and transfers, in a day, and in the hours after a change of contact data.

Who has taken over somebody's account changes the address first and takes the points next: limits give the member time to notice.
What was taken counts, also where it is given back later.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from domain.points import MAX_DECIMALS
from domain.problems import Invalid, Problem
from domain.values import number_problems

MAX_LIMIT = Decimal(10**15)
LONGEST_HOURS = 31 * 24
CONTACT_FIELDS = ("email", "phone")
"""By which a member hears of what happens; a record of changes names them so."""


@dataclass(frozen=True, slots=True)
class LeavingLimits:
    """Points of one kind, at most; None: no limit. A day is that of processing; the hours are those after the last change."""

    per_day: Decimal | None = None
    after_contact_change: Decimal | None = None
    hours: int = 24


NO_LEAVING_LIMITS = LeavingLimits()


def limit_problems(limits: LeavingLimits, *path: str) -> Iterator[Problem]:
    """What is wrong with limits."""
    named = (("perDay", limits.per_day), ("afterContactChange", limits.after_contact_change))
    for name, points in named:
        if points is not None:
            yield from number_problems(points, MAX_LIMIT, MAX_DECIMALS, *path, name)
    if not 1 <= limits.hours <= LONGEST_HOURS:
        yield Invalid(value=str(limits.hours), expected=f"1 to {LONGEST_HOURS} hours", path=(*path, "hours"))
