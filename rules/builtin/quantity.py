"""Base points per quantity: nights, liters, pieces."""

from decimal import Decimal

from pydantic import Field

from rules.builtin.units import POINTS, Counting
from rules.kinds import Evaluate, Parameters, Role, RuleKind, Snapshot


class PerQuantity(Parameters):
    """Such as 500 points per night."""

    points: Decimal = Field(gt=0, max_digits=18, decimal_places=6, description="Points per unit of the quantity")
    unit: Decimal = Field(Decimal(1), gt=0, max_digits=18, decimal_places=4, description="How much of it is a unit")
    counting: Counting = Field(Counting.FULL, description="What a part of a unit is worth")


def compile_quantity(parameters: PerQuantity) -> Evaluate:
    points, unit, worth = parameters.points, parameters.unit, POINTS[parameters.counting]

    def evaluate(snapshot: Snapshot) -> Decimal | None:
        quantity = snapshot["transaction.quantity"]
        return None if quantity is None else worth(quantity, unit, points)

    return evaluate


KIND = RuleKind(
    name="perQuantity",
    version=1,
    role=Role.BASE,
    summary="Points per quantity",
    parameters=PerQuantity,
    reads=lambda parameters: ("transaction.quantity",),
    compile=compile_quantity,
)
