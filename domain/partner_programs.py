"""Partner programs: what a company joins to be a partner, such as Gold or a certification. Not to be confused with loyalty programs.

A partner program is PENDING while it is drafted, ACTIVE and read-only once somebody has activated it, and INACTIVE by itself
when its end has passed. Every date is one of its own time zone; a date has passed on the following day.
"""

import enum
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.calendars import MONTHS, add_months

DAY = timedelta(days=1)
ANY_YEAR = 2021
"""The shortest stretch of months does not depend on the year: February has 28 days in most."""


class PartnerProgramStatus(enum.Enum):
    """PENDING may be edited; ACTIVE takes applications and renewals between its dates; INACTIVE takes none any more."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class ApprovalMethod(enum.Enum):
    """Who decides about applications: all are approved, those on a list are and others are not, or an administrator decides."""

    APPROVE_ALL = "APPROVE_ALL"
    APPROVAL_LIST = "APPROVAL_LIST"
    MANUAL = "MANUAL"


class Admission(enum.Enum):
    """Who may do something: every partner, or only those on a list of the program."""

    EVERYBODY = "EVERYBODY"
    LISTED = "LISTED"


class EligibilityList(enum.Enum):
    """The lists of partners that a partner program may keep."""

    MAY_APPLY = "MAY_APPLY"
    APPROVED_AUTOMATICALLY = "APPROVED_AUTOMATICALLY"
    MAY_RENEW = "MAY_RENEW"


@dataclass(frozen=True, slots=True)
class LineTemplate:
    """A line of the agreement with every member. `months`: how long it runs (None: as long as the membership)."""

    code: str
    description: str
    months: int | None = None


@dataclass(frozen=True, slots=True)
class EntitlementTemplate:
    """What every member is entitled to."""

    code: str
    description: str


MEMBERSHIP_LINE = LineTemplate("MEMBERSHIP", "Membership")
"""The only line of an agreement for which nothing else is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerProgram:
    """A partner program as it is stored and shown. `renewal_days`: how many days before its end a membership may be renewed;
    `grace_days`: how many days after it.
    """

    id: int
    code: str
    name: str
    kind: str
    time_zone: str
    status: PartnerProgramStatus
    starts_on: date
    ends_on: date
    approval_method: ApprovalMethod
    membership_months: int
    renewal_days: int
    grace_days: int
    may_apply: Admission
    may_renew: Admission
    lines: tuple[LineTemplate, ...]
    entitlements: tuple[EntitlementTemplate, ...]
    expire_lines_at_end: bool
    owner_id: int | None
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """The dates of a membership: its first and last day, and the first and last day on which it may be renewed."""

    begins_on: date
    ends_on: date
    renewal_opens_on: date
    renewal_ends_on: date


def period(program: PartnerProgram, begins_on: date) -> Period:
    """The dates of a membership that begins on a day: 2025-01-15 and 12 months end on 2026-01-14."""
    ends_on = end_of(begins_on, program.membership_months)
    opens_on, closes_on = ends_on - program.renewal_days * DAY, ends_on + program.grace_days * DAY
    return Period(begins_on, ends_on, opens_on, closes_on)


def end_of(begins_on: date, months: int) -> date:
    """The last day of so many months."""
    return add_months(begins_on, months) - DAY


def status_on(program: PartnerProgram, today: date) -> PartnerProgramStatus:
    """The status by its dates, also before the daily job has noted it."""
    if program.status is PartnerProgramStatus.ACTIVE and today > program.ends_on:
        return PartnerProgramStatus.INACTIVE
    return program.status


def is_open(program: PartnerProgram, today: date) -> bool:
    """Whether it takes applications, members and renewals."""
    return status_on(program, today) is PartnerProgramStatus.ACTIVE and program.starts_on <= today


def shortest(months: int) -> int:
    """How many days the shortest stretch of so many months has; no window may be longer."""
    firsts = (date(ANY_YEAR, month, 1) for month in range(1, MONTHS + 1))
    return min((add_months(first, months) - first).days for first in firsts)
