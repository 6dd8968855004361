"""Commands and questions about activities."""

from dataclasses import dataclass

from domain.activities import ActivityStatus, ActivityType


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityClose:
    """Somebody has seen to it."""

    id: int
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFilter:
    """Which activities of a list; all that is given must hold. `partner` and `program` by code, `owner` by subject."""

    type: tuple[ActivityType, ...] = ()
    status: tuple[ActivityStatus, ...] = ()
    partner: str | None = None
    program: str | None = None
    owner: str | None = None
