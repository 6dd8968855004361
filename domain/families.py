"""Families: an individual belongs to one household or account at a time, and its accruals may flow there.

Points that roll up are available once, at the parent, and qualify for both. An account may get an accrual of its own beside
that of its employee: a percentage of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.member_status import FINAL
from domain.members import Member, MemberKind, MemberStatus
from domain.problems import Invalid, Problem
from domain.values import number_problems

MAX_PERCENT = Decimal(100)
PERCENT_DECIMALS = 2
FAMILIES = frozenset({MemberKind.HOUSEHOLD, MemberKind.ACCOUNT})


@dataclass(frozen=True, slots=True)
class Flow:
    """Where the accruals of a member flow: points of transactions dated from `rolls_up_from` on leave for the parent
    (None: they stay), and the parent gets `twin_percent` of them besides (None: nothing).
    """

    parent_id: int
    rolls_up_from: date | None
    twin_percent: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyMembership:
    """An individual in a household or account, from one day through another (None: until now)."""

    id: int
    program_id: int
    family_id: int
    member_id: int
    starts_on: date
    ends_on: date | None
    rolls_up_from: date | None
    twin_percent: Decimal | None
    joined_by_id: int | None
    left_by_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongFamilyKind(Problem):
    """Only individuals join, and only a household or an account is joined."""

    code = "WRONG_FAMILY_KIND"
    kind: MemberKind
    expected: tuple[MemberKind, ...]

    @property
    def message(self) -> str:
        names = " or ".join(kind.value for kind in self.expected)
        return f"This member is of kind {self.kind.value}; here it takes one of kind {names}."


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyInFamily(Problem):
    """An individual who belongs to a household or account already."""

    code = "ALREADY_IN_FAMILY"
    since: date

    @property
    def message(self) -> str:
        return f"The member belongs to a household or account since {self.since}: it leaves that one first."


@dataclass(frozen=True, slots=True, kw_only=True)
class NotInFamily(Problem):
    """An individual who belongs to no household or account."""

    code = "NOT_IN_FAMILY"

    @property
    def message(self) -> str:
        return "The member belongs to no household or account."


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFinal(Problem):
    """A member who has left the program, or was merged into another."""

    code = "MEMBER_FINAL"
    status: MemberStatus

    @property
    def message(self) -> str:
        return f"This member is {self.status.value}, which is final."


def join_problems(member: Member, family: Member, twin_percent: Decimal | None, *path: str) -> Iterator[Problem]:
    """Why a member may not join a family in this way."""
    if member.kind is not MemberKind.INDIVIDUAL:
        yield WrongFamilyKind(kind=member.kind, expected=(MemberKind.INDIVIDUAL,), path=(*path, "member"))
    if family.kind not in FAMILIES:
        expected = (MemberKind.HOUSEHOLD, MemberKind.ACCOUNT)
        yield WrongFamilyKind(kind=family.kind, expected=expected, path=(*path, "family"))
    for one, name in ((member, "member"), (family, "family")):
        if one.status in FINAL:
            yield MemberFinal(status=one.status, path=(*path, name))
    if twin_percent is not None:
        yield from _percent_problems(family, twin_percent, *path, "twinPercent")


def _percent_problems(family: Member, percent: Decimal, *path: str) -> Iterator[Problem]:
    if family.kind is not MemberKind.ACCOUNT:
        expected = "nothing here: only an account gets an accrual of its own"
        yield Invalid(value=str(percent), expected=expected, path=path)
    elif not 0 < percent <= MAX_PERCENT:
        yield Invalid(value=str(percent), expected=f"more than 0 and at most {MAX_PERCENT}", path=path)
    else:
        yield from number_problems(percent, MAX_PERCENT, PERCENT_DECIMALS, *path)
