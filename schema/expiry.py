"""When points lapse, as a program, a point type or an award says it."""

import strawberry

import domain.expiry as d
from schema.base import offers, shows, takes

offers(d.ExpiryKind)
offers(d.PeriodUnit)
offers(d.Snap)

LENGTH = "For PERIOD and INACTIVITY: so many units after the transaction. For FIXED_DAY: so many years later."
SNAP = "To which end the date is then moved forward."
MONTH = "For FIXED_DAY: 1 to 12."
DAY = "For FIXED_DAY: 1 to 31, or the last day of a shorter month."


@shows(d.ExpiryPolicy)
class ExpiryPolicy:
    """From the date of a transaction to the last day on which its points can be used."""

    kind: d.ExpiryKind = strawberry.field(description="How the date is found.")
    length: int = strawberry.field(description=LENGTH)
    unit: d.PeriodUnit = strawberry.field(description="What `length` counts.")
    month: int = strawberry.field(description=MONTH)
    day: int = strawberry.field(description=DAY)
    snap: d.Snap = strawberry.field(description=SNAP)


@takes
class ExpiryPolicyInput:
    """From the date of a transaction to the last day on which its points can be used."""

    kind: d.ExpiryKind = strawberry.field(description="How the date is found.")
    length: int = strawberry.field(default=0, description=LENGTH)
    unit: d.PeriodUnit = strawberry.field(default=d.PeriodUnit.MONTH, description="What `length` counts.")
    month: int = strawberry.field(default=12, description=MONTH)
    day: int = strawberry.field(default=31, description=DAY)
    snap: d.Snap = strawberry.field(default=d.Snap.NONE, description=SNAP)
