"""Members: who collects points, what is known of them, and what they have.

A balance is the sum of lots and lot uses, never a number of its own.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.known import Known


class MemberKind(Known):
    """A person, a household or a company."""

    INDIVIDUAL = "INDIVIDUAL"
    HOUSEHOLD = "HOUSEHOLD"
    ACCOUNT = "ACCOUNT"


class MemberStatus(Known):
    """SUSPENDED earns and cannot burn; DORMANT wakes at an accrual; INACTIVE does neither."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    DORMANT = "DORMANT"
    INACTIVE = "INACTIVE"
    CANCELLED = "CANCELLED"
    MERGED = "MERGED"


EARNS = frozenset({MemberStatus.ACTIVE, MemberStatus.SUSPENDED, MemberStatus.DORMANT})
BURNS = frozenset({MemberStatus.ACTIVE, MemberStatus.DORMANT})


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; lines as people write them, country by ISO 3166."""

    lines: tuple[str, ...] = ()
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Identifier:
    """A card or another identifier of a member: unique per program and kind."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What a member agreed to (a purpose), or withdrew."""

    purpose: str
    given: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member as stored and shown."""

    id: int
    program_id: int
    number: str
    kind: MemberKind
    name: str
    email: str | None
    phone: str | None
    birth_date: date | None
    address: Address | None
    language: str | None
    identifiers: tuple[Identifier, ...]
    consents: tuple[Consent, ...]
    referrer_id: int | None
    attributes: dict[str, Any]
    status: MemberStatus
    enrolled_on: date
    enrolled_by_id: int | None
    enrolled_by_partner_id: int | None
    created_at: datetime
    version: int
    merged_into_id: int | None = None
    """The one who stayed, of a member that is MERGED."""
    erased_at: datetime | None = None
    """Since when nothing personal is known of the member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChange:
    """One change of a member: which fields (never their values), or which status and why. It made `version`."""

    member_id: int
    version: int
    person_id: int | None
    fields: tuple[str, ...]
    from_status: MemberStatus | None
    to_status: MemberStatus | None
    reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """What a member has of one point type, in points as people speak them (domain: balances)."""

    member_id: int
    point_type: str
    available: Decimal
    held: Decimal
    pending: Decimal
    earned: Decimal
    redeemed: Decimal
    expired: Decimal
    lifetime_qualifying: Decimal
    loan_outstanding: Decimal


@dataclass(frozen=True, slots=True)
class ExpiringPoints:
    """Points of one type that lapse after one date unless they are used."""

    point_type: str
    expires_on: date
    points: Decimal
