"""Commands and questions about partners and their terms. A partner is known to the host once, by its code."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from domain.commands.members import UNCHANGED, Unchanged
from domain.partners import Billing, BillingRate


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerCreate:
    """Add a company. It takes part in a program once its terms are set there."""

    code: str
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerUpdate:
    """Change a partner of the version that the caller has read."""

    partner: str
    expected_version: int
    name: str | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerTermsSet:
    """Agree terms with a partner for a program, or change them. `expected_version` is 0 where there are none yet.

    `pricing_rule`: its code. `point_types`, `conversions` (points of a block per member point, by point type) and `rates` take
    the place of all there are.
    """

    program: str
    partner: str
    expected_version: int = 0
    active: bool | None = None
    report_within_days: int | Unchanged | None = UNCHANGED
    billing: Billing | None = None
    pricing_rule: str | Unchanged | None = UNCHANGED
    reorder_limit: Decimal | Unchanged | None = UNCHANGED
    minimum_order: Decimal | Unchanged | None = UNCHANGED
    reorder_automatically: bool | None = None
    credit_limit: Decimal | None = None
    partner_approves: bool | None = None
    point_types: tuple[str, ...] | None = None
    conversions: Mapping[str, Decimal] | None = None
    rates: tuple[BillingRate, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerFilter:
    """Which partners of a list; all that is given must hold. `program`: with terms there. `search`: part of the code or name."""

    program: str | None = None
    active: bool | None = None
    search: str | None = None


class PartnerOrder(enum.Enum):
    """By what a list of partners is sorted."""

    CODE = "CODE"
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"
