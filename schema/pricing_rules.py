"""Pricing rules: what a point costs, by how many are bought at once."""

from decimal import Decimal

import strawberry

import domain.commands.pricing_rules as c
import domain.pricing_rules as d
from schema.base import Node, answers, loaded, offers, shows, takes
from schema.loads import PROGRAM
from schema.ordering import Direction
from schema.payloads import Payload
from schema.programs import Program
from schema.scalars import Points
from schema.wording import CODE, EXPECTED_VERSION, NAME, REFUSED, VERSION

offers(c.PricingRuleOrder)

FROM, TO = "The smallest quantity it is for.", "The largest quantity it is for, included; null: there is none."
PRICE = "Of one point, in the currency of the rule: `0.012`."
ACTIVE = "Nothing is bought by an inactive rule."


@shows(d.PriceRange)
class PriceRange:
    """A price per point for some quantities."""

    from_quantity: Points = strawberry.field(description=FROM)
    to_quantity: Points | None = strawberry.field(description=TO)
    price: Decimal = strawberry.field(description=PRICE)


@shows(d.PricingRule)
class PricingRule(Node):
    """What a point costs partners, by how many they buy at once; their terms name it."""

    program: Program | None = loaded(PROGRAM, by="program_id")
    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    currency: str = strawberry.field(description="ISO 4217: `EUR`.")
    active: bool = strawberry.field(description=ACTIVE)
    ranges: list[PriceRange] = strawberry.field(description="The smallest quantities first; no two of them overlap.")
    version: int = strawberry.field(description=VERSION)


@takes
class PriceRangeInput:
    """A price per point for some quantities."""

    from_quantity: Points = strawberry.field(description=FROM)
    to_quantity: Points | None = strawberry.field(default=None, description=TO)
    price: Decimal = strawberry.field(description=PRICE)


@takes
class PricingRuleCreateInput:
    """A new pricing rule."""

    program: str = strawberry.field(description="The code of the program.")
    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    currency: str = strawberry.field(description="ISO 4217: `EUR`. It never changes.")
    ranges: list[PriceRangeInput] = strawberry.field(description="They must not overlap; what is in none has no price.")
    active: bool = strawberry.field(default=True, description=ACTIVE)


@takes
class PricingRuleUpdateInput:
    """A change of a pricing rule; what is not given stays as it is."""

    program: str = strawberry.field(description="The code of the program.")
    pricing_rule: str = strawberry.field(description="Its code.")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    name: str | None = strawberry.field(default=None, description=NAME)
    active: bool | None = strawberry.field(default=None, description=ACTIVE)
    ranges: list[PriceRangeInput] | None = strawberry.field(
        default=None, description="In place of all there are. What was bought keeps its price."
    )


@takes
class PricingRuleFilter:
    """Which pricing rules; all that is given must hold."""

    program: str | None = strawberry.field(default=None, description="The code of their program.")
    active: bool | None = strawberry.field(default=None, description="Whether they are active.")
    search: str | None = strawberry.field(default=None, description="Part of the code or name.")


@takes
class PricingRuleOrderBy:
    """How pricing rules are sorted."""

    field: c.PricingRuleOrder = strawberry.field(default=c.PricingRuleOrder.CODE, description="By what.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Upwards or downwards.")


@answers
class PricingRuleCreatePayload(Payload):
    """The new pricing rule."""

    result: PricingRule | None = strawberry.field(name="pricingRule", description=REFUSED)


@answers
class PricingRuleUpdatePayload(Payload):
    """The pricing rule as it is now."""

    result: PricingRule | None = strawberry.field(name="pricingRule", description=REFUSED)
