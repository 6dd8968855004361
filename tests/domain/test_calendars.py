"""Business dates across time zones and clock changes, and arithmetic with months."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendars import (
    UnknownTimeZone,
    add_months,
    add_years,
    business_date,
    end_of_month,
    end_of_quarter,
    end_of_year,
    start_of_day,
    valid_time_zone,
    zone,
)
from domain.problems import Refused

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Pacific/Kiritimati",
    "Africa/Cairo",
    "America/Havana",
]
DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("instant", "time_zone", "expected"),
    [
        ("2025-06-30T22:30:00+00:00", "UTC", "2025-06-30"),
        ("2025-06-30T22:30:00+00:00", "Europe/Berlin", "2025-07-01"),
        ("2025-01-01T03:00:00+00:00", "America/New_York", "2024-12-31"),
        ("2025-12-31T10:00:00+00:00", "Pacific/Kiritimati", "2026-01-01"),
        ("2025-03-30T00:59:59+00:00", "Europe/Berlin", "2025-03-30"),  # a second before clocks go forward
        ("2025-10-26T22:59:59+00:00", "Europe/Berlin", "2025-10-26"),  # a day of 25 hours: its last second
        ("2025-10-26T23:00:00+00:00", "Europe/Berlin", "2025-10-27"),
        ("2025-03-09T04:59:59+00:00", "America/New_York", "2025-03-08"),
        ("2025-03-10T03:59:59+00:00", "America/New_York", "2025-03-09"),  # a day of 23 hours: its last second
        ("2025-03-10T04:00:00+00:00", "America/New_York", "2025-03-10"),
        ("2024-02-29T18:29:59+00:00", "Asia/Kolkata", "2024-02-29"),
        ("2024-02-29T18:30:00+00:00", "Asia/Kolkata", "2024-03-01"),
        ("2025-06-30T23:30:00-05:00", "America/New_York", "2025-07-01"),
    ],
)
def test_the_business_date_is_the_date_on_the_wall(instant: str, time_zone: str, expected: str) -> None:
    assert business_date(datetime.fromisoformat(instant), time_zone) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("day", "time_zone", "expected"),
    [
        ("2025-03-30", "Europe/Berlin", "2025-03-29T23:00:00+00:00"),
        ("2025-03-31", "Europe/Berlin", "2025-03-30T22:00:00+00:00"),
        ("2023-04-28", "Africa/Cairo", "2023-04-27T22:00:00+00:00"),  # midnight is skipped: the day begins at one
        ("2024-11-03", "America/Havana", "2024-11-03T04:00:00+00:00"),  # midnight comes twice: the first
    ],
)
def test_a_day_starts_at_its_first_instant(day: str, time_zone: str, expected: str) -> None:
    assert start_of_day(date.fromisoformat(day), time_zone) == datetime.fromisoformat(expected)


@given(DAYS, st.sampled_from(ZONES))
def test_a_day_starts_where_the_day_before_ends(day: date, time_zone: str) -> None:
    start = start_of_day(day, time_zone)
    assert start.tzinfo is UTC
    assert business_date(start, time_zone) == day
    assert business_date(start - timedelta(microseconds=1), time_zone) == day - timedelta(days=1)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.integers(-14, 14), st.sampled_from(ZONES))  # noqa: DTZ001
def test_the_offset_of_the_caller_plays_no_part(wall: datetime, hours: int, time_zone: str) -> None:
    instant = wall.replace(tzinfo=UTC)
    elsewhere = instant.astimezone(timezone(timedelta(hours=hours)))
    assert business_date(elsewhere, time_zone) == business_date(instant, time_zone)


def test_an_instant_without_an_offset_is_a_bug() -> None:
    with pytest.raises(ValueError, match="offset"):
        business_date(datetime(2025, 1, 1), "UTC")  # noqa: DTZ001


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "Europe", "../etc/passwd", "/etc/localtime", "Europe/Berlin\0"])
def test_a_name_that_is_no_time_zone_is_refused(name: str) -> None:
    assert not valid_time_zone(name)
    with pytest.raises(Refused) as refused:
        zone(name, "input", "timeZone")
    assert refused.value.problems == (UnknownTimeZone(value=name, path=("input", "timeZone")),)


def test_the_refusal_of_a_time_zone_says_what_would_be_right() -> None:
    assert UnknownTimeZone(value="CEST").message == (
        "There is no time zone 'CEST'; give a name of the IANA database, such as Europe/Berlin or UTC."
    )
    assert valid_time_zone("Europe/Berlin")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-01-31", 3, "2025-04-30"),
        ("2025-02-28", 1, "2025-03-28"),
        ("2025-12-15", 1, "2026-01-15"),
        ("2025-08-31", 18, "2027-02-28"),
        ("2025-03-31", -1, "2025-02-28"),
        ("2025-01-15", -1, "2024-12-15"),
        ("2025-05-05", 0, "2025-05-05"),
    ],
)
def test_months_clamp_to_the_months_end(day: str, months: int, expected: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        ("2024-02-29", 1, "2025-02-28"),
        ("2024-02-29", 4, "2028-02-29"),
        ("2096-02-29", 4, "2100-02-28"),
        ("2025-07-01", -2, "2023-07-01"),
    ],
)
def test_years_clamp_leap_days(day: str, years: int, expected: str) -> None:
    assert add_years(date.fromisoformat(day), years) == date.fromisoformat(expected)


@given(DAYS, st.integers(-240, 240))
def test_adding_months_lands_in_that_month_and_never_later_in_it(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year - day.year) * 12 + moved.month - day.month == months
    assert moved.day == min(day.day, end_of_month(moved).day)


@given(DAYS, st.integers(-80, 80))
def test_a_year_is_twelve_months(day: date, years: int) -> None:
    assert add_years(day, years) == add_months(day, 12 * years)


@pytest.mark.parametrize(
    ("day", "month", "quarter", "year"),
    [
        ("2025-01-01", "2025-01-31", "2025-03-31", "2025-12-31"),
        ("2024-02-29", "2024-02-29", "2024-03-31", "2024-12-31"),
        ("2025-06-30", "2025-06-30", "2025-06-30", "2025-12-31"),
        ("2025-07-01", "2025-07-31", "2025-09-30", "2025-12-31"),
        ("2025-12-31", "2025-12-31", "2025-12-31", "2025-12-31"),
    ],
)
def test_ends(day: str, month: str, quarter: str, year: str) -> None:
    ends = [end_of_month, end_of_quarter, end_of_year]
    assert [end(date.fromisoformat(day)).isoformat() for end in ends] == [month, quarter, year]
