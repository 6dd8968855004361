"""Stepped frequency promotions: what a count is worth once, the day after the final date."""

from datetime import date
from decimal import Decimal

import strawberry

import domain.promotion_steps as p
import domain.promotions as d
from schema.base import shows, takes
from schema.scalars import Points

COUNTER = "The counter that the rules of the promotion add to: `counters.NAME`. It begins anew once it is paid."
COUNTS_THROUGH = (
    "The final date: transactions of the promotion's dates still count when they are processed on this day, at the latest. "
    "Null: the last day of the promotion. What is due is given the day after."
)
COUNT = "From so many on, up to the next step."
POINTS = "What it is worth."
POINT_TYPE = "The code of the point type; null: the program's default."
QUALIFYING = "Whether they count towards a tier; all others are bonus points."
STEPS = "Upwards. A member gets the points of the highest that was reached, those below are not added."


@shows(d.Step)
class PromotionStep:
    """So many are worth so many points."""

    count: Decimal = strawberry.field(description=COUNT)
    points: Points = strawberry.field(description=POINTS)


@shows(d.Steps)
class PromotionSteps:
    """What a member's count is worth once, the day after the final date."""

    counter: str = strawberry.field(description=COUNTER)
    steps: list[PromotionStep] = strawberry.field(description=STEPS)
    counts_through: date | None = strawberry.field(description=COUNTS_THROUGH)
    point_type: str | None = strawberry.field(description=POINT_TYPE)
    qualifying: bool = strawberry.field(description=QUALIFYING)


@shows(p.Payout)
class PromotionPayout:
    """The count that a bonus pays for."""

    promotion: str = strawberry.field(description="The code of the promotion.")
    name: str = strawberry.field(description="For people.")
    final_on: date = strawberry.field(description="The last day of processing that counted.")
    counter: str = strawberry.field(description="What was counted.")
    count: Decimal = strawberry.field(description="How many there were.")
    step: int | None = strawberry.field(description="The step that was reached, counted from 1.")
    at_least: Decimal | None = strawberry.field(description="From how many on that step is.")
    points: Points = strawberry.field(description=POINTS)
    point_type: str = strawberry.field(description="The code of the point type.")


@takes
class PromotionStepInput:
    """So many are worth so many points."""

    count: Decimal = strawberry.field(description=COUNT)
    points: Points = strawberry.field(description=POINTS)


@takes
class PromotionStepsInput:
    """What a member's count is worth once, the day after the final date; the rules of the promotion count, and give nothing."""

    counter: str = strawberry.field(description=COUNTER)
    steps: list[PromotionStepInput] = strawberry.field(description=STEPS)
    counts_through: date | None = strawberry.field(default=None, description=COUNTS_THROUGH)
    point_type: str | None = strawberry.field(default=None, description=POINT_TYPE)
    qualifying: bool = strawberry.field(default=False, description=QUALIFYING)
