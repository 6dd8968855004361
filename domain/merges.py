"""Merges: two members who are the same person, household or company become one.

The one who stays takes over points, cards, progress and whatever is open; the other becomes MERGED, keeps its history, and is
found under its old number, card, email and phone as the one who stays.
"""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from domain.families import MemberFinal
from domain.member_status import FINAL
from domain.members import Member, MemberKind
from domain.problems import Problem
from domain.receipts import Receipt
from domain.transactions import PointTotal

PROFILE = ("email", "phone", "birth_date", "address", "language")


class MergeAttributes(enum.Enum):
    """What becomes of the profile and attributes of a member who is merged."""

    FILL = "FILL"
    """They fill in what the one who stays has not said."""
    KEEP = "KEEP"
    """The one who stays keeps only its own."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The member who stays, the one who is merged, and the points that moved."""

    member: Member
    merged: Member
    moved: tuple[PointTotal, ...] = ()
    preview: bool = False


MergeReceipt = Receipt[Merged]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeWithSelf(Problem):
    """Two names of one member; the number or card of somebody merged before is one of the member who stayed."""

    code = "MERGE_WITH_SELF"
    member: str

    @property
    def message(self) -> str:
        return f"Both are member {self.member!r}: name another member to be merged into it."


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeKinds(Problem):
    """A person merged into a household, or the like."""

    code = "MERGE_KINDS"
    kind: MemberKind
    expected: MemberKind

    @property
    def message(self) -> str:
        return f"A member of kind {self.kind.value} cannot be merged into one of kind {self.expected.value}."


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeHeld(Problem):
    """Points that are held for a checkout, or lent and not repaid: that is settled first."""

    code = "MERGE_HELD"
    point_type: str
    held: Decimal
    lent: Decimal

    @property
    def message(self) -> str:
        held, lent = f"{self.held:,f} {self.point_type} are held", f"{self.lent:,f} {self.point_type} are lent"
        said = ((self.held, f"{held}: capture or release them first."), (self.lent, f"{lent}: repay them first."))
        return " ".join(sentence for points, sentence in said if points)


def merge_problems(member: Member, into: Member, *path: str) -> Iterator[Problem]:
    """Why one member may not be merged into another."""
    if member.id == into.id:
        yield MergeWithSelf(member=into.number, path=(*path, "member"))
        return
    if member.kind is not into.kind:
        yield MergeKinds(kind=member.kind, expected=into.kind, path=(*path, "member"))
    for one, name in ((member, "member"), (into, "into")):
        if one.status in FINAL:
            yield MemberFinal(status=one.status, path=(*path, name))


def filled(into: Member, member: Member, policy: MergeAttributes) -> Member:
    """The member who stays, with all cards, every consent, and what the other knows better."""
    known = {consent.purpose for consent in into.consents}
    found = replace(
        into,
        identifiers=(*into.identifiers, *member.identifiers),
        consents=(*into.consents, *(each for each in member.consents if each.purpose not in known)),
    )
    if policy is MergeAttributes.KEEP:
        return found
    profile = {name: getattr(member, name) for name in PROFILE if getattr(into, name) is None}
    attributes = {**member.attributes, **{name: value for name, value in into.attributes.items() if value is not None}}
    return replace(found, attributes=attributes, **profile)


def counted(into: Mapping[str, Any], member: Mapping[str, Any]) -> dict[str, Any]:
    """Counters of both: numbers add up; of anything else the member who stays has the say."""
    found = {**member, **into}
    for name in into.keys() & member.keys():
        if _is_number(into[name]) and _is_number(member[name]):
            found[name] = into[name] + member[name]
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
