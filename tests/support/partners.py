"""What tests about partners need besides the partner itself: prices, rates, and blocks that were bought."""

from datetime import date
from decimal import Decimal
from typing import Any

from domain.commands.pricing_rules import PricingRuleCreate
from domain.partners import BillingRate
from domain.people import ENGINE
from domain.pricing_rules import PriceRange, PricingRule
from domain.programs import Program
from domain.services.pricing_rules import pricing_rule_create
from domain.store.database import Database
from tests.support.factories import a_code, result_of

RANGES = (
    PriceRange(Decimal(1), Decimal(49_999), Decimal("0.012")),
    PriceRange(Decimal(50_000), Decimal(199_999), Decimal("0.01")),
)
"""1 to 49,999 points at 0.012, 50,000 to 199,999 at 0.010."""


def ranges(*spans: str, price: str = "1") -> tuple[PriceRange, ...]:
    """Ranges written as `1-100`, or `100-` for one without an end."""
    parts = [span.split("-") for span in spans]
    return tuple(PriceRange(Decimal(start), Decimal(end) if end else None, Decimal(price)) for start, end in parts)


async def a_pricing_rule(database: Database, program: Program, **values: Any) -> PricingRule:
    """A rule with the usual ranges, in US dollars."""
    code = a_code("R")
    given = {"code": code, "name": f"Rule {code}", "currency": "USD", "ranges": RANGES, **values}
    return result_of(await pricing_rule_create(database, ENGINE, PricingRuleCreate(program=program.code, **given)))


def a_rate(point_type: str, start: str, end: str | None = None, **values: Any) -> BillingRate:
    """A cent for every point given from one date through another."""
    given = {"price": Decimal("0.01"), "currency": "USD", **values}
    return BillingRate(
        point_type=point_type,
        valid_from=date.fromisoformat(start),
        valid_through=None if end is None else date.fromisoformat(end),
        **given,
    )
