"""A bonus for long flights. Criteria of promotions cannot ask how far a flight went, so the action itself decides."""

from decimal import Decimal

from pydantic import Field

from domain.rules import Award
from great_circle.flights import DESTINATION, ORIGIN, Flight, flight_of
from rules.kinds import Answer, Evaluate, Parameters, Role, RuleKind, Snapshot


class LongHaulBonus(Parameters):
    """Such as 1,000 points for 3,000 miles and more."""

    from_miles: int = Field(ge=1, le=12_500, description="Flights of so many miles or more get it")
    points: Decimal = Field(gt=0, max_digits=12, decimal_places=4, description="What they get")
    point_type: str | None = Field(None, description="Code of the point type; not given: that of the base points")
    qualifying: bool = Field(default=False, description="Whether it counts towards a tier")


def compile_bonus(parameters: LongHaulBonus) -> Evaluate:
    award = Award(parameters.point_type, parameters.qualifying, parameters.points)

    def evaluate(snapshot: Snapshot) -> Answer:
        flight = flight_of(snapshot)
        if not isinstance(flight, Flight):
            return flight
        return award if flight.miles >= parameters.from_miles else None

    return evaluate


KIND = RuleKind(
    name="longHaulBonus",
    version=1,
    role=Role.ACTION,
    summary="A bonus for flights of so many miles or more",
    parameters=LongHaulBonus,
    reads=lambda parameters: (ORIGIN, DESTINATION),
    compile=compile_bonus,
)
