"""The rules of promotions as they are shown: what must hold, and what then happens, as data and in words."""

from decimal import Decimal
from typing import Annotated

import strawberry

import domain.promotions as d
from domain.engine.wording import criterion
from domain.promotion_words import action_words, rule_words
from schema.base import computed, offers, shows
from schema.documents import Document
from schema.expiry import ExpiryPolicy
from schema.scalars import Points
from schema.values import Value

offers(d.AppliesTo)
offers(d.AttributeOperation)
offers(d.LineTest)
offers(d.Operator)
offers(d.TierDirection)

ATTRIBUTE = "A path such as `transaction.amount`; with `lines`, one of the line's: `amount`, `attributes.department`."
VALUES = "What it is compared with: one value, two for BETWEEN, any number for IN and NOT_IN."
OTHER = "Another attribute to compare with, instead of values."
FACTOR = "The other attribute counts so many times."
LINES = "Looks at line items: at any, at all, at their number, or at the sum of the attribute."
WHERE = "With `lines`: only at the line items that meet these."
EXPRESSION = "A ZEN expression that must be true besides: `transaction.amount > 100 and tier.code == 'GOLD'`."
APPLIES_TO = "What it decides about: of a promotion, at most one rule fires for each."
SAID = "The same in words."
POINT_TYPE = "The code of the point type; null: that of the base points."
QUALIFYING = "Whether the points count towards a tier; all others are bonus points."
CONSTANT = "So many points."
POINTS_ATTRIBUTE = "Points from an attribute times `factor`; with `lines`, from the sum of one of the line's."
POINTS_FACTOR = "Of `attribute`."
POINTS_EXPRESSION = "Points from a ZEN expression: `transaction.basePoints * 0.5`."
TABLE = "Points from a decision table in JDM, the JSON format of ZEN, whose one output is `points`."
POINTS_LINES = (
    "With `attribute`: the line items that count, all if there are no criteria; null: the attribute is no line's."
)
STARTS = "The points can be used so many days after the transaction date; null: at once."
EXPIRY = "When they lapse; null: as the point type or the program says."
CHANGED = "`member.attributes.NAME` or `counters.NAME`."
BY = "The value; null where another attribute gives it."
BY_OTHER = "The attribute that gives the value."


@shows(d.Criterion)
class Criterion:
    """One comparison. With an empty value it does not hold, whatever the operator, except IS_EMPTY itself."""

    attribute: str = strawberry.field(description=ATTRIBUTE)
    operator: d.Operator = strawberry.field(description="How it is compared.")
    values: list[Value] = strawberry.field(description=VALUES)
    other: str | None = strawberry.field(description=OTHER)
    factor: Decimal | None = strawberry.field(description=FACTOR)
    lines: d.LineTest | None = strawberry.field(description=LINES)
    where: list[Annotated["Criterion", strawberry.lazy("schema.promotion_rules")]] = strawberry.field(description=WHERE)
    text: str = computed(criterion, SAID)


@shows(d.AssignPoints)
class AssignPoints:
    """Gives points: from a constant, an attribute, an expression or a table."""

    point_type: str | None = strawberry.field(description=POINT_TYPE)
    qualifying: bool = strawberry.field(description=QUALIFYING)
    constant: Points | None = strawberry.field(description=CONSTANT)
    attribute: str | None = strawberry.field(description=POINTS_ATTRIBUTE)
    factor: Decimal = strawberry.field(description=POINTS_FACTOR)
    expression: str | None = strawberry.field(description=POINTS_EXPRESSION)
    table: Document | None = strawberry.field(description=TABLE)
    lines: list[Criterion] | None = strawberry.field(description=POINTS_LINES)
    starts_after_days: int | None = strawberry.field(description=STARTS)
    expiry: ExpiryPolicy | None = strawberry.field(description=EXPIRY)
    text: str = computed(action_words, SAID)


@shows(d.UpdateAttribute)
class UpdateAttribute:
    """Changes an attribute of the member, or a counter."""

    # Nullable as in AssignPoints, so that a selection of the union may name both without an alias; it is never null.
    attribute: str | None = strawberry.field(description=CHANGED)
    operation: d.AttributeOperation = strawberry.field(description="What is done to it.")
    value: Value | None = strawberry.field(description=BY)
    other: str | None = strawberry.field(description=BY_OTHER)
    text: str = computed(action_words, SAID)


@shows(d.AssignVoucher)
class AssignVoucher:
    """Gives vouchers."""

    voucher_type: str = strawberry.field(description="The code of their type.")
    quantity: int = strawberry.field(description="How many.")
    text: str = computed(action_words, SAID)


@shows(d.ChangeTier)
class ChangeTier:
    """Moves the member to another tier, or keeps it where it is."""

    tier_class: str = strawberry.field(description="The code of the tier class.")
    direction: d.TierDirection = strawberry.field(description="Where to.")
    tier: str | None = strawberry.field(description="The code of the tier; null: the next one.")
    text: str = computed(action_words, SAID)


@shows(d.RunRule)
class RunRule:
    """Asks a rule kind, built in or installed by a package."""

    kind: str = strawberry.field(description="One of `ruleKinds`.")
    version: int = strawberry.field(description="Of the rule kind.")
    parameters: Document = strawberry.field(description="As the schema of the rule kind says.")
    text: str = computed(action_words, SAID)


PromotionAction = Annotated[
    AssignPoints | UpdateAttribute | AssignVoucher | ChangeTier | RunRule,
    strawberry.union("PromotionAction", description="What a rule does when it fires."),
]


@shows(d.Rule)
class PromotionRule:
    """It fires if all its criteria hold and its expression is true; then all its actions run."""

    applies_to: d.AppliesTo = strawberry.field(description=APPLIES_TO)
    criteria: list[Criterion] = strawberry.field(description="All of them must hold; none: it always fires.")
    expression: str | None = strawberry.field(description=EXPRESSION)
    actions: list[PromotionAction] = strawberry.field(description="All of them run.")
    text: str = computed(rule_words, SAID)
