"""Lots and lot uses: every point a member holds sits in a lot, every point that left sits in a lot use.

Together they are the ledger. A lot is known by (member, transaction, position), a use by its own transaction and position.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.known import Known


class LotOrigin(Known):
    """What gave the points."""

    BASE = "BASE"
    PROMOTION = "PROMOTION"
    ENTRY = "ENTRY"
    """Points that the transaction itself names: gifts, bonuses, manual credits."""
    LOAN = "LOAN"
    TRANSFER = "TRANSFER"
    """What another member has sent."""
    ROLLUP = "ROLLUP"
    """What a member of the household or account has earned."""
    MERGE = "MERGE"
    """What a member had who was merged into this one."""


NOT_EARNED = frozenset({LotOrigin.LOAN, LotOrigin.TRANSFER, LotOrigin.MERGE})
"""What was lent, or given to somebody else before: it does not count as earned in the last months."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """One grant of points by one rule of one transaction; points as people speak them."""

    member_id: int
    transaction_id: int
    position: int
    point_type: str
    qualifying: bool
    origin: LotOrigin
    promotion_id: int | None
    points: Decimal
    remaining: Decimal
    transaction_date: date
    effective_on: date | None
    expires_on: date | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LotUse:
    """Points taken from one lot by one transaction; negative for a restore, which names the use it reverses."""

    member_id: int
    transaction_id: int
    position: int
    lot_transaction_id: int
    lot_position: int
    point_type: str
    points: Decimal
    reverses_transaction_id: int | None
    reverses_position: int | None
    created_at: datetime
