"""Base points per distance, read from an attribute of the transaction, with a minimum for short trips."""

from decimal import Decimal

from pydantic import Field

from rules.builtin.units import POINTS, Counting
from rules.kinds import Evaluate, Parameters, Role, RuleKind, Snapshot


class PerDistance(Parameters):
    """Such as 1 point per mile flown, at least 500."""

    points: Decimal = Field(
        Decimal(1), gt=0, max_digits=18, decimal_places=6, description="Points per unit of distance"
    )
    attribute: str = Field("transaction.attributes.distance", description="Where the distance is")
    unit: Decimal = Field(Decimal(1), gt=0, max_digits=18, decimal_places=4, description="How far a unit is")
    counting: Counting = Field(Counting.FULL, description="What a part of a unit is worth")
    minimum: Decimal | None = Field(
        None, ge=0, max_digits=18, decimal_places=4, description="Points that any trip gives at least"
    )


def compile_distance(parameters: PerDistance) -> Evaluate:
    points, unit, attribute = parameters.points, parameters.unit, parameters.attribute
    worth, minimum = POINTS[parameters.counting], parameters.minimum

    def evaluate(snapshot: Snapshot) -> Decimal | None:
        distance = snapshot[attribute]
        if distance is None:
            return None
        earned = worth(distance, unit, points)
        return earned if minimum is None else max(earned, minimum)

    return evaluate


KIND = RuleKind(
    name="perDistance",
    version=1,
    role=Role.BASE,
    summary="Points per distance",
    parameters=PerDistance,
    reads=lambda parameters: (parameters.attribute,),
    compile=compile_distance,
)
