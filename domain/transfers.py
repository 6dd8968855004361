"""Transfers: points that one member sends to another of the same program. They keep their kind and expiry, and count towards no tier.

A program may limit how many points of a kind one transfer takes, and how many a member sends in a calendar year.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from domain.points import MAX_DECIMALS
from domain.problems import Problem
from domain.values import number_problems

MAX_LIMIT = Decimal(10**15)


@dataclass(frozen=True, slots=True)
class TransferLimits:
    """Points of one kind, at most; None: no limit."""

    per_transaction: Decimal | None = None
    per_year: Decimal | None = None


NO_TRANSFER_LIMITS = TransferLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferToSelf(Problem):
    """A transfer to the member whose points it takes."""

    code = "TRANSFER_TO_SELF"
    member: str

    @property
    def message(self) -> str:
        return f"Member {self.member!r} cannot transfer points to themselves: name another member of the program."


@dataclass(frozen=True, slots=True, kw_only=True)
class AcrossPrograms(Problem):
    """Two members of different programs, where points would go from one to the other."""

    code = "ACROSS_PROGRAMS"

    @property
    def message(self) -> str:
        return "Points stay within their program: both must be members of the same one."


def limit_problems(limits: TransferLimits, *path: str) -> Iterator[Problem]:
    """What is wrong with limits."""
    named = (("perTransaction", limits.per_transaction), ("perYear", limits.per_year))
    for name, points in named:
        if points is not None:
            yield from number_problems(points, MAX_LIMIT, MAX_DECIMALS, *path, name)
