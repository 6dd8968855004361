"""What goes into the engine: transactions and frozen snapshots of the members, lots, products and partners they touch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from domain.engine.history import Earned
from domain.engine.limits import GrantKey
from domain.lots import LotOrigin
from domain.members import MemberStatus
from domain.points import Units
from domain.programs import PriceKind
from domain.tiers import HeldTier
from domain.transactions import LineItem, Status, SubType, Type

LotKey = tuple[int, int]
"""A lot of a member: the transaction that made it, and its position there."""


@dataclass(frozen=True, slots=True)
class Price:
    """Points per unit of a product, in a span of dates (both included), for one partner or for all."""

    kind: PriceKind
    partner_id: int | None
    point_type_id: int
    points: Decimal
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class ProductState:
    """A product and its prices."""

    id: int
    code: str
    name: str
    active: bool
    attributes: Mapping[str, Any]
    prices: tuple[Price, ...]


@dataclass(frozen=True, slots=True)
class PartnerState:
    """A partner as one program knows it; `active` needs the partner and its terms to be so."""

    id: int
    code: str
    active: bool
    report_within_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A transaction to be processed. `points` are units of `point_type_id`; `base_points` those that came with it."""

    id: int
    member_id: int
    type: Type
    sub_type: SubType
    status: Status
    transaction_date: date
    reported_on: date
    product: ProductState | None = None
    partner: PartnerState | None = None
    amount: Decimal | None = None
    currency: str | None = None
    quantity: Decimal | None = None
    line_items: tuple[LineItem, ...] = ()
    attributes: Mapping[str, Any]
    base_points: Decimal | None = None
    point_type_id: int | None = None
    qualifying: bool | None = None
    points: Units | None = None
    attempt: int = 1
    follow_up_id: int | None = None
    """The number of the accrual that an award on a redemption becomes."""


@dataclass(frozen=True, slots=True)
class LotState:
    """An open lot; `expires_on` is the effective one, extensions included."""

    transaction_id: int
    position: int
    point_type_id: int
    qualifying: bool
    origin: LotOrigin
    remaining: int
    transaction_date: date
    effective_on: date | None
    expires_on: date | None
    extends_by: str | None

    @property
    def key(self) -> LotKey:
        """Its key within the member."""
        return self.transaction_id, self.position


@dataclass(frozen=True, slots=True)
class BalanceState:
    """The stored sums of a member and point type, in units; stale from `changes_on` on."""

    available: int = 0
    held: int = 0
    pending: int = 0
    earned: int = 0
    redeemed: int = 0
    expired: int = 0
    lifetime_qualifying: int = 0
    loan_outstanding: int = 0
    changes_on: date | None = None


@dataclass(frozen=True, slots=True)
class MemberState:
    """A member before the chunk. `lots` are open ones: all of them (`complete`), or the first few usable ones of each point
    type in the order in which they pay, where the stored balances are not stale; or None where nobody needs them.

    `facts` are the member's fields and attributes under the names that rules use.
    """

    id: int
    status: MemberStatus
    facts: Mapping[str, Any]
    balances: Mapping[int, BalanceState]
    lots: tuple[LotState, ...] | None
    held: tuple[HeldTier, ...] = ()
    """The tiers that the member holds or held."""
    progress: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    """Qualifying points by tier class and point type, in the class's qualifying period of today."""
    enrolled: frozenset[int] = frozenset()
    """The promotions, by id, in which the member is enrolled."""
    complete: bool = True
    counters: Mapping[str, Any] = field(default_factory=dict)
    """Promotion counters by name; one that was never counted is absent."""
    granted: Mapping[GrantKey, Decimal] = field(default_factory=dict)
    """What limited promotions have given this member, by span of time."""
    earned: Earned = field(default_factory=dict)
    """What was given by transaction date, as far back as the program's rules ask."""
