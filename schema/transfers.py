"""Limits of transfers, as a program sets and shows them."""

import strawberry

import domain.transfers as d
from schema.base import shows, takes
from schema.scalars import Points

PER_TRANSACTION = "Points of one kind that a transfer takes at most."
PER_YEAR = (
    "Points of one kind that a member sends at most in a calendar year, by the dates on which transfers are processed."
)


@shows(d.TransferLimits)
class TransferLimits:
    """How much members may send each other; null: as much as they have."""

    per_transaction: Points | None = strawberry.field(description=PER_TRANSACTION)
    per_year: Points | None = strawberry.field(description=PER_YEAR)


@takes
class TransferLimitsInput:
    """How much members may send each other; what is not given here is not limited."""

    per_transaction: Points | None = strawberry.field(default=None, description=PER_TRANSACTION)
    per_year: Points | None = strawberry.field(default=None, description=PER_YEAR)
