"""Partners: other companies whose customers earn or spend points in a program.

A partner takes part in a program by its terms; without terms, or with inactive ones, its transactions are refused.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


class Billing(enum.Enum):
    """A PREPAID partner gives points of blocks it has bought; a POSTPAID one is billed afterwards for what it gave."""

    PREPAID = "PREPAID"
    POSTPAID = "POSTPAID"


@dataclass(frozen=True, slots=True)
class Partner:
    """A company, known to the host once, whatever programs it takes part in."""

    id: int
    code: str
    name: str
    active: bool
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingRate:
    """What a POSTPAID partner pays for a point given on a date from `valid_from` through `valid_through` (None: until further notice).

    A bill is points x `price` x `percentage` / 100. The periods of one point type do not overlap.
    """

    point_type: str
    valid_from: date
    valid_through: date | None
    price: Decimal
    currency: str
    percentage: Decimal = Decimal(100)


NO_CONVERSIONS: Mapping[str, Decimal] = {}


@dataclass(frozen=True, slots=True)
class PartnerTerms:
    """What a program and a partner agreed. `report_within_days`: how late an activity may be reported (None: any time).

    `reorder_limit`: at or below so many remaining points, `minimum_order` points are proposed, or bought if `reorder_automatically`.
    `credit_limit`: so many points may be given that were not bought. `partner_approves`: whether its approvers decide about its
    transactions. `point_types`: the codes of those it may give (none: all). `conversions`: points of the block per member point,
    by point type; one that is not named is not charged. `rates`: those of a POSTPAID partner.
    """

    program_id: int
    partner_id: int
    active: bool
    report_within_days: int | None
    version: int
    billing: Billing = Billing.PREPAID
    pricing_rule_id: int | None = None
    reorder_limit: Decimal | None = None
    minimum_order: Decimal | None = None
    reorder_automatically: bool = False
    credit_limit: Decimal = Decimal(0)
    partner_approves: bool = False
    point_types: tuple[str, ...] = ()
    conversions: Mapping[str, Decimal] = field(default_factory=lambda: NO_CONVERSIONS)
    rates: tuple[BillingRate, ...] = ()
