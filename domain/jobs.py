"""Jobs: what runs by itself, when it last ran, and when it runs next.

A job is due at a time of day on the clocks of its program, also when they change, or every so often. Every job does whatever
is due by now and is safe to run twice; so what was missed is never made up for one by one, but once or, if the job says so, not
at all. Jobs themselves are listed in `domain.services.job_list`.
"""

import enum
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from domain.calendars import business_date, moment_of
from domain.problems import Problem

LATE = timedelta(hours=1)
"""From then on a slot has been missed: until then it is only a little late."""

RETRIES = (*(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30)), timedelta(hours=1))
"""How long a job rests after having failed so many times in a row; the last holds from then on."""


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day, at a time of day where the program is; installation-wide jobs live in UTC."""

    at: time

    def next(self, after: datetime, time_zone: str) -> datetime:
        """The first slot after a moment."""
        day = business_date(after, time_zone)
        today = moment_of(day, self.at, time_zone)
        return today if today > after else moment_of(day + timedelta(days=1), self.at, time_zone)

    def __str__(self) -> str:
        return f"daily at {self.at:%H:%M}"


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again, so long after the last run."""

    interval: timedelta

    def next(self, after: datetime, time_zone: str) -> datetime:
        """The first slot after a moment."""
        return after + self.interval

    def __str__(self) -> str:
        minutes = self.interval // timedelta(minutes=1)
        number, unit = (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
        return f"every {unit}" if number == 1 else f"every {number} {unit}s"


Schedule = Daily | Every

AFTER_MIDNIGHT = Daily(time(0, 1))
"""When a new business day has begun. Clocks of several machines may differ a little: nobody should still live in the day before."""


class Missed(enum.Enum):
    """What becomes of a slot at which no worker was there: run once as soon as there is one, or wait for the next slot."""

    CATCH_UP = "CATCH_UP"
    SKIP = "SKIP"


class JobOutcome(enum.Enum):
    """How a run ended. A run that was stopped, or whose worker is no more, has not ended: it is begun again."""

    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job of a program, or of the installation (`program` None). `last_result` is a sentence.

    `claimed_until`: somebody runs it now; should that worker be no more, it is due again from then on.
    """

    kind: str
    program_id: int | None
    program: str | None
    time_zone: str
    next_run_at: datetime
    claimed_until: datetime | None
    last_started_at: datetime | None
    last_finished_at: datetime | None
    last_outcome: JobOutcome | None
    last_result: str | None
    failures: int

    @property
    def name(self) -> str:
        """How the job is called: `EXPIRY GROCER`."""
        return job_name(self.kind, self.program)

    def missed(self, now: datetime) -> bool:
        """Whether its slot went by without anybody there. One that was begun and lost is not missed, but interrupted."""
        return self.claimed_until is None and self.failures == 0 and now - self.next_run_at > LATE


@dataclass(frozen=True, slots=True)
class DescribedJob:
    """A job with what the list of jobs says of it."""

    job: Job
    what: str
    schedule: str
    missed: Missed
    running: bool


def job_name(kind: str, program: str | None) -> str:
    """The name of a job; neither kind nor a program's code has a space."""
    return kind if program is None else f"{kind} {program}"


def retry_after(failures: int) -> timedelta:
    """How long a job rests after having failed so many times in a row."""
    return RETRIES[min(failures, len(RETRIES)) - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRunning(Problem):
    """It is being run just now, and nobody needs to start it."""

    code = "JOB_RUNNING"
    job: str

    @property
    def message(self) -> str:
        return f"{self.job} is running now; look at its result in a moment."
