"""When a program's night begins: by its own clock, also where clocks are changed."""

from datetime import UTC, datetime

import pytest

from domain.jobs import JobKind, job_name, next_night


@pytest.mark.parametrize(
    ("after", "time_zone", "night"),
    [
        ("2026-06-01T12:00", "Europe/Berlin", "2026-06-01T22:01"),
        ("2026-06-01T21:59", "Europe/Berlin", "2026-06-01T22:01"),
        ("2026-06-01T22:00", "Europe/Berlin", "2026-06-02T22:01"),
        ("2026-06-01T22:01", "Europe/Berlin", "2026-06-02T22:01"),
        ("2026-03-28T12:00", "Europe/Berlin", "2026-03-28T23:01"),  # the day of 23 hours follows
        ("2026-03-29T12:00", "Europe/Berlin", "2026-03-29T22:01"),
        ("2026-10-25T12:00", "Europe/Berlin", "2026-10-25T23:01"),
        ("2026-06-01T12:00", "Pacific/Kiritimati", "2026-06-02T10:01"),
        ("2026-06-01T12:00", "UTC", "2026-06-02T00:01"),
        ("2026-09-05T12:00", "America/Santiago", "2026-09-06T04:01"),  # midnight does not exist: the day begins at one
    ],
)
def test_the_next_night_is_when_the_next_local_day_has_begun(after: str, time_zone: str, night: str) -> None:
    assert next_night(moment(after), time_zone) == moment(night)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_job_is_called_by_its_kind_and_program() -> None:
    assert job_name(JobKind.EXPIRY, "GROCER") == "EXPIRY GROCER"
