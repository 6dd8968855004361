"""What comes out of the engine: for each transaction its lots and uses, or its rejection, and the decision that explains it.

What is made by the dozen for every transaction is unknown to the garbage collector (`gc=False`): it holds no cycles.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from domain.engine.decision import Decision
from domain.engine.limits import Span
from domain.engine.rejections import Rejection
from domain.engine.snapshot import BalanceState, HoldState, LoanState, LotKey, VoucherState
from domain.lots import LotOrigin
from domain.points import Units
from domain.tiers import TierReason
from domain.transactions import Status, SubStatus, SubType, Type
from domain.vouchers import VoucherMove, VoucherSource


class NewLot(msgspec.Struct, frozen=True, gc=False):
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


class NewUse(msgspec.Struct, frozen=True, gc=False):
    """Points taken from a lot."""

    member_id: int
    transaction_id: int
    position: int
    lot_transaction_id: int
    lot_position: int
    point_type_id: int
    points: Units


class NewRestore(msgspec.Struct, frozen=True):
    """Points put back into the lot from which an earlier use took them."""

    member_id: int
    transaction_id: int
    position: int
    lot_transaction_id: int
    lot_position: int
    point_type_id: int
    points: Units
    reverses_transaction_id: int
    reverses_position: int


class NewReversal(msgspec.Struct, frozen=True):
    """Points of a lot that a cancellation takes back, `lapsed` of them only on paper: they had expired. `reversed`: in all so far."""

    member_id: int
    transaction_id: int
    lot_transaction_id: int
    lot_position: int
    point_type_id: int
    points: Units
    lapsed: int
    reversed: int


class BlockDebit(msgspec.Struct, frozen=True, gc=False):
    """Hundredths of a block that pay for a lot, or (below 0) that come back to it of an earlier debit, `reverses_id`.

    `block_id` 0: a new block of this price takes them back, because none of the owner's can; below 0: see `BlockState`.
    """

    member_id: int
    transaction_id: int
    lot_transaction_id: int
    lot_position: int
    block_id: int
    owner: int | None
    partner: str | None
    points: int
    price: Decimal
    currency: str
    promotion_id: int | None
    reverses_id: int | None = None


class Bill(msgspec.Struct, frozen=True, gc=False):
    """Points for which a partner is billed afterwards, or (below 0) which are taken off again."""

    member_id: int
    transaction_id: int
    lot_transaction_id: int
    lot_position: int
    partner_id: int
    partner: str
    point_type_id: int
    promotion_id: int | None
    transaction_date: date
    points: Decimal
    price: Decimal
    currency: str
    percentage: Decimal
    amount: Decimal
    reverses_id: int | None = None


class HandedBack(msgspec.Struct, frozen=True):
    """What a limited promotion may give once more, for transactions of a day."""

    promotion_id: int
    day: date
    points: Decimal


class VoucherReturn(msgspec.Struct, frozen=True):
    """A voucher as it was before, and the move that a cancellation makes with it."""

    voucher: VoucherState
    move: VoucherMove


class Reversed(msgspec.Struct, frozen=True):
    """What a cancellation undoes. `whole`: with it, all of the original is taken back."""

    original_id: int
    whole: bool
    restores: tuple[NewRestore, ...] = ()
    reversals: tuple[NewReversal, ...] = ()
    handed_back: tuple[HandedBack, ...] = ()
    vouchers: tuple[VoucherReturn, ...] = ()


class Extension(msgspec.Struct, frozen=True):
    """A lot that lapses later because its member was active, or holds a tier that suspends expiry. `transaction_id`: if one did it."""

    member_id: int
    lot_transaction_id: int
    lot_position: int
    transaction_id: int | None
    expires_on: date


class Total(msgspec.Struct, frozen=True, gc=False):
    """Units of one point type that a transaction gave or took, and the qualifying ones among them."""

    point_type_id: int
    point_type: str
    decimals: int
    points: int
    qualifying: int


class Granted(msgspec.Struct, frozen=True):
    """What a limited promotion paid, in one of the member's spans of time that it limits."""

    promotion_id: int
    span: Span
    points: Decimal


class TierChange(msgspec.Struct, frozen=True):
    """A tier begins, and the one held before in its class (if any) ends the day before."""

    tier_class: str
    before: str | None
    after: str
    starts_on: date
    ends_on: date | None
    reason: TierReason
    promotion_id: int | None = None


class NewVoucher(msgspec.Struct, frozen=True):
    """A voucher to be written; its number is drawn when it is. `transaction_id`: of what gives it, if a transaction does."""

    member_id: int
    product_id: int
    voucher_type: str
    source: VoucherSource
    transaction_id: int | None
    promotion_id: int | None
    tier: str | None
    expires_on: date | None


class FollowUp(msgspec.Struct, frozen=True):
    """A transaction that the engine makes because of another, in the same commit."""

    follows_id: int
    type: Type
    sub_type: SubType
    transaction_date: date
    other_member_id: int | None = None
    """The member at the other end of what moved."""
    cancels_id: int | None = None
    share: Fraction | None = None
    """For a cancellation of something that goes back together with something else: this part of it, else the rest."""
    point_type_id: int | None = None
    points: int | None = None
    loan_id: int | None = None
    """The loan that it repays."""
    partner_id: int | None = None
    """Of a cancellation: at whom happened what it takes back."""


class Attributes(msgspec.Struct, frozen=True):
    """A member's program-defined attributes and counters after the chunk."""

    attributes: Mapping[str, Any]
    counters: Mapping[str, Any]


class Outcome(msgspec.Struct, frozen=True, gc=False):
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
    vouchers: tuple[NewVoucher, ...] = ()
    """Given by it."""
    used: tuple[VoucherState, ...] = ()
    """Vouchers that pay for it, as they were before."""
    captured: HoldState | None = None
    """The hold that it captures."""
    follow_up: FollowUp | None = None
    """What it follows, for a transaction that did not exist before."""
    reversed: Reversed | None = None
    loans: tuple[LoanState, ...] = ()
    """Loans that it made or repaid, as they are afterwards."""
    unconsidered: tuple[int, ...] = ()
    """Loans older than this accrual, for which automatic repayment has yet to consider it."""
    debits: tuple[BlockDebit, ...] = ()
    bills: tuple[Bill, ...] = ()


class Outcomes(msgspec.Struct, frozen=True):
    """The outcomes in the order worked, and what the caches of the ledger must hold afterwards."""

    outcomes: tuple[Outcome, ...]
    balances: Mapping[tuple[int, int], BalanceState]
    """By member and point type; only those that changed."""
    remaining: Mapping[tuple[int, LotKey], int]
    """What is left of lots made before or within the chunk, where some was taken."""
    woken: frozenset[int]
    """Dormant members whom an accrual made active."""
    attributes: Mapping[int, Attributes] = msgspec.field(default_factory=dict)
    """By member; only those that changed."""
    paid: Mapping[int, Decimal] = msgspec.field(default_factory=dict)
    """What promotions with a limit in all have paid, by promotion; only those that changed."""
    more: Mapping[int, Decimal] = msgspec.field(default_factory=dict)
    """By how much that is more, or (below 0) less, than before."""
    left: Mapping[int, int] = msgspec.field(default_factory=dict)
    """What is left of blocks, in hundredths, by block; only of those that were drawn from or given back to."""
    ended_holds: tuple[int, ...] = ()
    """Holds whose time has come: their points are in the balances again."""
