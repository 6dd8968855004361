"""Commands and questions about promotions. A promotion is named by its code within its program, which never changes.

What an edit does not name stays as it is; a list that it names replaces the whole.
"""

import enum
from dataclasses import dataclass, field
from datetime import date

from domain.attributes import AttributeType, OnReversal
from domain.commands.members import UNCHANGED, MemberReference, Unchanged
from domain.cost_shares import ShareGiven
from domain.promotions import AppliesToTransaction, Limits, ProductScope, Rule, Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionCreate:
    """Draft a promotion. It applies from `starts_on` to `ends_on`, both included, by the transaction date."""

    program: str
    code: str
    name: str
    starts_on: date
    ends_on: date | None = None
    applies_to: tuple[AppliesToTransaction, ...] = ()
    partners: tuple[str, ...] = ()
    product_scope: ProductScope = ProductScope.ALL
    products: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    always_apply: bool = False
    enrollment_required: bool = False
    limits: Limits = field(default_factory=Limits)
    rules: tuple[Rule, ...] = ()
    steps: Steps | None = None
    shares: tuple[ShareGiven, ...] = ()
    own_blocks_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionUpdate:
    """Change a promotion of the version that the caller has read; only one that is not active can be changed."""

    program: str
    promotion: str
    expected_version: int
    name: str | None = None
    starts_on: date | None = None
    ends_on: date | Unchanged | None = UNCHANGED
    applies_to: tuple[AppliesToTransaction, ...] | None = None
    partners: tuple[str, ...] | None = None
    product_scope: ProductScope | None = None
    products: tuple[str, ...] | None = None
    tiers: tuple[str, ...] | None = None
    always_apply: bool | None = None
    enrollment_required: bool | None = None
    limits: Limits | None = None
    rules: tuple[Rule, ...] | None = None
    steps: Steps | Unchanged | None = UNCHANGED
    shares: tuple[ShareGiven, ...] | None = None
    own_blocks_only: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionActivate:
    """Let a promotion pay, if everything it says can work; with `expected_version`, only what the caller has read."""

    program: str
    promotion: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionDeactivate:
    """Take a promotion out, to change it or for good: what is processed from now on is not paid by it."""

    program: str
    promotion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionEnroll:
    """A member joins a promotion that is for those who asked for it."""

    program: str
    promotion: str
    member: MemberReference


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeDefine:
    """Declare an attribute, so that the rules of a program may read it (and, of members and counters, change it)."""

    program: str
    path: str
    type: AttributeType
    on_reversal: OnReversal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionFilter:
    """Which promotions of a list; all that is given must hold. `on`: a day within its dates. `search`: part of the code or name."""

    program: str | None = None
    active: bool | None = None
    on: date | None = None
    search: str | None = None


class PromotionOrder(enum.Enum):
    """By what a list of promotions is sorted."""

    CODE = "CODE"
    NAME = "NAME"
    STARTS_ON = "STARTS_ON"
    CREATED_AT = "CREATED_AT"
