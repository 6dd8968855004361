"""Commands and questions about members. A member is named by its number, a card, an email, a phone or its id.

Everything but the id needs to be asked within one program, named by its code; for someone bound to a program that is theirs.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Final, Literal

from domain.members import Address, Identifier, MemberKind, MemberStatus


class Unchanged(enum.Enum):
    """What an edit says of a field that it leaves alone; None clears the field."""

    UNCHANGED = "UNCHANGED"


UNCHANGED: Final = Unchanged.UNCHANGED
_Unchanged = Literal[Unchanged.UNCHANGED]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberReference:
    """Exactly one of these; `card` is an identifier of any kind."""

    id: int | None = None
    number: str | None = None
    card: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def given(self) -> tuple[str, str]:
        """By what the member is named, and the value."""
        found = [(one.name, str(value)) for one in fields(self) if (value := getattr(self, one.name)) is not None]
        assert len(found) == 1, f"a member is named by exactly one thing, not by {len(found)}"
        return found[0]


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """A purpose the member agrees to now, or withdraws now."""

    purpose: str
    given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberEnroll:
    """Enrol a member; without a number it gets one. `enrolled_by_partner`: an employee records it for a partner."""

    program: str
    name: str
    number: str | None = None
    kind: MemberKind = MemberKind.INDIVIDUAL
    status: MemberStatus = MemberStatus.ACTIVE
    email: str | None = None
    phone: str | None = None
    birth_date: date | None = None
    address: Address | None = None
    language: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    consents: tuple[ConsentGiven, ...] = ()
    referrer: MemberReference | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    enrolled_by_partner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberUpdate:
    """Change what is known of a member. Consents and attributes are added to the others; an attribute of None is removed."""

    member: MemberReference
    expected_version: int
    program: str | None = None
    kind: MemberKind | _Unchanged = UNCHANGED
    name: str | _Unchanged = UNCHANGED
    email: str | _Unchanged | None = UNCHANGED
    phone: str | _Unchanged | None = UNCHANGED
    birth_date: date | _Unchanged | None = UNCHANGED
    address: Address | _Unchanged | None = UNCHANGED
    language: str | _Unchanged | None = UNCHANGED
    identifiers: tuple[Identifier, ...] | _Unchanged = UNCHANGED
    consents: tuple[ConsentGiven, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStatusChange:
    """Give a member another status, and say why."""

    member: MemberReference
    status: MemberStatus
    reason: str
    program: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFilter:
    """Which members of a list; all that is given must hold. `search`: beginnings of words of the name, or of the number."""

    program: str | None = None
    status: tuple[MemberStatus, ...] = ()
    kind: MemberKind | None = None
    search: str | None = None
    enrolled_from: date | None = None
    enrolled_through: date | None = None
    enrolled_by_partner: str | None = None


class MemberOrder(enum.Enum):
    """How a list of members is sorted."""

    NUMBER = "NUMBER"
    NAME = "NAME"
    ENROLLED_ON = "ENROLLED_ON"
    ID = "ID"
