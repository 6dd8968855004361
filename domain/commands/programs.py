"""Commands and questions about programs and their point types. A program is named by its code, which never changes.

What an edit does not name stays as it is; a list or mapping that it names replaces the whole.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from domain.attributes import AttributeType, OnReversal
from domain.bonuses import Bonuses
from domain.commands.members import UNCHANGED, Unchanged
from domain.expiry import ExpiryPolicy
from domain.leaving import LeavingLimits
from domain.programs import BaseRule, CalculationRule, ProgramStatus
from domain.transactions import SubType
from domain.transfers import TransferLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChange:
    """Settings to change; None leaves one as it is (in a new program: at its default)."""

    expiry: ExpiryPolicy | None = None
    approval_above: Mapping[SubType, Decimal] | None = None
    process_queued_by_hand: bool | None = None
    spend_qualifying: bool | None = None
    calculation_rule: CalculationRule | None = None
    required_for_accrual: tuple[str, ...] | None = None
    required_for_redemption: tuple[str, ...] | None = None
    earliest_days_back: int | None = None
    max_days_ahead: int | None = None
    expiry_warning_days: int | None = None
    bonuses: Bonuses | None = None
    repay_automatically: bool | None = None
    repayment_percent: int | None = None
    untrusted_rule_kinds: tuple[str, ...] | None = None
    rule_time_limit_ms: int | None = None
    partner_programs: tuple[str, ...] | None = None
    transfer_limits: TransferLimits | None = None
    leaving_limits: LeavingLimits | None = None
    dormant_after_months: int | None = None
    tender_rate: Decimal | None = None
    lend_refund_shortfall: bool | None = None
    refund_grace_days: int | None = None
    hold_minutes: int | None = None
    longest_hold_minutes: int | None = None
    host_blocks: bool | None = None
    refund_reasons: tuple[str, ...] | None = None
    close_statements_monthly: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramCreate:
    """Draft a program. Its time zone decides every calendar date."""

    code: str
    name: str
    time_zone: str
    currency: str
    settings: SettingsChange = SettingsChange()
    base_rules: tuple[BaseRule, ...] = ()
    attributes: Mapping[str, AttributeType] = field(default_factory=dict)
    reversals: Mapping[str, OnReversal] = field(default_factory=dict)
    """What becomes of attributes when a transaction is taken back, by path, where it is not the usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramUpdate:
    """Change a program of the version that the caller has read."""

    program: str
    expected_version: int
    name: str | None = None
    settings: SettingsChange = SettingsChange()
    base_rules: tuple[BaseRule, ...] | None = None
    attributes: Mapping[str, AttributeType] | None = None
    reversals: Mapping[str, OnReversal] | None = None


@dataclass(frozen=True, slots=True)
class ProgramActivate:
    """Let a program process transactions, if everything it needs is there and right."""

    program: str


@dataclass(frozen=True, slots=True)
class ProgramDeactivate:
    """Halt an active program: its transactions are refused until it is activated again."""

    program: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointTypeCreate:
    """Add a kind of points. The first of a program is its default, as is any later one that says so."""

    program: str
    code: str
    name: str
    decimals: int = 0
    qualifying: bool = True
    weight_qualifying: Decimal = Decimal(1)
    weight_non_qualifying: Decimal = Decimal(1)
    expiry: ExpiryPolicy | None = None
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PointTypeUpdate:
    """Change a kind of points, under the version of its program; `decimals` never change. `is_default` can only be given, not taken."""

    program: str
    point_type: str
    expected_version: int
    name: str | None = None
    qualifying: bool | None = None
    weight_qualifying: Decimal | None = None
    weight_non_qualifying: Decimal | None = None
    expiry: ExpiryPolicy | Unchanged | None = UNCHANGED
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramFilter:
    """Which programs of a list; all that is given must hold. `search`: part of the code or name."""

    status: tuple[ProgramStatus, ...] = ()
    search: str | None = None


class ProgramOrder(enum.Enum):
    """By what a list of programs is sorted."""

    CODE = "CODE"
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"
