"""Why the engine refuses a transaction: problems with the sub-status they leave behind.

They are answers, stored in the decision, and rebuilt from it when the same request is made again.
"""

from dataclasses import dataclass, fields
from datetime import date
from typing import ClassVar

import msgspec

from domain.engine.decision import Refusal
from domain.points import Spoken
from domain.problems import Problem
from domain.transactions import SubStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection(Problem):
    """A refusal by the engine; its code is the sub-status."""

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

    @property
    def message(self) -> str:
        return f"The member is {self.status}; this needs a member who is {' or '.join(self.allowed)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerInactive(Rejection):
    """The partner, or its terms in this program, are missing or not active."""

    code = "PARTNER_INACTIVE"
    sub_status = SubStatus.PARTNER_INACTIVE
    partner: str

    @property
    def message(self) -> str:
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
        InvalidPointType, CurrencyMismatch, PaymentShort, RuleFailed, EngineFailed,
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
