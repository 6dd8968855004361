"""What is said about promotions: inputs and payloads. Their rules have inputs of their own."""

from datetime import date

import strawberry

import domain.attributes as a
import domain.promotions as d
import domain.transactions as x
from schema.base import answers, takes
from schema.cost_shares import CostShareInput
from schema.member_references import MemberReference
from schema.payloads import Payload
from schema.programs import Program
from schema.promotion_rule_inputs import PromotionRuleInput
from schema.promotion_steps import PromotionStepsInput
from schema.promotions import (
    ALWAYS_APPLY,
    APPLIES_TO,
    ENDS_ON,
    ENROLLMENT_REQUIRED,
    OWN_BLOCKS_ONLY,
    PARTNERS,
    PRODUCT_SCOPE,
    PRODUCTS,
    SHARES,
    STARTS_ON,
    SUB_TYPE,
    TIERS,
    Promotion,
    PromotionEnrollment,
)
from schema.scalars import Points
from schema.wording import CODE, EXPECTED_VERSION, NAME, ON_REVERSAL, REFUSED

ITS_PROGRAM = "The code of its program."
ITS_CODE = "Its code."
LIMITS = "How much it may give."
STEPS = "What a count is worth once, the day after the final date; the rules then count, and give nothing."
RULES = "In this order: the first that holds fires."


@takes
class AppliesToTransactionInput:
    """A kind of transactions."""

    type: x.Type = strawberry.field(description="Whether they earn or burn.")
    sub_type: x.SubType | None = strawberry.field(default=None, description=SUB_TYPE)


@takes
class PromotionLimitsInput:
    """Caps on the points that a promotion gives; what is not given has none."""

    total: Points | None = strawberry.field(default=None, description="To all members together.")
    per_member_day: Points | None = strawberry.field(default=None, description="To one member on one day.")
    per_member_week: Points | None = strawberry.field(default=None, description="To one member from Monday to Sunday.")
    per_member_month: Points | None = strawberry.field(default=None, description="To one member in a calendar month.")
    per_member_year: Points | None = strawberry.field(default=None, description="To one member in a calendar year.")
    per_member_ever: Points | None = strawberry.field(default=None, description="To one member.")


@takes
class PromotionCreateInput:
    """A new promotion; it begins as a draft, which may be unfinished."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    starts_on: date = strawberry.field(description=STARTS_ON)
    ends_on: date | None = strawberry.field(default=None, description=ENDS_ON)
    applies_to: list[AppliesToTransactionInput] | None = strawberry.field(default=None, description=APPLIES_TO)
    partners: list[str] | None = strawberry.field(default=None, description=PARTNERS)
    product_scope: d.ProductScope = strawberry.field(default=d.ProductScope.ALL, description=PRODUCT_SCOPE)
    products: list[str] | None = strawberry.field(default=None, description=PRODUCTS)
    tiers: list[str] | None = strawberry.field(default=None, description=TIERS)
    always_apply: bool = strawberry.field(default=False, description=ALWAYS_APPLY)
    enrollment_required: bool = strawberry.field(default=False, description=ENROLLMENT_REQUIRED)
    limits: PromotionLimitsInput | None = strawberry.field(default=None, description=LIMITS)
    rules: list[PromotionRuleInput] | None = strawberry.field(default=None, description=RULES)
    steps: PromotionStepsInput | None = strawberry.field(default=None, description=STEPS)
    shares: list[CostShareInput] | None = strawberry.field(default=None, description=SHARES)
    own_blocks_only: bool = strawberry.field(default=False, description=OWN_BLOCKS_ONLY)


@takes
class PromotionUpdateInput:
    """A change of a promotion that is not active; what is not given stays as it is, a list that is given replaces the whole."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    promotion: str = strawberry.field(description=ITS_CODE)
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    name: str | None = strawberry.field(default=None, description=NAME)
    starts_on: date | None = strawberry.field(default=None, description=STARTS_ON)
    ends_on: date | None = strawberry.field(default=strawberry.UNSET, description=ENDS_ON)
    applies_to: list[AppliesToTransactionInput] | None = strawberry.field(default=None, description=APPLIES_TO)
    partners: list[str] | None = strawberry.field(default=None, description=PARTNERS)
    product_scope: d.ProductScope | None = strawberry.field(default=None, description=PRODUCT_SCOPE)
    products: list[str] | None = strawberry.field(default=None, description=PRODUCTS)
    tiers: list[str] | None = strawberry.field(default=None, description=TIERS)
    always_apply: bool | None = strawberry.field(default=None, description=ALWAYS_APPLY)
    enrollment_required: bool | None = strawberry.field(default=None, description=ENROLLMENT_REQUIRED)
    limits: PromotionLimitsInput | None = strawberry.field(default=None, description=f"{LIMITS} All of them.")
    rules: list[PromotionRuleInput] | None = strawberry.field(default=None, description=RULES)
    steps: PromotionStepsInput | None = strawberry.field(
        default=strawberry.UNSET, description=f"{STEPS} Null: it pays by steps no more."
    )
    shares: list[CostShareInput] | None = strawberry.field(default=None, description=SHARES)
    own_blocks_only: bool | None = strawberry.field(default=None, description=OWN_BLOCKS_ONLY)


@takes
class PromotionActivateInput:
    """A promotion that is to pay."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    promotion: str = strawberry.field(description=ITS_CODE)
    expected_version: int | None = strawberry.field(
        default=None, description="The version you have read; if given and no longer current, nothing is activated."
    )


@takes
class PromotionDeactivateInput:
    """A promotion that is to pay no more."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    promotion: str = strawberry.field(description=ITS_CODE)


@takes
class PromotionEnrollInput:
    """A member who joins a promotion."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    promotion: str = strawberry.field(description=ITS_CODE)
    member: MemberReference = strawberry.field(description="Who joins.")


@takes
class AttributeDefineInput:
    """An attribute that the rules of a program may read."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    path: str = strawberry.field(
        description="`transaction.attributes.NAME`, `line.attributes.NAME`, `member.attributes.NAME`, "
        "`product.attributes.NAME` or `counters.NAME`."
    )
    type: a.AttributeType = strawberry.field(description="What it holds; this never changes.")
    on_reversal: a.OnReversal | None = strawberry.field(default=None, description=ON_REVERSAL)


@answers
class PromotionCreatePayload(Payload):
    """The draft."""

    result: Promotion | None = strawberry.field(name="promotion", description=REFUSED)


@answers
class PromotionUpdatePayload(Payload):
    """The promotion as it is now."""

    result: Promotion | None = strawberry.field(name="promotion", description=REFUSED)


@answers
class PromotionActivatePayload(Payload):
    """The promotion as it is now."""

    result: Promotion | None = strawberry.field(name="promotion", description=REFUSED)


@answers
class PromotionDeactivatePayload(Payload):
    """The promotion as it is now."""

    result: Promotion | None = strawberry.field(name="promotion", description=REFUSED)


@answers
class PromotionEnrollPayload(Payload):
    """The enrolment."""

    result: PromotionEnrollment | None = strawberry.field(name="enrollment", description=REFUSED)
    replayed: bool = strawberry.field(description="The member had joined before: nothing changed.")


@answers
class AttributeDefinePayload(Payload):
    """The program as it is now."""

    result: Program | None = strawberry.field(name="program", description=REFUSED)
    replayed: bool = strawberry.field(description="It was defined like this already: nothing changed.")
