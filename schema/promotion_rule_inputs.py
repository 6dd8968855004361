"""The rules of promotions as they are given: criteria as a form would send them, and actions of which each is exactly one thing."""

from decimal import Decimal
from typing import Annotated

import strawberry

import domain.promotions as d
from schema.base import takes, takes_one
from schema.documents import Document
from schema.expiry import ExpiryPolicyInput
from schema.promotion_rules import (
    APPLIES_TO,
    ATTRIBUTE,
    BY,
    BY_OTHER,
    CHANGED,
    CONSTANT,
    EXPIRY,
    EXPRESSION,
    FACTOR,
    LINES,
    OTHER,
    POINT_TYPE,
    POINTS_ATTRIBUTE,
    POINTS_EXPRESSION,
    POINTS_FACTOR,
    POINTS_LINES,
    QUALIFYING,
    STARTS,
    TABLE,
    VALUES,
    WHERE,
)
from schema.scalars import Points
from schema.values import Value


@takes
class CriterionInput:
    """One comparison: of an attribute with values, or with another attribute × `factor`."""

    attribute: str = strawberry.field(description=ATTRIBUTE)
    operator: d.Operator = strawberry.field(description="How it is compared.")
    values: list[Value] | None = strawberry.field(default=None, description=VALUES)
    other: str | None = strawberry.field(default=None, description=OTHER)
    factor: Decimal | None = strawberry.field(default=None, description=FACTOR)
    lines: d.LineTest | None = strawberry.field(default=None, description=LINES)
    where: list[Annotated["CriterionInput", strawberry.lazy("schema.promotion_rule_inputs")]] | None = strawberry.field(
        default=None, description=WHERE
    )


@takes
class AssignPointsInput:
    """Give points, from exactly one of `constant`, `attribute`, `expression` and `table`."""

    point_type: str | None = strawberry.field(default=None, description=POINT_TYPE)
    qualifying: bool = strawberry.field(default=False, description=QUALIFYING)
    constant: Points | None = strawberry.field(default=None, description=CONSTANT)
    attribute: str | None = strawberry.field(default=None, description=POINTS_ATTRIBUTE)
    factor: Decimal = strawberry.field(default=Decimal(1), description=POINTS_FACTOR)
    expression: str | None = strawberry.field(default=None, description=POINTS_EXPRESSION)
    table: Document | None = strawberry.field(default=None, description=TABLE)
    lines: list[CriterionInput] | None = strawberry.field(default=None, description=POINTS_LINES)
    starts_after_days: int | None = strawberry.field(default=None, description=STARTS)
    expiry: ExpiryPolicyInput | None = strawberry.field(default=None, description=EXPIRY)


@takes
class UpdateAttributeInput:
    """Change an attribute of the member, or a counter: by a value, or by another attribute."""

    attribute: str = strawberry.field(description=CHANGED)
    operation: d.AttributeOperation = strawberry.field(description="What is done to it.")
    value: Value | None = strawberry.field(default=None, description=BY)
    other: str | None = strawberry.field(default=None, description=BY_OTHER)


@takes
class AssignVoucherInput:
    """Give vouchers."""

    voucher_type: str = strawberry.field(description="The code of their type.")
    quantity: int = strawberry.field(default=1, description="How many.")


@takes
class ChangeTierInput:
    """Move the member to another tier, or keep it where it is."""

    tier_class: str = strawberry.field(description="The code of the tier class.")
    direction: d.TierDirection = strawberry.field(description="Where to.")
    tier: str | None = strawberry.field(default=None, description="The code of the tier; not given: the next one.")


@takes
class RunRuleInput:
    """Ask a rule kind, built in or installed by a package."""

    kind: str = strawberry.field(description="One of `ruleKinds`.")
    version: int = strawberry.field(default=1, description="Of the rule kind.")
    parameters: Document = strawberry.field(description="As the schema of the rule kind says.")


@takes_one
class PromotionActionInput:
    """What a rule does when it fires: exactly one of these."""

    assign_points: AssignPointsInput | None = strawberry.field(default=strawberry.UNSET, description="Give points.")
    update_attribute: UpdateAttributeInput | None = strawberry.field(
        default=strawberry.UNSET, description="Change an attribute or a counter."
    )
    assign_voucher: AssignVoucherInput | None = strawberry.field(default=strawberry.UNSET, description="Give vouchers.")
    change_tier: ChangeTierInput | None = strawberry.field(default=strawberry.UNSET, description="Change the tier.")
    run_rule: RunRuleInput | None = strawberry.field(default=strawberry.UNSET, description="Ask a rule kind.")


@takes
class PromotionRuleInput:
    """It fires if all its criteria hold and its expression is true; then all its actions run."""

    applies_to: d.AppliesTo = strawberry.field(default=d.AppliesTo.TRANSACTION, description=APPLIES_TO)
    criteria: list[CriterionInput] | None = strawberry.field(
        default=None, description="All of them must hold; none: it always fires."
    )
    expression: str | None = strawberry.field(default=None, description=EXPRESSION)
    actions: list[PromotionActionInput] = strawberry.field(description="All of them run.")
