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
    """By what a list of lots is sorted. EXPIRES_ON upwards: as redemptions take them, those that never lapse last."""

    TRANSACTION_DATE = "TRANSACTION_DATE"
    EXPIRES_ON = "EXPIRES_ON"
