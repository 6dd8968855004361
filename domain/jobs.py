"""Jobs: what runs by itself, when it last ran, and when it runs next.

A nightly job belongs to a program and runs when a new day has begun in that program's time zone, also when the clocks
change. A missed night is not made up for one by one: every job does whatever is due by now, and is safe to run twice.
"""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.calendars import business_date, start_of_day

AFTER_MIDNIGHT = timedelta(minutes=1)
"""Clocks of several machines may differ a little: nobody should still live in the day before."""


class JobKind(enum.Enum):
    """What there is to do every night for a program."""

    EXPIRY = "EXPIRY"
    TIERS = "TIERS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job of a program. `last_result` is a sentence; `next_run_at` of a running job is when its claim lapses."""

    kind: JobKind
    program: str
    every: timedelta
    next_run_at: datetime
    last_started_at: datetime | None
    last_finished_at: datetime | None
    last_result: str | None

    @property
    def name(self) -> str:
        """How the job is called: `EXPIRY GROCER`."""
        return job_name(self.kind, self.program)


def job_name(kind: JobKind, program: str) -> str:
    """The name of a program's job; a program's code has no space."""
    return f"{kind.value} {program}"


def next_night(after: datetime, time_zone: str) -> datetime:
    """When the next day of a time zone has just begun."""
    tomorrow = business_date(after, time_zone) + timedelta(days=1)
    return start_of_day(tomorrow, time_zone) + AFTER_MIDNIGHT
