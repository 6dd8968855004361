"""The stored record of why a transaction gave or took what it did: enough to run it again, and small.

Rows are arrays, not maps, so that a decision is a few hundred bytes; readable text is derived from it by `explain`.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec


class BaseLine(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Base points: their source (GIVEN, PRICE, RULE, ENTRY or NONE), the base rule, exact points as kept, and point type."""

    source: str
    rule: int | None
    points: Decimal
    point_type_id: int


class FiredLine(msgspec.Struct, frozen=True, array_like=True):
    """A promotion that fired: its version and the rules that did."""

    promotion_id: int
    version: int
    rules: tuple[int, ...]


class FailedLine(msgspec.Struct, frozen=True, array_like=True):
    """A promotion that did not: why (a candidate test by name, or CRITERION with rule, criterion and the value seen)."""

    promotion_id: int
    version: int
    reason: str
    rule: int | None = None
    criterion: int | None = None
    seen: str | None = None


class AwardLine(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Points a promotion proposed: exact, rounded to units, what a limit left of them, and whether it paid."""

    promotion_id: int
    point_type_id: int
    qualifying: bool
    exact: Decimal
    rounded: int
    limited: int
    paid: bool
    always: bool


class BalanceLine(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Available units before and after."""

    point_type_id: int
    before: int
    after: int


class ChangeLine(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An attribute or counter that a fired rule changed, and what was there before."""

    promotion_id: int
    path: str
    before: Any
    after: Any


class TierLine(msgspec.Struct, frozen=True, array_like=True):
    """A change of tier: class, before, after, last day, and why."""

    tier_class: str
    before: str | None
    after: str
    ends_on: date | None
    reason: str


class PaymentLine(msgspec.Struct, frozen=True, array_like=True):
    """What pays a part of a price besides points: VOUCHER and its number, or TENDER and its kind, and what it is worth in points."""

    kind: str
    name: str
    points: Decimal
    point_type_id: int


class VoucherLine(msgspec.Struct, frozen=True, array_like=True):
    """Vouchers that were given: their type, how many, and why (a promotion, a tier, or what was redeemed)."""

    voucher_type: str
    quantity: int
    source: str
    promotion_id: int | None = None


class ReturnLine(msgspec.Struct, frozen=True, array_like=True):
    """Units of a lot that were taken back, or put back into it; `lapsed`: those that had expired, or are past use now."""

    transaction_id: int
    position: int
    point_type_id: int
    points: int
    lapsed: int


class VoucherReturnLine(msgspec.Struct, frozen=True, array_like=True):
    """A voucher that a cancellation took back (CANCEL), or made usable again (RESTORE)."""

    number: str
    voucher_type: str
    move: str


class ReversalLine(msgspec.Struct, frozen=True, array_like=True):
    """What a cancellation took back: of which transaction and date, from which share of it to which (`3/10`), lot by lot."""

    original_id: int
    transaction_date: date
    before: str
    after: str
    lots: tuple[ReturnLine, ...]
    vouchers: tuple[VoucherReturnLine, ...] = ()


class LoanLine(msgspec.Struct, frozen=True, array_like=True):
    """Units lent (or, if negative, repaid), what was outstanding before and after, and the limit under which they were lent.

    A loan counts all that the member owes of the point type; a repayment what is left of the loan that it names.
    """

    loan_id: int
    point_type_id: int
    points: int
    before: int
    after: int
    limit: int | None = None


class DebitLine(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Hundredths of a point block (of a partner, or the host) that paid for the lot at a position; below 0: that came back."""

    block_id: int
    owner: int | None
    partner: str | None
    position: int
    points: int


class BillLine(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Points of the lot at a position for which a partner is billed afterwards; below 0: which are taken off again."""

    partner_id: int
    partner: str
    position: int
    point_type_id: int
    points: Decimal
    price: Decimal
    currency: str
    percentage: Decimal
    amount: Decimal


class Refusal(msgspec.Struct, frozen=True, array_like=True):
    """Why the engine refused: the code of the problem and its data."""

    code: str
    data: dict[str, Any]


class Decision(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One attempt at one transaction. `fired` and `failed` have lines in decisions of earlier releases; what came later stands
    at the end, so that those are read as they are.
    """

    program_version: int
    processed_at: datetime
    today: date
    sub_status: str
    base: BaseLine | None = None
    fired: tuple[FiredLine, ...] = ()
    failed: tuple[FailedLine, ...] = ()
    awards: tuple[AwardLine, ...] = ()
    balances: tuple[BalanceLine, ...] = ()
    refusal: Refusal | None = None
    changes: tuple[ChangeLine, ...] = ()
    tier: str | None = None
    """The dominant tier on the transaction date."""
    tier_changes: tuple[TierLine, ...] = ()
    verdicts: tuple[int, ...] = ()
    """A number for each promotion of the program's version, in its order (`domain/verdicts.py`)."""
    rules: tuple[tuple[int, ...], ...] = ()
    """Of promotions that fired by other rules than their first: their place in that order, and the rules."""
    seen: tuple[str, ...] = ()
    """What the failed criteria found, each value once, in the order of the promotions."""
    payments: tuple[PaymentLine, ...] = ()
    vouchers: tuple[VoucherLine, ...] = ()
    reversal: ReversalLine | None = None
    loans: tuple[LoanLine, ...] = ()
    debits: tuple[DebitLine, ...] = ()
    bills: tuple[BillLine, ...] = ()


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Decision)


def encode(decision: Decision) -> bytes:
    """The stored form of a decision."""
    return _encoder.encode(decision)


def decode(body: bytes) -> Decision:
    """A stored decision."""
    return _decoder.decode(body)
