"""The shortest way between two places on the globe, taken for a sphere of the Earth's mean radius.

Angles are the one thing here that is not exact; so a distance is rounded to whole miles before anybody computes with it.
"""

from math import asin, cos, floor, radians, sin, sqrt
from typing import NamedTuple

EARTH_RADIUS_MILES = 3958.7613
"""6371.0088 km, in statute miles."""


class Place(NamedTuple):
    """Degrees; north and east are positive."""

    latitude: float
    longitude: float


def miles_between(one: Place, other: Place) -> int:
    """Whole statute miles, half a mile up (the haversine formula)."""
    return floor(distance(one, other) + 0.5)


def distance(one: Place, other: Place) -> float:
    """Statute miles, before they are rounded."""
    south, north = radians(one.latitude), radians(other.latitude)
    height = sin((north - south) / 2) ** 2
    width = cos(south) * cos(north) * sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_MILES * asin(min(1.0, sqrt(height + width)))
