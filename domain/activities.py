"""Activities: what somebody should see to, such as a partner's renewal application. Each has an owner, and is OPEN until it is DONE.

Whoever causes one records it in the same unit of work; it is a reminder, and decides nothing.
"""

import enum
from dataclasses import dataclass
from datetime import datetime

from domain.people import Principal, Role
from domain.problems import NotAllowed, Problem


class ActivityType(enum.Enum):
    """What has happened."""

    NEW_LOYALTY_MEMBER = "NEW_LOYALTY_MEMBER"
    RENEWAL_APPLICATION = "RENEWAL_APPLICATION"
    REORDER = "REORDER"


class ActivityStatus(enum.Enum):
    """Whether somebody has seen to it; DONE is final."""

    OPEN = "OPEN"
    DONE = "DONE"


@dataclass(frozen=True, slots=True)
class About:
    """What an activity is about: a type of the API whose key is one number, such as `Member`, and that key."""

    type: str
    key: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewActivity:
    """An activity to record. `owner_id`: who should see to it (None: whoever is in charge); `program_id`: of one program only."""

    type: ActivityType
    subject: str
    owner_id: int | None = None
    partner_id: int | None = None
    program_id: int | None = None
    about: About | None = None
    done: bool = False
    """A record of what nobody need see to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """An activity as it is stored and shown. `comment` is what whoever closed it said."""

    id: int
    type: ActivityType
    status: ActivityStatus
    subject: str
    owner_id: int | None
    partner_id: int | None
    program_id: int | None
    about: About | None
    created_by_id: int | None
    created_at: datetime
    closed_by_id: int | None
    closed_at: datetime | None
    comment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityDone(Problem):
    """An activity that somebody has seen to already."""

    code = "ACTIVITY_DONE"
    closed_at: datetime

    @property
    def message(self) -> str:
        return f"This activity is DONE since {self.closed_at:%Y-%m-%d %H:%M} UTC: there is nothing left to close."


IN_CHARGE = (Role.PROGRAM_ADMINISTRATOR, Role.PARTNER_MANAGER, Role.PARTNER_PROGRAM_ADMINISTRATOR)
"""Who closes activities that are not their own."""


def close_problem(activity: Activity, actor: Principal) -> Problem | None:
    """Why somebody may not close an activity; None if they may."""
    is_owner = actor.person_id is not None and actor.person_id == activity.owner_id
    if not is_owner and not actor.has(*IN_CHARGE):
        return NotAllowed(why="an activity is closed by its owner, a partner manager or an administrator")
    if activity.closed_at is not None:
        return ActivityDone(closed_at=activity.closed_at)
    return None
