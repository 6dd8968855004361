"""Commands and questions about transactions. What is recorded is a `NewTransaction`; whose it is, a `MemberReference`.

A stored transaction is named by its number. `expected_version` guards against a change that the caller has not seen.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from domain.commands.members import UNCHANGED, MemberReference, Unchanged
from domain.entries import NewTransaction
from domain.transactions import LineItem, RefundLine, Status, SubStatus, SubType, Tender, Type, VoucherWish


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionCreate:
    """Record a transaction: IN_PROGRESS, or handed on at once: to the batch engine, or to its partner who must act first."""

    idempotency_key: str
    member: MemberReference
    entry: NewTransaction
    queue: bool = False
    send_to_partner: bool = False
    recipient: MemberReference | None = None
    """Whom a transfer is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneCall:
    """Record a transaction and press Process in the same call."""

    idempotency_key: str
    member: MemberReference
    entry: NewTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsEarn(OneCall):
    """The member bought, booked or did something: ACCRUAL/PRODUCT, whatever the entry says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsRedeem(OneCall):
    """The member spends points: REDEMPTION/PRODUCT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsGift(OneCall):
    """The member is given points: ACCRUAL/GIFT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsTransfer(OneCall):
    """The member sends points to another of the same program: REDEMPTION/TRANSFER."""

    recipient: MemberReference


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalReference:
    """A transaction as the system that sent it knows it."""

    program: str
    external_id: str
    partner: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionCancel:
    """Take back all that is left of a processed transaction, named by its number or its external id.

    `record`: only record the cancellation, IN_PROGRESS, to be submitted or processed later; else it is processed at once.
    """

    idempotency_key: str
    original: int | ExternalReference
    record: bool = False
    transaction_date: date | None = None
    source: str | None = None
    external_id: str | None = None
    comment: str | None = None
    submit_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionRefund(TransactionCancel):
    """Take back a part: lines, a quantity, an amount or points; one of them."""

    lines: tuple[RefundLine, ...] | None = None
    quantity: Decimal | None = None
    amount: Decimal | None = None
    currency: str | None = None
    points: Decimal | None = None
    point_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionUpdate:
    """Correct a transaction that is IN_PROGRESS. Attributes are added to the others; one of None is removed.

    The program, the members and the type stay: a transaction of another member is another transaction.
    """

    id: int
    expected_version: int
    sub_type: SubType | Unchanged = UNCHANGED
    transaction_date: date | Unchanged = UNCHANGED
    product: str | Unchanged | None = UNCHANGED
    partner: str | Unchanged | None = UNCHANGED
    amount: Decimal | Unchanged | None = UNCHANGED
    currency: str | Unchanged | None = UNCHANGED
    quantity: Decimal | Unchanged | None = UNCHANGED
    line_items: tuple[LineItem, ...] | Unchanged = UNCHANGED
    attributes: Mapping[str, Any] = field(default_factory=dict)
    base_points: Decimal | Unchanged | None = UNCHANGED
    point_type: str | Unchanged | None = UNCHANGED
    qualifying: bool | Unchanged | None = UNCHANGED
    points: Decimal | Unchanged | None = UNCHANGED
    voucher: VoucherWish | Unchanged | None = UNCHANGED
    tender: Tender | Unchanged | None = UNCHANGED
    source: str | Unchanged | None = UNCHANGED
    external_id: str | Unchanged | None = UNCHANGED
    comment: str | Unchanged | None = UNCHANGED
    submit_to: str | Unchanged | None = UNCHANGED
    refund_lines: tuple[RefundLine, ...] | Unchanged | None = UNCHANGED
    """Of a cancellation: what comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTransaction:
    """What every command on a stored transaction may say."""

    id: int
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionDelete(OnTransaction):
    """Remove a transaction that is IN_PROGRESS. Its approval records stay, its external id becomes free again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionSubmit(OnTransaction):
    """Ask for approval: of the person named (by the subject of their token), else of the requester's manager."""

    submit_to: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionForward(OnTransaction):
    """Pass a submitted transaction on: to the person named, else to the manager of whoever it waits for."""

    submit_to: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionApprove(OnTransaction):
    """Approve; `and_process` presses Process too, which is why this has an idempotency key."""

    idempotency_key: str
    comment: str | None = None
    and_process: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionReject(OnTransaction):
    """Refuse to approve, and say why."""

    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(OnTransaction):
    """A move that needs nothing but, perhaps, a word about it."""

    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionAccept(Moved):
    """Let it be processed without a manager's approval, as far as none is needed or the actor's own limit covers it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionQueue(Moved):
    """Hand it to the batch engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionSendToPartner(Moved):
    """Let its partner decide first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionPartnerApprove(Moved):
    """The partner agrees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionPartnerReject(OnTransaction):
    """The partner does not agree, and says why."""

    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionRecall(Moved):
    """Withdraw what was not processed yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionReopen(Moved):
    """Take up again what was recalled or rejected, to correct it and send it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionProcess:
    """Press Process."""

    idempotency_key: str
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFilter:
    """Which transactions; all that is given must hold. Things by their codes, people by their subjects, spans with both ends."""

    program: str | None = None
    member: MemberReference | None = None
    type: Type | None = None
    sub_type: tuple[SubType, ...] = ()
    status: tuple[Status, ...] = ()
    sub_status: tuple[SubStatus, ...] = ()
    partner: str | None = None
    product: str | None = None
    transaction_date_from: date | None = None
    transaction_date_through: date | None = None
    processed_from: date | None = None
    processed_through: date | None = None
    """Days of the program's time zone."""
    external_id: str | None = None
    source: str | None = None
    created_by: str | None = None
    submit_to: str | None = None
    cancels: int | None = None


class TransactionOrder(enum.Enum):
    """By what a list of transactions is sorted. CREATED: in the order in which they were recorded."""

    CREATED = "CREATED"
    TRANSACTION_DATE = "TRANSACTION_DATE"
