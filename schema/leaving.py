"""Limits on how fast points may leave a member, as a program sets and shows them."""

import strawberry

import domain.leaving as d
from schema.base import shows, takes
from schema.scalars import Points

PER_DAY = "Points of one kind that redemptions and transfers of a member take at most on a day of processing."
AFTER_CONTACT_CHANGE = "Points of one kind that they take at most, from a change of the member's email or phone on, until `hours` are over."


@shows(d.LeavingLimits)
class LeavingLimits:
    """How fast points may leave a member; null: as fast as the member likes."""

    per_day: Points | None = strawberry.field(description=PER_DAY)
    after_contact_change: Points | None = strawberry.field(description=AFTER_CONTACT_CHANGE)
    hours: int = strawberry.field(description="For how many hours after the last change.")


@takes
class LeavingLimitsInput:
    """How fast points may leave a member; what is not given here is not limited."""

    per_day: Points | None = strawberry.field(default=None, description=PER_DAY)
    after_contact_change: Points | None = strawberry.field(default=None, description=AFTER_CONTACT_CHANGE)
    hours: int = strawberry.field(default=24, description="For how many hours after the last change; 1 to 744.")
