"""Programs: the top of everything, with the settings, point types and rules that decide what a transaction is worth.

Every change of what the engine reads makes a new version; a decision names the version it was made with.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.attributes import AttributeType
from domain.bonuses import NO_BONUSES, Bonuses
from domain.expiry import NEVER, ExpiryPolicy
from domain.transactions import SubType


class ProgramStatus(enum.Enum):
    """A program is drafted, runs, and may be halted; only an ACTIVE one processes transactions."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class CalculationRule(enum.Enum):
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
    bonuses: Bonuses = NO_BONUSES
    untrusted_rule_kinds: tuple[str, ...] = ()
    """Rule kinds that run in a helper process, which is ended when one takes longer than `rule_time_limit_ms`."""
    rule_time_limit_ms: int = 250


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


@dataclass(frozen=True, slots=True)
class Product:
    """Something members buy, book or redeem for. `attributes` are what rules may read of it."""

    id: int
    program_id: int
    code: str
    name: str
    active: bool
    attributes: Mapping[str, Any]
    version: int


class PriceKind(enum.Enum):
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
