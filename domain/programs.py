"""Programs: the top of everything, with the settings, point types and rules that decide what a transaction is worth.

Every change of what the engine reads makes a new version; a decision names the version it was made with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.attributes import AttributeType, OnReversal, usual_reversal
from domain.bonuses import NO_BONUSES, Bonuses
from domain.expiry import NEVER, ExpiryPolicy
from domain.known import Known
from domain.leaving import NO_LEAVING_LIMITS, LeavingLimits
from domain.transactions import SubType
from domain.transfers import NO_TRANSFER_LIMITS, TransferLimits
from domain.vouchers import VoucherTerms


class ProgramStatus(Known):
    """A program is drafted, runs, and may be halted; only an ACTIVE one processes transactions."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class CalculationRule(Known):
    """Which of the competing promotions pay (domain: calculation rule)."""

    MAX_BY_PROMOTION = "MAX_BY_PROMOTION"
    MAX_BY_POINT_TYPE = "MAX_BY_POINT_TYPE"
    MAX_BY_POINT_TYPE_AND_QUALIFYING = "MAX_BY_POINT_TYPE_AND_QUALIFYING"
    ALL = "ALL"


DEFAULT_APPROVALS: dict[SubType, Decimal] = {
    SubType.MANUAL_CREDIT: Decimal(0),
    SubType.MANUAL_DEBIT: Decimal(0),
    SubType.LOAN: Decimal(0),
    SubType.LOAN_REPAYMENT: Decimal(0),
    SubType.TRANSFER: Decimal(0),
    SubType.CANCELLATION: Decimal(0),
}
"""Approval is needed above so many points; a sub-type that is not named never needs one."""


@dataclass(frozen=True, slots=True)
class BaseRule:
    """One way to find base points: a rule kind, its version and its parameters. The first that applies decides."""

    kind: str
    parameters: Mapping[str, Any]
    version: int = 1


@dataclass(frozen=True, slots=True)
class ProgramSettings:
    """Everything a program decides for itself, typed; the defaults are those of the domain."""

    expiry: ExpiryPolicy = NEVER
    approval_above: Mapping[SubType, Decimal] = field(default_factory=lambda: dict(DEFAULT_APPROVALS))
    process_queued_by_hand: bool = False
    spend_qualifying: bool = True
    calculation_rule: CalculationRule = CalculationRule.MAX_BY_PROMOTION
    required_for_accrual: tuple[str, ...] = ()
    required_for_redemption: tuple[str, ...] = ()
    earliest_days_back: int = 3650
    max_days_ahead: int = 0
    expiry_warning_days: int = 0
    """How many days before points lapse their member is warned; 0: nobody is."""
    bonuses: Bonuses = NO_BONUSES
    repay_automatically: bool = False
    """Whether accruals repay loans that are older, by `repayment_percent` of what they give."""
    repayment_percent: int = 100
    untrusted_rule_kinds: tuple[str, ...] = ()
    """Rule kinds that run in a helper process, which is ended when one takes longer than `rule_time_limit_ms`."""
    rule_time_limit_ms: int = 250
    partner_programs: tuple[str, ...] = ()
    """Of one of these a partner must be a member for its accruals; none: no membership is demanded."""
    transfer_limits: TransferLimits = NO_TRANSFER_LIMITS
    leaving_limits: LeavingLimits = NO_LEAVING_LIMITS
    """How fast points may leave a member."""
    dormant_after_months: int = 0
    """After so many months without a transaction an active member becomes DORMANT; 0: never."""
    hold_minutes: int = 15
    """How long a hold lasts that says nothing else."""
    longest_hold_minutes: int = 60
    tender_rate: Decimal | None = None
    """Points of the default type that one unit of the program's currency pays; None: points are paid with points alone."""
    lend_refund_shortfall: bool = False
    """Whether a member who has spent what is taken back is lent the rest; else the cancellation is refused."""
    refund_grace_days: int = 0
    """For so many days may points still be used that a cancellation puts back into a lot which has lapsed; 0: not at all."""
    host_blocks: bool = False
    """Whether points of the host's own activities and promotions come out of its blocks, too, one for one."""
    refund_reasons: tuple[str, ...] = ()
    """The codes of reasons for which a fee of a partner is refunded."""
    close_statements_monthly: bool = False
    """Whether the statements of partners are closed by themselves, a calendar month at a time."""


@dataclass(frozen=True, slots=True)
class PointType:
    """A kind of points. `decimals` never changes once there are lots."""

    id: int
    program_id: int
    code: str
    name: str
    decimals: int
    qualifying: bool
    weight_qualifying: Decimal
    weight_non_qualifying: Decimal
    expiry: ExpiryPolicy | None
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program as it is stored and shown; `version` counts every change of what the engine reads."""

    id: int
    code: str
    name: str
    status: ProgramStatus
    time_zone: str
    currency: str
    settings: ProgramSettings
    base_rules: tuple[BaseRule, ...]
    attributes: Mapping[str, AttributeType]
    """What the program declares for its rules, by path: `line.attributes.department`, `member.attributes.homeStore`."""
    version: int
    created_at: datetime
    reversals: Mapping[str, OnReversal] = field(default_factory=dict)
    """What becomes of attributes when a transaction is taken back, by path, where it is not the usual."""

    def on_reversal(self, path: str) -> OnReversal:
        """What becomes of an attribute when the transaction that changed it is taken back."""
        return self.reversals.get(path, usual_reversal(self.attributes.get(path)))


@dataclass(frozen=True, slots=True)
class Product:
    """Something members buy, book or redeem for. `attributes` are what rules may read of it; `voucher`: it is a voucher type."""

    id: int
    program_id: int
    code: str
    name: str
    active: bool
    attributes: Mapping[str, Any]
    version: int
    voucher: VoucherTerms | None = None


class PriceKind(Known):
    """Whether a price says what a product earns or what it costs."""

    ACCRUAL = "ACCRUAL"
    REDEMPTION = "REDEMPTION"


@dataclass(frozen=True, slots=True)
class ProductPrice:
    """Points per unit of a product in a span of dates (both included), for one partner or for all (`partner_id` None)."""

    id: int
    product_id: int
    partner_id: int | None
    kind: PriceKind
    point_type_id: int
    points: Decimal
    starts_on: date
    ends_on: date | None
