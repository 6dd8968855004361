"""Transactions: one activity of a member each, and the only thing that ever moves points.

Types, sub-types, statuses and the shapes that clients see. Which status may follow which is in `domain/moves.py`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from domain.currencies import as_written
from domain.known import Known


class Type(Known):
    """Whether the member earns or burns."""

    ACCRUAL = "ACCRUAL"
    REDEMPTION = "REDEMPTION"


class SubType(Known):
    """What kind of earning or burning (domain: transactions)."""

    PRODUCT = "PRODUCT"
    ACTION_BASED_BONUS = "ACTION_BASED_BONUS"
    GIFT = "GIFT"
    LOAN = "LOAN"
    LOAN_REPAYMENT = "LOAN_REPAYMENT"
    CANCELLATION = "CANCELLATION"
    MANUAL_CREDIT = "MANUAL_CREDIT"
    MANUAL_DEBIT = "MANUAL_DEBIT"
    TRANSFER = "TRANSFER"
    TRANSFER_IN = "TRANSFER_IN"
    ROLLUP_IN = "ROLLUP_IN"
    ROLLUP_OUT = "ROLLUP_OUT"
    MERGE_IN = "MERGE_IN"
    MERGE_OUT = "MERGE_OUT"
    EXPIRY = "EXPIRY"


class Status(Known):
    """Where a transaction stands in its life."""

    IN_PROGRESS = "IN_PROGRESS"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    ACCEPTABLE = "ACCEPTABLE"
    QUEUED = "QUEUED"
    PARTNER_PENDING = "PARTNER_PENDING"
    PARTNER_APPROVED = "PARTNER_APPROVED"
    PARTNER_REJECTED = "PARTNER_REJECTED"
    REJECTED_MANAGER = "REJECTED_MANAGER"
    REJECTED_ENGINE = "REJECTED_ENGINE"
    CANCELLED = "CANCELLED"
    PROCESSED = "PROCESSED"


class SubStatus(Known):
    """How processing ended: the first two of PROCESSED, the others of REJECTED_ENGINE."""

    SUCCESS = "SUCCESS"
    NO_PROMOTIONS_QUALIFIED = "NO_PROMOTIONS_QUALIFIED"
    INSUFFICIENT_POINTS = "INSUFFICIENT_POINTS"
    MISSING_MEMBER_DATA = "MISSING_MEMBER_DATA"
    INSUFFICIENT_POINT_BLOCKS = "INSUFFICIENT_POINT_BLOCKS"
    PROGRAM_INACTIVE = "PROGRAM_INACTIVE"
    MEMBER_INACTIVE = "MEMBER_INACTIVE"
    PARTNER_INACTIVE = "PARTNER_INACTIVE"
    INVALID_POINT_TYPE = "INVALID_POINT_TYPE"
    ATTRIBUTE_DEFINITION_INACTIVE = "ATTRIBUTE_DEFINITION_INACTIVE"
    PAYMENT_SHORT = "PAYMENT_SHORT"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    LOAN_NOT_ALLOWED = "LOAN_NOT_ALLOWED"
    VOUCHER_INVALID = "VOUCHER_INVALID"
    LATE_REPORT = "LATE_REPORT"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    RULE_ERROR = "RULE_ERROR"
    ENGINE_ERROR = "ENGINE_ERROR"


ENGINE_ONLY = frozenset({
    SubType.TRANSFER_IN, SubType.ROLLUP_IN, SubType.ROLLUP_OUT, SubType.MERGE_IN, SubType.MERGE_OUT, SubType.EXPIRY,
})  # fmt: skip
"""Sub-types that nobody may ask for: the engine makes them itself."""

SUB_TYPES: dict[Type, frozenset[SubType]] = {
    Type.ACCRUAL: frozenset({
        SubType.PRODUCT, SubType.ACTION_BASED_BONUS, SubType.GIFT, SubType.LOAN, SubType.CANCELLATION,
        SubType.MANUAL_CREDIT, SubType.TRANSFER_IN, SubType.ROLLUP_IN, SubType.MERGE_IN,
    }),
    Type.REDEMPTION: frozenset({
        SubType.PRODUCT, SubType.LOAN_REPAYMENT, SubType.TRANSFER, SubType.CANCELLATION, SubType.MANUAL_DEBIT,
        SubType.EXPIRY, SubType.ROLLUP_OUT, SubType.MERGE_OUT,
    }),
}  # fmt: skip
"""Which sub-types a type has."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount and its ISO 4217 currency."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Tender:
    """The money part of a mixed payment: an exact amount, its ISO 4217 currency, and how it was paid (`CARD`, `CASH`)."""

    amount: Decimal
    currency: str
    kind: str = "CARD"


@dataclass(frozen=True, slots=True)
class VoucherWish:
    """Vouchers that are to pay: one by its number, or so many of a type, nearest expiry first."""

    number: str | None = None
    voucher_type: str | None = None
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of a basket, a fare, a folio: a product by its code, and whatever else rules may read."""

    product: str | None = None
    quantity: Decimal | None = None
    amount: Decimal | None = None
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefundLine:
    """A line that comes back, by its number (the first is 1): so many of it, so much of its amount, or all that is left of it."""

    line: int
    quantity: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PointTotal:
    """What a processed transaction gave (or, for a redemption, took) of one point type, in points as people speak them."""

    point_type: str
    points: Decimal
    qualifying: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A transaction as it is stored and shown; points in points as people speak them."""

    id: int
    program_id: int
    member_id: int
    type: Type
    sub_type: SubType
    status: Status
    sub_status: SubStatus | None
    transaction_date: date
    processed_at: datetime | None
    created_at: datetime
    created_by_id: int | None
    product_id: int | None
    amount: Decimal | None
    currency: str | None
    quantity: Decimal | None
    line_items: tuple[LineItem, ...]
    attributes: dict[str, Any]
    partner_id: int | None
    base_points: Decimal | None
    point_type_id: int | None
    qualifying: bool | None
    points: Decimal | None
    submit_to_id: int | None
    external: bool
    source: str | None
    external_id: str | None
    comment: str | None
    totals: tuple[PointTotal, ...]
    attempts: int
    version: int
    voucher: VoucherWish | None = None
    tender: Tender | None = None
    hold_id: int | None = None
    """The hold that it captures."""
    follows_id: int | None = None
    """The transaction because of which the engine made this one."""
    other_member_id: int | None = None
    """Whom a transfer is for; of what the engine made for two members, the one at the other end."""
    cancels_id: int | None = None
    """The transaction that this one takes back, or a part of it: lines, quantity, amount or points; none of them: the rest."""
    refund_lines: tuple[RefundLine, ...] = ()
    refund_share: Fraction | None = None
    """The part that the engine itself took back with something else."""
    loan_id: int | None = None
    """The loan that it repays."""
    disputes_id: int | None = None
    """The wrong accrual that is cancelled once this one is processed."""

    @property
    def money(self) -> Money | None:
        """Amount and currency as one value, as people write it."""
        if self.amount is None or self.currency is None:
            return None
        return Money(as_written(self.amount, self.currency), self.currency)
