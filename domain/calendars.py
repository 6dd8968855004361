"""Calendar dates: every business date is the date on the wall of the program's time zone, never that of the server.

Months and years clamp to the month's end: a month after January 31 is February 28 or 29.
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.problems import Problem, Refused

MONTHS = 12
MONTHS_OF_QUARTER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownTimeZone(Problem):
    """A name that the IANA time zone database does not have."""

    code = "UNKNOWN_TIME_ZONE"
    value: str

    @property
    def message(self) -> str:
        return f"There is no time zone {self.value!r}; give a name of the IANA database, such as Europe/Berlin or UTC."


def zone(name: str, *path: str) -> ZoneInfo:
    """The time zone of an IANA name; raises Refused(UnknownTimeZone)."""
    found = _find(name)
    if found is None:
        raise Refused(UnknownTimeZone(value=name, path=path))
    return found


def valid_time_zone(name: str) -> bool:
    """Whether the name is one of the IANA database."""
    return _find(name) is not None


def _find(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # A folder of the database raises an OSError, a path outside of it a ValueError.
        return None


def business_date(instant: datetime, time_zone: str) -> date:
    """The date on which an instant (with its offset) falls in a time zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its offset from UTC")
    return instant.astimezone(zone(time_zone)).date()


def start_of_day(day: date, time_zone: str) -> datetime:
    """The first instant of a date in a time zone, in UTC; also where clocks are changed at midnight."""
    return moment_of(day, time.min, time_zone)


def moment_of(day: date, at: time, time_zone: str) -> datetime:
    """The instant of a time of day in a time zone, in UTC: the first of two, and an hour later where clocks leave it out."""
    return datetime.combine(day, at, zone(time_zone)).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """So many months later (or earlier), clamped to the month's end."""
    years, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return clamped(years, month + 1, day.day)


def add_years(day: date, years: int) -> date:
    """So many years later (or earlier): February 29 becomes 28 in a common year."""
    return clamped(day.year + years, day.month, day.day)


def clamped(year: int, month: int, day: int) -> date:
    """A date whose day is at most the last of its month."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def end_of_month(day: date) -> date:
    """The last day of the month."""
    return clamped(day.year, day.month, 31)


def end_of_quarter(day: date) -> date:
    """The last day of the calendar quarter."""
    return clamped(day.year, -(-day.month // MONTHS_OF_QUARTER) * MONTHS_OF_QUARTER, 31)


def end_of_year(day: date) -> date:
    """December 31."""
    return date(day.year, MONTHS, 31)
