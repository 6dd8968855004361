"""What comes out of the engine: for each transaction its lots and uses, or its rejection, and the decision that explains it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from domain.engine.decision import Decision
from domain.engine.limits import Span
from domain.engine.rejections import Rejection
from domain.engine.snapshot import BalanceState, LotKey
from domain.lots import LotOrigin
from domain.points import Units
from domain.tiers import TierReason
from domain.transactions import Status, SubStatus, SubType, Type


@dataclass(frozen=True, slots=True)
class NewLot:
    """A lot to be written, whole."""

    member_id: int
    transaction_id: int
    position: int
    point_type_id: int
    qualifying: bool
    origin: LotOrigin
    promotion_id: int | None
    points: Units
    transaction_date: date
    effective_on: date | None
    expires_on: date | None
    extends_by: str | None


@dataclass(frozen=True, slots=True)
class NewUse:
    """Points taken from a lot."""

    member_id: int
    transaction_id: int
    position: int
    lot_transaction_id: int
    lot_position: int
    point_type_id: int
    points: Units


@dataclass(frozen=True, slots=True)
class Extension:
    """A lot that lapses later because its member was active, or holds a tier that suspends expiry. `transaction_id`: if one did it."""

    member_id: int
    lot_transaction_id: int
    lot_position: int
    transaction_id: int | None
    expires_on: date


@dataclass(frozen=True, slots=True)
class Total:
    """Units of one point type that a transaction gave or took, and the qualifying ones among them."""

    point_type_id: int
    point_type: str
    decimals: int
    points: int
    qualifying: int


@dataclass(frozen=True, slots=True)
class Granted:
    """What a limited promotion paid, in one of the member's spans of time that it limits."""

    promotion_id: int
    span: Span
    points: Decimal


@dataclass(frozen=True, slots=True)
class TierChange:
    """A tier begins, and the one held before in its class (if any) ends the day before."""

    tier_class: str
    before: str | None
    after: str
    starts_on: date
    ends_on: date | None
    reason: TierReason
    promotion_id: int | None = None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A transaction that the engine makes because of another, in the same commit."""

    follows_id: int
    type: Type
    sub_type: SubType
    transaction_date: date


@dataclass(frozen=True, slots=True)
class Attributes:
    """A member's program-defined attributes and counters after the chunk."""

    attributes: Mapping[str, Any]
    counters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one transaction did. A rejected one has nothing but its rejection and decision."""

    transaction_id: int
    member_id: int
    attempt: int
    status: Status
    sub_status: SubStatus
    decision: Decision
    base_points: Decimal | None = None
    lots: tuple[NewLot, ...] = ()
    uses: tuple[NewUse, ...] = ()
    extensions: tuple[Extension, ...] = ()
    totals: tuple[Total, ...] = ()
    rejection: Rejection | None = None
    granted: tuple[Granted, ...] = ()
    tier_changes: tuple[TierChange, ...] = ()
    follow_up: FollowUp | None = None
    """What it follows, for a transaction that did not exist before."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The outcomes in the order worked, and what the caches of the ledger must hold afterwards."""

    outcomes: tuple[Outcome, ...]
    balances: Mapping[tuple[int, int], BalanceState]
    """By member and point type; only those that changed."""
    remaining: Mapping[tuple[int, LotKey], int]
    """What is left of lots made before or within the chunk, where some was taken."""
    woken: frozenset[int]
    """Dormant members whom an accrual made active."""
    attributes: Mapping[int, Attributes] = field(default_factory=dict)
    """By member; only those that changed."""
    paid: Mapping[int, Decimal] = field(default_factory=dict)
    """What promotions with a limit in all have paid, by promotion; only those that changed."""
