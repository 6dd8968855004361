"""What can be asked about tiers: their definition, and a member's change of tier by hand."""

from dataclasses import dataclass
from decimal import Decimal

from domain.commands.members import UNCHANGED, MemberReference, Unchanged
from domain.expiry import ExpiryPolicy
from domain.tiers import TierLoan, TierModel
from domain.vouchers import TierVoucher


@dataclass(frozen=True, slots=True, kw_only=True)
class TierClassCreate:
    """Add a ladder of tiers; the lowest sequence of a program is the most senior class."""

    program: str
    code: str
    name: str
    sequence: int
    model: TierModel
    period_months: int = 12
    starts_month: int = 1
    starts_day: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TierClassUpdate:
    """Change a class, under the version of its program. Tiers that members hold keep the ends they have."""

    program: str
    tier_class: str
    expected_version: int
    name: str | None = None
    sequence: int | None = None
    model: TierModel | None = None
    period_months: int | None = None
    starts_month: int | None = None
    starts_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierThreshold:
    """So many qualifying points of a type, or so high a counter: exactly one of the two is named."""

    at_least: Decimal
    point_type: str | None = None
    counter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierCreate:
    """Add a tier. The first of a class is its default, in which every member begins; all others stand above it."""

    program: str
    tier_class: str
    code: str
    name: str
    sequence: int
    shown: bool = True
    thresholds: tuple[TierThreshold, ...] = ()
    any_threshold: bool = False
    downgrade_to: str | None = None
    minimum_months: int = 12
    suspends_expiry: bool = False
    expiry: ExpiryPolicy | None = None
    vouchers: tuple[TierVoucher, ...] = ()
    loan: TierLoan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierUpdate:
    """Change a tier, under the version of its program, for what happens from now on."""

    program: str
    tier: str
    expected_version: int
    name: str | None = None
    sequence: int | None = None
    shown: bool | None = None
    thresholds: tuple[TierThreshold, ...] | None = None
    any_threshold: bool | None = None
    downgrade_to: str | Unchanged | None = UNCHANGED
    minimum_months: int | None = None
    suspends_expiry: bool | None = None
    expiry: ExpiryPolicy | Unchanged | None = UNCHANGED
    vouchers: tuple[TierVoucher, ...] | None = None
    loan: TierLoan | Unchanged | None = UNCHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberTierRequest:
    """Ask for a member's change of tier; `submit_to`: a tier approver, by subject."""

    member: MemberReference
    program: str | None
    tier: str
    reason: str
    submit_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberTierRequestForward:
    """Let another tier approver decide: the one named, else the nearest above whoever was asked."""

    id: int
    submit_to: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberTierRequestApprove:
    """Let the tier begin today."""

    id: int
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberTierRequestReject:
    """Leave the member as it is; the comment says why."""

    id: int
    comment: str
