"""The terms by which partners take part in programs."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

import domain.partners as d
from schema.base import Node, answers, computed, loaded, offers, shows, takes
from schema.loads import PARTNER, PRICING_RULE, PROGRAM
from schema.payloads import Payload
from schema.pricing_rules import PricingRule
from schema.programs import Program
from schema.scalars import Points
from schema.wording import REFUSED, VERSION

if TYPE_CHECKING:
    from schema.partners import Partner

offers(d.Billing)

LATE = "How many days after its date a transaction may be reported"
BILLING = "PREPAID: its points come out of blocks it has bought. POSTPAID: it is billed afterwards, by its rates."
PRICING_RULE_TEXT = "What its points cost when it buys some"
REORDER_LIMIT = "At or below so many remaining points a purchase of the minimum order is proposed"
MINIMUM_ORDER = "How many points a reorder is about"
REORDER_AUTOMATICALLY = "Whether a reorder is bought at once instead of proposed."
CREDIT_LIMIT = "So many points may be given that it has not bought"
PARTNER_APPROVES = "Whether its own approvers decide about its transactions."
POINT_TYPES = "Codes of the point types it may give"
CONVERSIONS = "What one point of a member takes from its blocks; a point type that is not named is not charged"
RATES = "What it is billed for, if POSTPAID; the periods of one point type do not overlap"
VALID_FROM = "The first transaction date it is for."
VALID_THROUGH = "The last one, included; null: until further notice."
PRICE = "Of one point that a member was given."
PERCENTAGE = "How much of that is billed, in percent."
RATE = "Points of the block per point of the member, with up to 6 decimals; the result is rounded to two."


@strawberry.type(description="What one point of a member takes from the blocks of a partner.")
class PointConversion:
    """Made from the mapping of the terms."""

    point_type: str = strawberry.field(description="The code of the point type.")
    rate: Decimal = strawberry.field(description=RATE)


@shows(d.BillingRate)
class BillingRate:
    """What a postpaid partner pays for points of a kind, in a period of transaction dates."""

    point_type: str = strawberry.field(description="The code of the point type.")
    valid_from: date = strawberry.field(description=VALID_FROM)
    valid_through: date | None = strawberry.field(description=VALID_THROUGH)
    price: Decimal = strawberry.field(description=PRICE)
    currency: str = strawberry.field(description="ISO 4217: `EUR`.")
    percentage: Decimal = strawberry.field(description=PERCENTAGE)


def _conversions(terms: d.PartnerTerms) -> list[PointConversion]:
    return [PointConversion(point_type=code, rate=rate) for code, rate in sorted(terms.conversions.items())]


@shows(d.PartnerTerms, key=("program_id", "partner_id"))
class PartnerTerms(Node):
    """What a program and a partner agreed; a partner takes part in a program by its terms."""

    program: Program = loaded(PROGRAM, by="program_id", description="In which the partner takes part.")
    partner: Annotated["Partner", strawberry.lazy("schema.partners")] = loaded(
        PARTNER, by="partner_id", description="Who takes part."
    )
    active: bool = strawberry.field(description="While they are not, the partner's transactions are refused.")
    report_within_days: int | None = strawberry.field(description=f"{LATE}; null: any time.")
    billing: d.Billing = strawberry.field(description=BILLING)
    pricing_rule: PricingRule | None = loaded(PRICING_RULE, by="pricing_rule_id", description=f"{PRICING_RULE_TEXT}.")
    reorder_limit: Points | None = strawberry.field(description=f"{REORDER_LIMIT}; null: never.")
    minimum_order: Points | None = strawberry.field(description=f"{MINIMUM_ORDER}.")
    reorder_automatically: bool = strawberry.field(description=REORDER_AUTOMATICALLY)
    credit_limit: Points = strawberry.field(description=f"{CREDIT_LIMIT}.")
    partner_approves: bool = strawberry.field(description=PARTNER_APPROVES)
    point_types: list[str] = strawberry.field(description=f"{POINT_TYPES}; none: all.")
    conversions: list[PointConversion] = computed(_conversions, f"{CONVERSIONS}.")
    rates: list[BillingRate] = strawberry.field(description=f"{RATES}.")
    version: int = strawberry.field(description=VERSION)


@takes
class PointConversionInput:
    """What one point of a member takes from the blocks of a partner."""

    point_type: str = strawberry.field(description="The code of the point type.")
    rate: Decimal = strawberry.field(description=RATE)


@takes
class BillingRateInput:
    """What a postpaid partner pays for points of a kind, in a period of transaction dates."""

    point_type: str = strawberry.field(description="The code of the point type.")
    valid_from: date = strawberry.field(description=VALID_FROM)
    valid_through: date | None = strawberry.field(default=None, description=VALID_THROUGH)
    price: Decimal = strawberry.field(description=PRICE)
    currency: str = strawberry.field(description="ISO 4217: `EUR`; that of the pricing rule, if there is one.")
    percentage: Decimal | None = strawberry.field(default=None, description=f"{PERCENTAGE} Not given: 100.")


@takes
class PartnerTermsSetInput:
    """Terms of a partner in a program; what is not given stays as it is."""

    program: str = strawberry.field(description="The code of the program.")
    partner: str = strawberry.field(description="The code of the partner.")
    expected_version: int = strawberry.field(
        default=0,
        description="The version you have read, 0 where there are no terms yet; otherwise nothing is changed.",
    )
    active: bool | None = strawberry.field(default=None, description="New terms are active unless this is false.")
    report_within_days: int | None = strawberry.field(default=strawberry.UNSET, description=f"{LATE}; null: any time.")
    billing: d.Billing | None = strawberry.field(default=None, description=f"{BILLING} New terms are PREPAID.")
    pricing_rule: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"{PRICING_RULE_TEXT}, by its code; null: none."
    )
    reorder_limit: Points | None = strawberry.field(
        default=strawberry.UNSET, description=f"{REORDER_LIMIT}; null: never."
    )
    minimum_order: Points | None = strawberry.field(default=strawberry.UNSET, description=f"{MINIMUM_ORDER}.")
    reorder_automatically: bool | None = strawberry.field(default=None, description=REORDER_AUTOMATICALLY)
    credit_limit: Points | None = strawberry.field(default=None, description=f"{CREDIT_LIMIT}. New terms: none.")
    partner_approves: bool | None = strawberry.field(default=None, description=PARTNER_APPROVES)
    point_types: list[str] | None = strawberry.field(
        default=None, description=f"{POINT_TYPES}, in place of all there are; none: all."
    )
    conversions: list[PointConversionInput] | None = strawberry.field(
        default=None, description=f"{CONVERSIONS}. In place of all there are."
    )
    rates: list[BillingRateInput] | None = strawberry.field(
        default=None, description=f"{RATES}. In place of all there are; what was billed stays billed."
    )


@answers
class PartnerTermsSetPayload(Payload):
    """The terms as they are now."""

    result: PartnerTerms | None = strawberry.field(name="terms", description=REFUSED)
