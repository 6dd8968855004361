"""Holds: points of a member that are kept for a checkout, for a while. Nobody else can spend them; they move only when captured.

A hold names the lots it keeps. So they can be captured until the hold ends, also when a lot's last day passes meanwhile, and a
later redemption takes other lots. Its time frees it, whether or not the job has run.
"""

import enum
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.problems import Problem


class HoldStatus(enum.Enum):
    """Where a hold stands; all but HELD are final."""

    HELD = "HELD"
    CAPTURED = "CAPTURED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointHold:
    """A hold as it is stored and shown, in points as people speak them. `captured`: what was redeemed of it; the rest is free again."""

    id: int
    program_id: int
    member_id: int
    partner_id: int | None
    point_type: str
    points: Decimal
    captured: Decimal
    status: HoldStatus
    held_until: datetime
    created_at: datetime
    created_by_id: int | None
    ended_at: datetime | None
    transaction_id: int | None
    comment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldEnded(Problem):
    """A hold of which nothing is held any more."""

    code = "HOLD_ENDED"
    status: HoldStatus
    held_until: datetime

    @property
    def message(self) -> str:
        when = f" since {self.held_until.isoformat()}" if self.status is HoldStatus.EXPIRED else ""
        return f"This hold is {self.status.value}{when}: hold the points anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureExceedsHold(Problem):
    """More points to be captured than are held."""

    code = "CAPTURE_EXCEEDS_HOLD"
    held: Decimal
    asked: Decimal
    point_type: str

    @property
    def message(self) -> str:
        return f"{self.asked:,f} {self.point_type} cannot be captured: {self.held:,f} are held."


def status_at(status: HoldStatus, held_until: datetime, now: datetime) -> HoldStatus:
    """What a stored status means at a moment: a hold whose time has come is EXPIRED, job or no job."""
    return HoldStatus.EXPIRED if status is HoldStatus.HELD and held_until <= now else status
