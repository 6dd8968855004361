"""Commands and questions about pricing rules. A rule is named by its program and code."""

import enum
from dataclasses import dataclass

from domain.pricing_rules import PriceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class PricingRuleCreate:
    """Add a pricing rule to a program."""

    program: str
    code: str
    name: str
    currency: str
    ranges: tuple[PriceRange, ...]
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PricingRuleUpdate:
    """Change a rule of the version that the caller has read; `ranges` replace all there are. What was bought keeps its price."""

    program: str
    pricing_rule: str
    expected_version: int
    name: str | None = None
    active: bool | None = None
    ranges: tuple[PriceRange, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PricingRuleFilter:
    """Which rules of a list; all that is given must hold. `search`: part of the code or name."""

    program: str | None = None
    active: bool | None = None
    search: str | None = None


class PricingRuleOrder(enum.Enum):
    """By what a list of pricing rules is sorted."""

    CODE = "CODE"
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"
