"""Why the engine refuses a transaction: problems with the sub-status they leave behind.

They are answers, stored in the decision, and rebuilt from it when the same request is made again.
"""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import ClassVar

import msgspec

from domain.engine.decision import Refusal
from domain.points import Spoken
from domain.problems import Problem
from domain.transactions import SubStatus
from domain.vouchers import VoucherStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection(Problem):
    """A refusal by the engine; its code is the sub-status, or more exact."""

    sub_status: ClassVar[SubStatus]


@dataclass(frozen=True, slots=True, kw_only=True)
class InsufficientPoints(Rejection):
    """The member has too few usable points of the type."""

    code = "INSUFFICIENT_POINTS"
    sub_status = SubStatus.INSUFFICIENT_POINTS
    point_type: str
    available: Spoken
    required: Spoken

    @property
    def message(self) -> str:
        return f"{self.required:,f} {self.point_type} are needed, {self.available:,f} are available."


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanNotAllowed(Rejection):
    """A loan above the member's approved maximum, or without one (`maximum` None)."""

    code = "LOAN_NOT_ALLOWED"
    sub_status = SubStatus.LOAN_NOT_ALLOWED
    point_type: str
    asked: Spoken
    outstanding: Spoken
    maximum: Spoken | None

    @property
    def message(self) -> str:
        if self.maximum is None:
            return f"No maximum loan of {self.point_type} is approved for this member: have one set and approved first."
        return (
            f"{self.asked:,f} {self.point_type} beside {self.outstanding:,f} outstanding are more than "
            f"the approved maximum of {self.maximum:,f}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RepaymentExceedsLoan(Rejection):
    """A repayment of more than is outstanding of its loan."""

    code = "REPAYMENT_EXCEEDS_LOAN"
    sub_status = SubStatus.LOAN_NOT_ALLOWED
    point_type: str
    asked: Spoken
    outstanding: Spoken

    @property
    def message(self) -> str:
        return f"{self.asked:,f} {self.point_type} are more than is outstanding of this loan: {self.outstanding:,f}."


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPointType(Rejection):
    """Points of another type than those that are to be given back."""

    code = "OTHER_POINT_TYPE"
    sub_status = SubStatus.INVALID_POINT_TYPE
    point_type: str
    expected: str

    @property
    def message(self) -> str:
        return f"What was lent as {self.expected} is repaid with {self.expected}, not with {self.point_type}."


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingMemberData(Rejection):
    """Profile fields that the program requires and the member has not filled in."""

    code = "MISSING_MEMBER_DATA"
    sub_status = SubStatus.MISSING_MEMBER_DATA
    fields: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"The program requires data that this member has not given: {', '.join(self.fields)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramInactive(Rejection):
    """Only an active program processes transactions."""

    code = "PROGRAM_INACTIVE"
    sub_status = SubStatus.PROGRAM_INACTIVE
    status: str

    @property
    def message(self) -> str:
        return f"The program is {self.status}; transactions are processed only while it is ACTIVE."


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberInactive(Rejection):
    """The member's status does not allow it."""

    code = "MEMBER_INACTIVE"
    sub_status = SubStatus.MEMBER_INACTIVE
    status: str
    allowed: tuple[str, ...]
    who: str = "member"

    @property
    def message(self) -> str:
        return f"The {self.who} is {self.status}; this needs a {self.who} who is {' or '.join(self.allowed)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerInactive(Rejection):
    """The partner, its terms in this program, or a membership that the program demands, are missing or not active.

    `demanded`: the partner programs of one of which it must be a member, if that is what is missing.
    """

    code = "PARTNER_INACTIVE"
    sub_status = SubStatus.PARTNER_INACTIVE
    partner: str
    demanded: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        if self.demanded:
            return f"Partner {self.partner!r} is no member of {' or '.join(self.demanded)}, which this program demands."
        return f"Partner {self.partner!r} has no active terms in this program."


@dataclass(frozen=True, slots=True, kw_only=True)
class LateReport(Rejection):
    """The partner's terms allow reports only so many days back."""

    code = "LATE_REPORT"
    sub_status = SubStatus.LATE_REPORT
    days: int
    earliest: date

    @property
    def message(self) -> str:
        return f"The partner must report within {self.days} days: on the day of the report, {self.earliest} was the earliest date."


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidPointType(Rejection):
    """A point type that the program does not have."""

    code = "INVALID_POINT_TYPE"
    sub_status = SubStatus.INVALID_POINT_TYPE
    point_type: str

    @property
    def message(self) -> str:
        return f"The program has no point type {self.point_type!r}."


@dataclass(frozen=True, slots=True, kw_only=True)
class PointTypeNotAgreed(Rejection):
    """A point type that the partner's terms do not let it give."""

    code = "POINT_TYPE_NOT_AGREED"
    sub_status = SubStatus.INVALID_POINT_TYPE
    point_type: str
    partner: str
    allowed: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"The terms of partner {self.partner!r} do not cover {self.point_type}, only {', '.join(self.allowed)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class InsufficientPointBlocks(Rejection):
    """Too little is left of the blocks that would pay, with what may be overdrawn. `partner` None: the host's.

    `promotion`: the one that draws only from blocks made for it, if that is why. `available` and `required` are null for whom
    the stock of that partner is no business.
    """

    code = "INSUFFICIENT_POINT_BLOCKS"
    sub_status = SubStatus.INSUFFICIENT_POINT_BLOCKS
    partner: str | None
    available: Spoken | None
    required: Spoken | None
    promotion: str | None = None

    @property
    def message(self) -> str:
        whose = "the host" if self.partner is None else f"partner {self.partner!r}"
        made = "" if self.promotion is None else f" made for promotion {self.promotion!r}"
        if self.required is None or self.available is None:
            return f"Too few points are left of the blocks of {whose}{made}."
        return f"{self.required:,f} points are needed of the blocks of {whose}{made}, {self.available:,f} are left."


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyMismatch(Rejection):
    """The program has base rules for other currencies only."""

    code = "CURRENCY_MISMATCH"
    sub_status = SubStatus.CURRENCY_MISMATCH
    currency: str
    expected: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"The program earns on amounts in {', '.join(self.expected)}, not in {self.currency}."


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentShort(Rejection):
    """What was offered does not cover the price."""

    code = "PAYMENT_SHORT"
    sub_status = SubStatus.PAYMENT_SHORT
    point_type: str
    price: Spoken
    offered: Spoken

    @property
    def message(self) -> str:
        return f"The price is {self.price:,f} {self.point_type}; {self.offered:,f} were offered."


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitExceeded(Rejection):
    """More points than the program allows for one transfer, or in a year."""

    code = "LIMIT_EXCEEDED"
    sub_status = SubStatus.LIMIT_EXCEEDED
    point_type: str
    asked: Spoken
    limit: Spoken
    per: str
    used: Spoken | None = None

    @property
    def message(self) -> str:
        used = "" if self.used is None else f", of which {self.used:,f} are used"
        return f"At most {self.limit:,f} {self.point_type} per {self.per} are allowed{used}; {self.asked:,f} were asked for."


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherInvalid(Rejection):
    """A voucher that cannot pay for this: its number, or its type where any of a type would do."""

    code = "VOUCHER_INVALID"
    sub_status = SubStatus.VOUCHER_INVALID
    voucher: str
    reason: str

    @property
    def message(self) -> str:
        return f"Voucher {self.voucher!r} cannot be used: {self.reason}."


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFailed(Rejection):
    """A rule could not be evaluated."""

    code = "RULE_ERROR"
    sub_status = SubStatus.RULE_ERROR
    where: str
    reason: str

    @property
    def message(self) -> str:
        return f"{self.where}: {self.reason}."


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyCancelled(Rejection):
    """All of the transaction was taken back before."""

    code = "ALREADY_CANCELLED"
    sub_status = SubStatus.LIMIT_EXCEEDED

    @property
    def message(self) -> str:
        return "All of this transaction was taken back before: nothing is left to cancel or refund."


@dataclass(frozen=True, slots=True, kw_only=True)
class OfMergedMember(Rejection):
    """A transaction of a member who was merged since: what is left of its points is in lots of somebody else."""

    code = "OF_MERGED_MEMBER"
    sub_status = SubStatus.MEMBER_INACTIVE

    @property
    def message(self) -> str:
        return (
            "The member of this transaction was merged into another since: it cannot be taken back; credit or debit the "
            "member who stayed by hand."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanInUse(Rejection):
    """A loan is taken back whole, as long as nothing of it was spent, held or repaid: `unspent` and `outstanding` of `lent`."""

    code = "LOAN_IN_USE"
    sub_status = SubStatus.LOAN_NOT_ALLOWED
    point_type: str
    lent: Spoken
    unspent: Spoken
    outstanding: Spoken

    @property
    def message(self) -> str:
        return (
            f"A loan is cancelled whole, while none of it is spent, held or repaid: of {self.lent:,f} {self.point_type} lent, "
            f"{self.unspent:,f} are there and {self.outstanding:,f} outstanding. Repay what is outstanding instead."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundTooHigh(Rejection):
    """More is to be taken back than is left of the transaction."""

    code = "REFUND_TOO_HIGH"
    sub_status = SubStatus.LIMIT_EXCEEDED
    what: str
    asked: Decimal
    left: Decimal

    @property
    def message(self) -> str:
        return f"{self.what}: {self.asked:,f} shall be taken back, {self.left:,f} is left of the transaction."


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherNotReturned(Rejection):
    """Points that bought a voucher come back only with it, and it is no longer there to be taken back."""

    code = "VOUCHER_NOT_RETURNED"
    sub_status = SubStatus.VOUCHER_INVALID
    number: str
    status: VoucherStatus

    @property
    def message(self) -> str:
        remedy = "; cancel first what it paid for" if self.status is VoucherStatus.USED else ""
        return f"Voucher {self.number}, which these points bought, is {self.status.value} and cannot be taken back{remedy}."


@dataclass(frozen=True, slots=True, kw_only=True)
class VouchersDivided(Rejection):
    """A part that would take back a piece of a voucher."""

    code = "VOUCHERS_DIVIDED"
    sub_status = SubStatus.VOUCHER_INVALID
    bought: int

    @property
    def message(self) -> str:
        return (
            f"This redemption bought vouchers ({self.bought}), and they come back whole: name how many by quantity,"
            " or an amount of points that is the price of whole ones."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFailed(Rejection):
    """The database refused this transaction for its data; the incident's number is in the log."""

    code = "ENGINE_ERROR"
    sub_status = SubStatus.ENGINE_ERROR
    incident: str

    @property
    def message(self) -> str:
        return f"This transaction could not be written (incident {self.incident}); nothing of it took effect."


REJECTIONS: dict[str, type[Rejection]] = {
    kind.code: kind
    for kind in (
        InsufficientPoints, MissingMemberData, ProgramInactive, MemberInactive, PartnerInactive, LateReport,
        InvalidPointType, CurrencyMismatch, PaymentShort, LimitExceeded, VoucherInvalid, RuleFailed, AlreadyCancelled,
        OfMergedMember, LoanInUse, RefundTooHigh, VoucherNotReturned, VouchersDivided, EngineFailed, LoanNotAllowed,
        RepaymentExceedsLoan, OtherPointType, PointTypeNotAgreed, InsufficientPointBlocks,
    )
}  # fmt: skip


class Rejected(Exception):
    """Raised inside the engine, where a transaction's outcome is known to be a rejection; never leaves it."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.code)
        self.rejection = rejection


def stored(rejection: Rejection) -> Refusal:
    """A rejection as its decision keeps it."""
    data = {each.name: getattr(rejection, each.name) for each in fields(rejection) if each.name != "path"}
    return Refusal(rejection.code, msgspec.to_builtins(data))


def restored(refusal: Refusal) -> Rejection:
    """The rejection that a decision keeps."""
    return msgspec.convert(refusal.data, REJECTIONS[refusal.code], strict=False)
