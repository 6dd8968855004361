"""Promotions: what a marketer offers on top of base points, and who joined."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import domain.commands.promotions as c
import domain.promotions as d
import domain.transactions as x
from domain.pages import PageRequest
from schema.base import Node, loaded, offers, shows, takes
from schema.loads import JOINT_OF_PROMOTION, MEMBER, PROBLEMS_OF_PROMOTION, PROGRAM, PROMOTION
from schema.ordering import Direction
from schema.paged import Paged
from schema.problems import UserError
from schema.promotion_rules import PromotionRule
from schema.promotion_steps import PromotionSteps
from schema.scalars import Points
from schema.wording import CODE, CREATED_AT, NAME

if TYPE_CHECKING:
    from schema.joint_promotions import JointPromotion
    from schema.members import Member
    from schema.programs import Program

offers(x.Type, "TransactionType")
offers(x.SubType, "TransactionSubType")
offers(d.ProductScope)
offers(c.PromotionOrder)

STARTS_ON = "The first transaction date that counts."
ENDS_ON = "The last transaction date that counts; null: no end."
APPLIES_TO = "Which transactions; none: accruals for products."
PARTNERS = "The codes of the partners whose transactions count; none: everybody's."
PRODUCT_SCOPE = "Whether it is for all products, or for those named in `products`, or for all but those."
PRODUCTS = "The codes of these products, of the transaction or of its line items."
TIERS = "The codes of the tiers whose members it is for; none: everybody."
ALWAYS_APPLY = "Whether it pays in any case, outside of the contest of the promotions."
ENROLLMENT_REQUIRED = "Whether it is only for members who joined it."
SHARES = "Who pays for what it gives, in percent that sum to 100; none: it is not a joint promotion."
OWN_BLOCKS_ONLY = "Whether what it gives comes only from point blocks that were made for it."
SUB_TYPE = "Null: every one that people record."


@shows(d.AppliesToTransaction)
class AppliesToTransaction:
    """A kind of transactions that a promotion is for."""

    type: x.Type = strawberry.field(description="Whether they earn or burn.")
    sub_type: x.SubType | None = strawberry.field(description=SUB_TYPE)


@shows(d.Limits)
class PromotionLimits:
    """Caps on the points that a promotion gives; null: none. Spans of time are those of the transaction date."""

    total: Points | None = strawberry.field(description="To all members together.")
    per_member_day: Points | None = strawberry.field(description="To one member on one day.")
    per_member_week: Points | None = strawberry.field(description="To one member from Monday to Sunday.")
    per_member_month: Points | None = strawberry.field(description="To one member in a calendar month.")
    per_member_year: Points | None = strawberry.field(description="To one member in a calendar year.")
    per_member_ever: Points | None = strawberry.field(description="To one member.")


@shows(d.Promotion)
class Promotion(Node):
    """What a program gives on top of base points: rules, and for whom, when and how much."""

    program: Annotated["Program", strawberry.lazy("schema.programs")] = loaded(
        PROGRAM, by="program_id", description="It belongs to this program alone."
    )
    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    starts_on: date = strawberry.field(description=STARTS_ON)
    ends_on: date | None = strawberry.field(description=ENDS_ON)
    active: bool = strawberry.field(description="Whether it pays. An active promotion cannot be changed.")
    applies_to: list[AppliesToTransaction] = strawberry.field(description=APPLIES_TO)
    partners: list[str] = strawberry.field(description=PARTNERS)
    product_scope: d.ProductScope = strawberry.field(description=PRODUCT_SCOPE)
    products: list[str] = strawberry.field(description=PRODUCTS)
    tiers: list[str] = strawberry.field(description=TIERS)
    always_apply: bool = strawberry.field(description=ALWAYS_APPLY)
    enrollment_required: bool = strawberry.field(description=ENROLLMENT_REQUIRED)
    limits: PromotionLimits = strawberry.field(description="How much it may give.")
    own_blocks_only: bool = strawberry.field(description=OWN_BLOCKS_ONLY)
    rules: list[PromotionRule] = strawberry.field(description="In this order: the first that holds fires.")
    steps: PromotionSteps | None = strawberry.field(
        description="What a count is worth at the end, if it pays by steps; then its rules count, and give nothing."
    )
    joint: Annotated["JointPromotion", strawberry.lazy("schema.joint_promotions")] | None = loaded(
        JOINT_OF_PROMOTION,
        by="id",
        description="Who pays for what it gives, and whether all agree; null: it is no joint promotion, or not one of yours.",
    )
    problems: list[UserError] = loaded(
        PROBLEMS_OF_PROMOTION, by="id", description="What stands against activating it now; of an active one, nothing."
    )
    version: int = strawberry.field(description="Counts every change; give it as `expectedVersion` of an edit.")


@shows(d.PromotionEnrollment)
class PromotionEnrollment:
    """A member who joined a promotion."""

    member: Annotated["Member", strawberry.lazy("schema.members")] = loaded(
        MEMBER, by="member_id", description="Who joined."
    )
    promotion: Promotion = loaded(PROMOTION, by="promotion_id", description="What it joined.")
    created_at: datetime = strawberry.field(description=CREATED_AT)


@takes
class ProgramPromotionFilter:
    """Which promotions of a program; all that is given must hold."""

    active: bool | None = strawberry.field(default=None, description="Whether they pay.")
    on: date | None = strawberry.field(default=None, description="A transaction date that they are for.")
    search: str | None = strawberry.field(default=None, description="Part of the code or name.")


@takes
class PromotionFilter(ProgramPromotionFilter):
    """Which promotions; all that is given must hold."""

    program: str | None = strawberry.field(default=None, description="The code of their program.")


@takes
class PromotionOrderBy:
    """How promotions are sorted."""

    field: c.PromotionOrder = strawberry.field(default=c.PromotionOrder.CODE, description="By what.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Upwards or downwards.")


@dataclass(frozen=True, slots=True)
class PromotionsAsked:
    """A page of the promotions of a program."""

    program_code: str
    filter: ProgramPromotionFilter
    order: PromotionOrderBy
    request: PageRequest


PROMOTIONS: Paged[PromotionsAsked, d.Promotion] = Paged("promotions of a program")
