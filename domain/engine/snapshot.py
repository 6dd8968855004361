"""What goes into the engine: transactions and frozen snapshots of the members, lots, products and partners they touch."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from domain.engine.history import Earned
from domain.engine.limits import GrantKey
from domain.families import Flow
from domain.lots import LotOrigin
from domain.members import MemberStatus
from domain.points import Units
from domain.programs import PriceKind
from domain.tiers import HeldTier
from domain.transactions import LineItem, RefundLine, Status, SubType, Tender, Type, VoucherWish
from domain.vouchers import VoucherStatus

if TYPE_CHECKING:
    from domain.engine.originals import OriginalState

LotKey = tuple[int, int]
"""A lot of a member: the transaction that made it, and its position there."""


class Price(msgspec.Struct, frozen=True):
    """Points per unit of a product, in a span of dates (both included), for one partner or for all."""

    kind: PriceKind
    partner_id: int | None
    point_type_id: int
    points: Decimal
    starts_on: date
    ends_on: date | None


class ProductState(msgspec.Struct, frozen=True):
    """A product and its prices."""

    id: int
    code: str
    name: str
    active: bool
    attributes: Mapping[str, Any]
    prices: tuple[Price, ...]


class PartnerState(msgspec.Struct, frozen=True):
    """A partner as one program knows it; `active` needs the partner and its terms to be so.

    `memberships`: the first and last days on which it is a member of a partner program that the program demands, grace included.
    """

    id: int
    code: str
    active: bool
    report_within_days: int | None
    memberships: tuple[tuple[date, date], ...] = ()
    approves: bool = False
    """Whether its approvers decide about its transactions before the engine works on them."""


class VoucherState(msgspec.Struct, frozen=True):
    """A voucher of a member. `ended`: it is RESERVED still, but the reservation has ended."""

    id: int
    number: str
    voucher_type: str
    status: VoucherStatus
    expires_on: date | None
    ended: bool = False


class Entry(msgspec.Struct, frozen=True, gc=False, kw_only=True):
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
    voucher: VoucherWish | None = None
    tender: Tender | None = None
    loan_id: int | None = None
    """The loan that a repayment names, by its transaction."""
    hold_id: int | None = None
    """The hold that it captures."""
    attempt: int = 1
    other_member_id: int | None = None
    """Whom a transfer is for."""
    original: "OriginalState | None" = None
    """What it takes back: of an accrual, the wrong one in whose place it comes; for a cancellation: amount, quantity, points or these lines of it; none of them: the rest."""
    refund_lines: tuple[RefundLine, ...] = ()


class LotState(msgspec.Struct, frozen=True, gc=False):
    """An open lot; `expires_on` is the effective one, extensions included. `remaining`: without what holds keep of it (`kept`)."""

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
    kept: int = 0

    @property
    def key(self) -> LotKey:
        """Its key within the member."""
        return self.transaction_id, self.position


class LoanState(msgspec.Struct, frozen=True):
    """A loan of which something is outstanding. `id`: of its transaction; `follows_id`: the one for which the engine made it."""

    id: int
    point_type_id: int
    outstanding: int
    follows_id: int | None = None


class HoldState(msgspec.Struct, frozen=True):
    """A hold that has not ended: what it keeps of which lots."""

    id: int
    point_type_id: int
    lots: tuple[tuple[LotKey, int], ...]

    @property
    def points(self) -> int:
        """All that it keeps, in units."""
        return sum(units for _, units in self.lots)


class BalanceState(msgspec.Struct, frozen=True, gc=False):
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


class MemberState(msgspec.Struct, frozen=True, gc=False):
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
    progress: Mapping[str, Mapping[str, Decimal]] = msgspec.field(default_factory=dict)
    """Qualifying points by tier class and point type, in the class's qualifying period of today."""
    enrolled: frozenset[int] = frozenset()
    """The promotions, by id, in which the member is enrolled."""
    complete: bool = True
    counters: Mapping[str, Any] = msgspec.field(default_factory=dict)
    """Promotion counters by name; one that was never counted is absent."""
    granted: Mapping[GrantKey, Decimal] = msgspec.field(default_factory=dict)
    """What limited promotions have given this member, by span of time."""
    sent: Mapping[int, int] = msgspec.field(default_factory=dict)
    """Units that transfers took this year, by point type, where the program limits them."""
    left_today: Mapping[int, int] = msgspec.field(default_factory=dict)
    """Units that redemptions and transfers took today, by point type, where the program limits them."""
    left_since_change: Mapping[int, int] | None = None
    """The same since the last change of contact data; None: there was none for so long that it limits nothing."""
    absorbed: tuple[int, ...] = ()
    """Those who were merged into the member."""
    flow: Flow | None = None
    """To whom the member's accruals flow."""
    holds: tuple[HoldState, ...] = ()
    """Those that have not ended."""
    ended_holds: tuple[int, ...] = ()
    """Those whose time has come, and nobody has written it down yet."""
    vouchers: tuple[VoucherState, ...] = ()
    """Nearest expiry first, none last; only where a transaction names some."""
    earned: Earned = msgspec.field(default_factory=dict)
    """What was given by transaction date, as far back as the program's rules ask."""
    loans: tuple[LoanState, ...] = ()
    """What the member owes, the oldest first."""
    maximum_loans: Mapping[int, int] = msgspec.field(default_factory=dict)
    """Approved maximum loans by point type, where a loan is asked for."""
