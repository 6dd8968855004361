"""What can be asked about holds. A hold is named by its number."""

from dataclasses import dataclass
from decimal import Decimal

from domain.commands.members import MemberReference
from domain.commands.transactions import OneCall


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsHold:
    """Keep points of a member for a checkout; `minutes`: for so long, else as the program says."""

    idempotency_key: str
    program: str
    member: MemberReference
    points: Decimal
    point_type: str | None = None
    minutes: int | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsCapture(OneCall):
    """Redeem what is held, or a part of it: REDEMPTION/PRODUCT. The rest is free again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsRelease:
    """Let all of it go: the checkout did not happen."""

    id: int
