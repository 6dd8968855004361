"""What can be asked about vouchers. A voucher is named by its program and number, as it is printed."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.commands.members import MemberReference
from domain.vouchers import VoucherStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherIssue:
    """Give a member vouchers of a type; `expires_on`: their last day, if it is not the one that the type says."""

    idempotency_key: str
    program: str
    member: MemberReference
    voucher_type: str
    quantity: int = 1
    expires_on: date | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnVoucher:
    """A voucher on which something is done."""

    idempotency_key: str
    program: str
    number: str
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherReserve(OnVoucher):
    """Keep it for a checkout, until a moment; then it is free again by itself."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherRelease(OnVoucher):
    """The checkout did not happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherUse:
    """Take vouchers that pay for something outside the engine: one by its number, or some of a member's of a type."""

    idempotency_key: str
    program: str
    number: str | None = None
    member: MemberReference | None = None
    voucher_type: str | None = None
    quantity: int = 1
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherCancel(OnVoucher):
    """Take it back; what it cost comes back to the member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherReissue(OnVoucher):
    """Replace its number: the old one is worth nothing any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherFilter:
    """Which vouchers; all that is given must hold."""

    program: str | None = None
    member_id: int | None = None
    status: VoucherStatus | None = None
    voucher_type: str | None = None
