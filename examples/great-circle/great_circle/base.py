"""Base points of a flight: its miles, at least the minimum, times the factor of the cabin."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from great_circle.flights import DESTINATION, ORIGIN, Flight, flight_of
from rules.kinds import Answer, Evaluate, Parameters, Rejection, Role, RuleKind, Snapshot

CABIN = "transaction.attributes.cabin"

Factor = Annotated[Decimal, Field(gt=0, le=100, decimal_places=4)]


class GreatCircle(Parameters):
    """Such as at least 500 miles, and half as much again in business."""

    cabins: dict[str, Factor] = Field(min_length=1, max_length=100, description="Points per mile, by cabin")
    minimum_miles: int = Field(500, ge=0, le=12_500, description="Miles that any flight counts for at least")


def compile_great_circle(parameters: GreatCircle) -> Evaluate:
    factors, minimum = dict(parameters.cabins), parameters.minimum_miles

    def evaluate(snapshot: Snapshot) -> Answer:
        flight = flight_of(snapshot)
        if not isinstance(flight, Flight):
            return flight
        cabin = snapshot[CABIN]
        if cabin is None:
            return Rejection("a flight has a cabin; it is empty")
        if cabin not in factors:
            return Rejection(f"there is no factor for cabin {cabin!r}; there is one for {', '.join(factors)}")
        return max(flight.miles, minimum) * factors[cabin]

    return evaluate


KIND = RuleKind(
    name="greatCircle",
    version=1,
    role=Role.BASE,
    summary="Miles of a flight, by its airports and cabin",
    parameters=GreatCircle,
    reads=lambda parameters: (ORIGIN, DESTINATION, CABIN),
    compile=compile_great_circle,
)
