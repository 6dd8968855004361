"""Questions about the ledger: which lots of a member, and in what order."""

import enum
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LotFilter:
    """Which lots; all that is given must hold. `open`: whether they still hold points (a lapsed lot does until the job takes them)."""

    open: bool | None = None
    point_type: str | None = None
    qualifying: bool | None = None


class LotOrder(enum.Enum):
    """NEWEST: the latest transaction first. EXPIRES_ON: as redemptions take them, nearest expiry first, without expiry last."""

    NEWEST = "NEWEST"
    EXPIRES_ON = "EXPIRES_ON"
