"""The rule kinds, each asked as the engine asks them: parameters in JSON, a snapshot of what they read, one answer."""

from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from pydantic import ValidationError

from domain.rules import Award
from great_circle import base, bonus, milepost_rule_kinds
from great_circle.airports import AIRPORTS
from great_circle.sphere import Place, distance, miles_between
from rules.kinds import Rejection, RuleKind

CABINS = {"cabins": {"ECONOMY": 1, "BUSINESS": "1.5"}}
LONG = {"fromMiles": 3846, "points": 1000}


def asked(kind: RuleKind[Any], parameters: dict[str, Any], **flight: str | None) -> Any:
    model = kind.parameters.model_validate(parameters)
    attributes = {"origin": None, "destination": None, "cabin": None, **flight}
    paths = {f"transaction.attributes.{name}": value for name, value in attributes.items()}
    return kind.compile(model)({path: paths[path] for path in kind.reads(model)})


@pytest.mark.parametrize(
    ("origin", "destination", "miles"),
    [("FRA", "JFK", 3846), ("JFK", "FRA", 3846), ("FRA", "BER", 267), ("SIN", "EWR", 9530), ("HND", "SFO", 5149)],
)
def test_miles_are_those_of_the_shortest_way(origin: str, destination: str, miles: int) -> None:
    assert miles_between(AIRPORTS[origin], AIRPORTS[destination]) == miles


def test_a_quarter_of_the_globe_is_a_quarter_of_its_circumference() -> None:
    pole, equator, beyond = Place(90, 0), Place(0, 42), Place(0, -138)
    assert [miles_between(pole, equator), miles_between(equator, beyond), miles_between(pole, pole)] == [6218, 12437, 0]


def test_no_distance_is_so_near_to_half_a_mile_that_two_machines_could_round_it_differently() -> None:
    nearest = min(abs(distance(one, other) % 1 - 0.5) for one, other in combinations(AIRPORTS.values(), 2))
    assert nearest > 1e-6


def test_every_airport_is_on_the_globe_and_has_a_code_of_iata() -> None:
    assert len(AIRPORTS) == 64
    assert list(AIRPORTS) == sorted(AIRPORTS)
    assert [code for code in AIRPORTS if not (len(code) == 3 and code.isalpha() and code.isupper())] == []
    assert [code for code, place in AIRPORTS.items() if abs(place.latitude) > 90 or abs(place.longitude) > 180] == []


def test_a_flight_in_business_earns_half_as_much_again() -> None:
    assert asked(base.KIND, CABINS, origin="FRA", destination="JFK", cabin="ECONOMY") == Decimal(3846)
    assert asked(base.KIND, CABINS, origin="FRA", destination="JFK", cabin="BUSINESS") == Decimal(5769)


@pytest.mark.parametrize(("minimum", "points"), [(0, 267), (266, 267), (267, 267), (268, 268), (500, 500)])
def test_a_short_flight_earns_the_minimum(minimum: int, points: int) -> None:
    parameters = {**CABINS, "minimumMiles": minimum}
    assert asked(base.KIND, parameters, origin="FRA", destination="BER", cabin="ECONOMY") == Decimal(points)


def test_the_factor_of_the_cabin_counts_for_the_minimum_too() -> None:
    assert asked(base.KIND, CABINS, origin="FRA", destination="BER", cabin="BUSINESS") == Decimal(750)


def test_what_is_no_flight_is_left_to_the_other_rules() -> None:
    assert asked(base.KIND, CABINS) is None
    assert asked(base.KIND, CABINS, cabin="BUSINESS") is None
    assert asked(bonus.KIND, LONG) is None


UNKNOWN = "there is no airport 'QQQ' in the table; codes are those of IATA, such as 'FRA'"
HALF = "a flight has an origin and a destination; one of them is empty"


@pytest.mark.parametrize(
    ("flight", "reason"),
    [
        ({"origin": "FRA", "destination": "QQQ"}, UNKNOWN),
        ({"origin": "QQQ", "destination": "FRA"}, UNKNOWN),
        ({"origin": "FRA"}, HALF),
        ({"destination": "FRA"}, HALF),
        ({"origin": "FRA", "destination": "FRA"}, "a flight from FRA to FRA goes nowhere"),
    ],
)
@pytest.mark.parametrize(("kind", "parameters"), [(base.KIND, CABINS), (bonus.KIND, LONG)], ids=["base", "bonus"])
def test_a_flight_that_cannot_be_is_rejected(
    kind: RuleKind[Any], parameters: dict[str, Any], flight: dict[str, str], reason: str
) -> None:
    assert asked(kind, parameters, **flight, cabin="ECONOMY") == Rejection(reason)


@pytest.mark.parametrize(
    ("cabin", "reason"),
    [
        ("FIRST", "there is no factor for cabin 'FIRST'; there is one for ECONOMY, BUSINESS"),
        ("business", "there is no factor for cabin 'business'; there is one for ECONOMY, BUSINESS"),
        (None, "a flight has a cabin; it is empty"),
    ],
)
def test_a_flight_without_a_cabin_that_has_a_factor_is_rejected(cabin: str | None, reason: str) -> None:
    assert asked(base.KIND, CABINS, origin="FRA", destination="JFK", cabin=cabin) == Rejection(reason)


def test_the_bonus_is_for_flights_of_so_many_miles_or_more() -> None:
    given = Award(None, qualifying=False, points=Decimal(1000))
    assert asked(bonus.KIND, LONG, origin="FRA", destination="JFK") == given
    assert asked(bonus.KIND, {**LONG, "fromMiles": 3847}, origin="FRA", destination="JFK") is None


def test_the_bonus_may_be_of_another_point_type_and_qualify() -> None:
    parameters = {**LONG, "pointType": "STATUS", "qualifying": True, "points": "12.5"}
    given = Award("STATUS", qualifying=True, points=Decimal("12.5"))
    assert asked(bonus.KIND, parameters, origin="FRA", destination="JFK") == given


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (base.KIND, {}),
        (base.KIND, {"cabins": {}}),
        (base.KIND, {"cabins": {"ECONOMY": 0}}),
        (base.KIND, {"cabins": {"ECONOMY": "NaN"}}),
        (base.KIND, {**CABINS, "minimumMiles": -1}),
        (base.KIND, {**CABINS, "minimum_miles": 500}),
        (bonus.KIND, {"fromMiles": 3000}),
        (bonus.KIND, {"fromMiles": 3000, "points": 0}),
    ],
)
def test_parameters_without_sense_are_refused(kind: RuleKind[Any], parameters: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        kind.parameters.model_validate(parameters)


def test_the_package_provides_both_kinds() -> None:
    assert [(kind.name, kind.version) for kind in milepost_rule_kinds()] == [("greatCircle", 1), ("longHaulBonus", 1)]
