"""When jobs are due: by the clock of their program, also where clocks are changed."""

from datetime import UTC, datetime, time, timedelta

import pytest

from domain.jobs import AFTER_MIDNIGHT, Daily, Every, job_name, retry_after


@pytest.mark.parametrize(
    ("after", "time_zone", "night"),
    [
        ("2026-06-01T12:00", "Europe/Berlin", "2026-06-01T22:01"),
        ("2026-06-01T21:59", "Europe/Berlin", "2026-06-01T22:01"),
        ("2026-06-01T22:00", "Europe/Berlin", "2026-06-01T22:01"),
        ("2026-06-01T22:01", "Europe/Berlin", "2026-06-02T22:01"),
        ("2026-03-28T12:00", "Europe/Berlin", "2026-03-28T23:01"),  # the day of 23 hours follows
        ("2026-03-29T12:00", "Europe/Berlin", "2026-03-29T22:01"),
        ("2026-10-25T12:00", "Europe/Berlin", "2026-10-25T23:01"),
        ("2026-06-01T12:00", "Pacific/Kiritimati", "2026-06-02T10:01"),
        ("2026-06-01T12:00", "UTC", "2026-06-02T00:01"),
        ("2026-09-05T12:00", "America/Santiago", "2026-09-06T04:01"),  # midnight does not exist: the day begins at one
    ],
)
def test_a_nightly_job_is_due_when_the_next_local_day_has_begun(after: str, time_zone: str, night: str) -> None:
    assert AFTER_MIDNIGHT.next(moment(after), time_zone) == moment(night)


@pytest.mark.parametrize(
    ("after", "slot"),
    [
        (
            "2026-03-28T08:00",
            "2026-03-29T01:30",
        ),  # half past two is left out that night: an hour later, at half past three
        ("2026-10-24T08:00", "2026-10-25T00:30"),  # and comes twice that night: the first
        ("2026-10-25T00:30", "2026-10-26T01:30"),
    ],
)
def test_a_time_of_day_that_is_left_out_or_comes_twice_is_one_slot(after: str, slot: str) -> None:
    assert Daily(time(2, 30)).next(moment(after), "Europe/Berlin") == moment(slot)


def test_a_job_that_runs_every_so_often_is_due_so_long_after_its_last_run() -> None:
    assert Every(timedelta(minutes=5)).next(moment("2026-06-01T12:00"), "UTC") == moment("2026-06-01T12:05")


def test_a_job_that_runs_every_so_often_says_so_in_words() -> None:
    said = {1: "every minute", 5: "every 5 minutes", 90: "every 90 minutes", 60: "every hour", 120: "every 2 hours"}
    assert {minutes: str(Every(timedelta(minutes=minutes))) for minutes in said} == said


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_job_is_called_by_its_kind_and_program() -> None:
    assert job_name("EXPIRY", "GROCER") == "EXPIRY GROCER"
    assert job_name("CLEANUP", None) == "CLEANUP"


def test_a_failing_job_is_tried_less_and_less_often() -> None:
    minutes = [retry_after(failures).total_seconds() / 60 for failures in (1, 2, 3, 4, 5, 6, 7, 1000)]
    assert minutes == [1, 2, 5, 10, 30, 60, 60, 60]
