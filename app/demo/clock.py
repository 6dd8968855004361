"""The clock of the demonstration: it stands still until somebody sets it, so that two years pass in two minutes."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.demo.source import TIME_ZONE

EVENING, NIGHT = time(23, 30), time(2)
_ZONE = ZoneInfo(TIME_ZONE)


class Clock:
    """What the engine takes for now, whatever the database says."""

    def __init__(self, day: date) -> None:
        self.now = datetime.combine(day, NIGHT, _ZONE)

    def __call__(self, _: datetime) -> datetime:
        return self.now

    def set(self, day: date, hour: time) -> None:
        """Let it be this day and hour, where the stores are."""
        self.now = datetime.combine(day, hour, _ZONE)


def months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The last day of each month, and the first day of the next."""
    while first <= last:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield following - timedelta(days=1), following
        first = following
