"""Promotions: what a marketer offers on top of base points, as data.

A promotion has ordered rules; for each thing they apply to, the first whose criteria all hold fires, and all its actions run.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.cost_shares import CostShare
from domain.expiry import ExpiryPolicy
from domain.known import Known
from domain.transactions import SubType, Type


class AppliesTo(Known):
    """What a rule decides about: at most one rule fires for each."""

    TRANSACTION = "TRANSACTION"
    ATTRIBUTES = "ATTRIBUTES"
    TIER = "TIER"


class Operator(enum.Enum):
    """How a criterion compares. A comparison with an empty value never holds, except IS_EMPTY itself."""

    EQUALS = "EQUALS"
    NOT_EQUALS = "NOT_EQUALS"
    LESS = "LESS"
    AT_MOST = "AT_MOST"
    GREATER = "GREATER"
    AT_LEAST = "AT_LEAST"
    BETWEEN = "BETWEEN"
    IN = "IN"
    NOT_IN = "NOT_IN"
    IS_EMPTY = "IS_EMPTY"
    IS_NOT_EMPTY = "IS_NOT_EMPTY"
    CONTAINS = "CONTAINS"


class LineTest(enum.Enum):
    """How a criterion looks at line items: `where` selects the lines, then any, all, how many, or the sum of an attribute."""

    ANY = "ANY"
    ALL = "ALL"
    COUNT = "COUNT"
    SUM = "SUM"


class AttributeOperation(Known):
    """How an action changes an attribute."""

    SET = "SET"
    ADD = "ADD"
    SUBTRACT = "SUBTRACT"
    MULTIPLY = "MULTIPLY"
    DIVIDE = "DIVIDE"


class TierDirection(enum.Enum):
    """What an action does to a tier."""

    UP = "UP"
    DOWN = "DOWN"
    KEEP = "KEEP"


class ProductScope(Known):
    """Which products a promotion is for."""

    ALL = "ALL"
    INCLUDED = "INCLUDED"
    EXCLUDED = "EXCLUDED"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One comparison. `attribute` is a path such as `transaction.amount`; the right side is `values`, or `other` × `factor`.

    With `lines`, the attribute is one of the line's (`amount`, `attributes.department`), `where` selects lines first, and COUNT
    or SUM is compared. COUNT of `lines` counts lines; COUNT of an attribute, those where it is not empty.
    """

    attribute: str
    operator: Operator
    values: tuple[Any, ...] = ()
    other: str | None = None
    factor: Decimal | None = None
    lines: LineTest | None = None
    where: tuple["Criterion", ...] = ()


@dataclass(frozen=True, slots=True)
class AssignPoints:
    """Give points: exactly one of `constant`, `attribute` × `factor`, `expression` (ZEN) or `table` (JDM)."""

    point_type: str | None = None
    qualifying: bool = False
    constant: Decimal | None = None
    attribute: str | None = None
    factor: Decimal = Decimal(1)
    expression: str | None = None
    table: Mapping[str, Any] | None = None
    lines: tuple[Criterion, ...] | None = None
    """With `attribute` naming one of a line's: the sum of it over the lines that meet these criteria (all, if there are none)."""
    starts_after_days: int | None = None
    expiry: ExpiryPolicy | None = None


@dataclass(frozen=True, slots=True)
class UpdateAttribute:
    """Change a member attribute or counter by a value or by another attribute."""

    attribute: str
    operation: AttributeOperation
    value: Any = None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class AssignVoucher:
    """Give vouchers of a type."""

    voucher_type: str
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class ChangeTier:
    """Move the member up, down, or keep the tier."""

    tier_class: str
    direction: TierDirection
    tier: str | None = None


@dataclass(frozen=True, slots=True)
class RunRule:
    """Ask a plug-in: a rule kind, its version and parameters."""

    kind: str
    parameters: Mapping[str, Any]
    version: int = 1


Action = AssignPoints | UpdateAttribute | AssignVoucher | ChangeTier | RunRule


@dataclass(frozen=True, slots=True)
class Rule:
    """Criteria that must all hold (as data, and as a ZEN `expression`, or both), and the actions that then all run."""

    actions: tuple[Action, ...]
    criteria: tuple[Criterion, ...] = ()
    expression: str | None = None
    applies_to: AppliesTo = AppliesTo.TRANSACTION


@dataclass(frozen=True, slots=True)
class AppliesToTransaction:
    """A type, and a sub-type of it (None: every one that people record)."""

    type: Type
    sub_type: SubType | None


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on the points of a promotion, in points as people speak them: in all, and per member and span of time."""

    total: Decimal | None = None
    per_member_day: Decimal | None = None
    per_member_week: Decimal | None = None
    per_member_month: Decimal | None = None
    per_member_year: Decimal | None = None
    per_member_ever: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """So many, up to the next step, are worth so many points."""

    count: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True)
class Steps:
    """What a member's `counter` is worth once, the day after the final date: the points of the highest step it has reached.

    `counts_through` is the final date, the last day of processing on which late transactions still count; None: the last day of
    the promotion. Until the day after it nothing is paid.
    """

    counter: str
    steps: tuple[Step, ...]
    counts_through: date | None = None
    point_type: str | None = None
    qualifying: bool = False

    def reached(self, count: Decimal) -> int | None:
        """The highest step that a count has reached, by its place; None: not even the first."""
        return max((place for place, step in enumerate(self.steps) if step.count <= count), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A promotion as it is stored, shown and compiled; dates are both included."""

    id: int
    program_id: int
    code: str
    name: str
    starts_on: date
    ends_on: date | None
    active: bool
    applies_to: tuple[AppliesToTransaction, ...]
    partners: tuple[str, ...]
    product_scope: ProductScope
    products: tuple[str, ...]
    tiers: tuple[str, ...]
    always_apply: bool
    enrollment_required: bool
    limits: Limits
    rules: tuple[Rule, ...]
    version: int
    steps: Steps | None = None
    """What its counter is worth at the end, if it is a stepped frequency promotion: its rules count, and pay nothing."""
    shares: tuple[CostShare, ...] = ()
    """Who pays for what it gives, in percent that sum to 100; none: it is not a joint promotion."""
    own_blocks_only: bool = False
    """Whether what it gives comes only from point blocks that were made for it."""

    @property
    def final_on(self) -> date | None:
        """The last day of processing that counts; None: there is no such day, for nothing is paid afterwards."""
        return None if self.steps is None else self.steps.counts_through or self.ends_on


@dataclass(frozen=True, slots=True)
class PromotionEnrollment:
    """A member who joined a promotion; it is for good."""

    member_id: int
    promotion_id: int
    created_by_id: int | None
    created_at: datetime
