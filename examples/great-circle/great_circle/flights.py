"""A flight, as the attributes of a transaction describe it. Whatever is wrong with it is said, and never taken for zero miles."""

from dataclasses import dataclass

from great_circle.airports import AIRPORTS
from great_circle.sphere import miles_between
from rules.kinds import Rejection, Snapshot

ORIGIN = "transaction.attributes.origin"
DESTINATION = "transaction.attributes.destination"


@dataclass(frozen=True, slots=True)
class Flight:
    """Where it went, and how far that is."""

    origin: str
    destination: str
    miles: int


def flight_of(snapshot: Snapshot) -> Flight | Rejection | None:
    """The flight of a transaction; None if it is about something else."""
    origin, destination = snapshot[ORIGIN], snapshot[DESTINATION]
    if origin is None and destination is None:
        return None
    if origin is None or destination is None:
        return Rejection("a flight has an origin and a destination; one of them is empty")
    for code in (origin, destination):
        if code not in AIRPORTS:
            return Rejection(f"there is no airport {code!r} in the table; codes are those of IATA, such as 'FRA'")
    if origin == destination:
        return Rejection(f"a flight from {origin} to {destination} goes nowhere")
    return Flight(origin, destination, miles_between(AIRPORTS[origin], AIRPORTS[destination]))
