"""Tiers: classes of standing, and what it takes to reach, keep and lose each of their rungs."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

import domain.tiers as d
from schema.base import Node, loaded, offers, shows
from schema.expiry import ExpiryPolicy
from schema.loads import PROGRAM, TIERS_OF_CLASS
from schema.scalars import Points
from schema.voucher_terms import TierVoucher
from schema.wording import CODE, NAME

if TYPE_CHECKING:
    from schema.programs import Program

offers(d.TierModel)

SEQUENCE_OF_CLASS = "The class with the lowest number of a program is the most senior."
SEQUENCE = "The higher the number, the higher the tier; the default tier of a class has the lowest."
PERIOD_MONTHS = "How long a qualifying period is."
STARTS_MONTH = "For FIXED_DATE: the month in which periods begin."
STARTS_DAY = "For FIXED_DATE: the day on which they begin."
SHOWN = "Whether it can be the member's dominant tier."
ANY_THRESHOLD = "Whether one of the thresholds is enough; otherwise all of them are wanted."
DOWNGRADE_TO = (
    "The code of the tier to which it falls at its end; null: to whatever is reached, else to the default tier."
)
MINIMUM_MONTHS = "How long it lasts at least; its end is aligned as the model of its class says."
SUSPENDS_EXPIRY = "Whether nothing lapses for a member before the end of this tier."
CAP = "At most so many points."
PERCENT = "At most so many percent of the balance before the redemption."
LARGER = "If both are given: the larger of the two is the limit; otherwise the smaller."
LOAN = "What redemptions may borrow by themselves; null: nothing."
EXPIRY = "When points earned in this tier lapse; null: as the point type or the program says."

VOUCHERS = "Given to whoever reaches or renews it."


@shows(d.Threshold)
class TierThreshold:
    """So many qualifying points of a type, or so high a counter, in the qualifying period."""

    at_least: Points
    point_type: str | None = strawberry.field(description="The code of a point type.")
    counter: str | None = strawberry.field(description="A counter of members: `counters.flights`.")


@shows(d.TierLoan)
class TierLoan:
    """How much a redemption may borrow by itself; what the member owes already counts against it."""

    cap: Points | None = strawberry.field(description=CAP)
    percent: Decimal | None = strawberry.field(description=PERCENT)
    larger: bool = strawberry.field(description=LARGER)


@shows(d.Tier)
class Tier(Node):
    """A rung of a tier class."""

    tier_class: str = strawberry.field(description="The code of its class.")
    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    sequence: int = strawberry.field(description=SEQUENCE)
    is_default: bool = strawberry.field(description="Whether every member begins in it.")
    shown: bool = strawberry.field(description=SHOWN)
    thresholds: list[TierThreshold] = strawberry.field(description="None: it is not reached by itself.")
    any_threshold: bool = strawberry.field(description=ANY_THRESHOLD)
    downgrade_to: str | None = strawberry.field(description=DOWNGRADE_TO)
    minimum_months: int = strawberry.field(description=MINIMUM_MONTHS)
    suspends_expiry: bool = strawberry.field(description=SUSPENDS_EXPIRY)
    expiry: ExpiryPolicy | None = strawberry.field(description=EXPIRY)
    vouchers: list[TierVoucher] = strawberry.field(description=VOUCHERS)
    loan: TierLoan | None = strawberry.field(description=LOAN)


@shows(d.TierClass)
class TierClass(Node):
    """A ladder of tiers: a member stands on one rung of each class."""

    program: Annotated["Program", strawberry.lazy("schema.programs")] = loaded(PROGRAM, by="program_id")
    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    sequence: int = strawberry.field(description=SEQUENCE_OF_CLASS)
    model: d.TierModel
    period_months: int = strawberry.field(description=PERIOD_MONTHS)
    starts_month: int = strawberry.field(description=STARTS_MONTH)
    starts_day: int = strawberry.field(description=STARTS_DAY)
    tiers: list[Tier] = loaded(
        TIERS_OF_CLASS, by=lambda each: (each.program_id, each.code), description="The lowest first."
    )
