"""What members had of each point type at a past moment: the same sums, over the lots, uses and extensions written until then.

Whether a lot was usable is decided on the business date of that moment in the program's time zone; what holds kept then was
held.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Row,
    Select,
    and_,
    any_,
    bindparam,
    case,
    func,
    not_,
    or_,
    select,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import ARRAY

from domain.calendars import business_date
from domain.lots import LotOrigin
from domain.members import Balance
from domain.people import Scope
from domain.store import tables as t
from domain.store.asked import arrays, asked
from domain.store.balances import STORED, Figures, Owner, listed
from domain.store.database import Reader
from domain.store.effective import expiry, lapsed, started
from domain.store.members import in_scope
from domain.transactions import SubType

MOMENT = bindparam("moment", type_=DateTime(timezone=True))
IDS = bindparam("ids", type_=ARRAY(BigInteger))

_asked = asked(member_id=BigInteger, day=Date)
_taken = (
    select(func.coalesce(func.sum(t.lot_use.c.points), 0))
    .where(
        t.lot_use.c.member_id == t.lot.c.member_id,
        t.lot_use.c.lot_transaction_id == t.lot.c.transaction_id,
        t.lot_use.c.lot_position == t.lot.c.position,
        t.lot_use.c.created_at <= MOMENT,
    )
    .scalar_subquery()
)
_reversed = (
    select(func.coalesce(func.sum(t.lot_reversal.c.points), 0))
    .where(
        t.lot_reversal.c.member_id == t.lot.c.member_id,
        t.lot_reversal.c.lot_transaction_id == t.lot.c.transaction_id,
        t.lot_reversal.c.lot_position == t.lot.c.position,
        t.lot_reversal.c.created_at <= MOMENT,
    )
    .scalar_subquery()
)
_on_hold = (
    select(func.coalesce(func.sum(t.point_hold_lot.c.points), 0))
    .join_from(
        t.point_hold_lot,
        t.point_hold,
        and_(t.point_hold.c.id == t.point_hold_lot.c.hold_id, t.point_hold.c.member_id == t.point_hold_lot.c.member_id),
    )
    .where(
        t.point_hold_lot.c.member_id == t.lot.c.member_id,
        t.point_hold_lot.c.lot_transaction_id == t.lot.c.transaction_id,
        t.point_hold_lot.c.lot_position == t.lot.c.position,
        t.point_hold.c.created_at <= MOMENT,
        t.point_hold.c.held_until > MOMENT,
        or_(t.point_hold.c.ended_at.is_(None), t.point_hold.c.ended_at > MOMENT),
    )
    .scalar_subquery()
)
_then = (
    select(
        t.lot.c.member_id,
        t.lot.c.point_type_id,
        t.lot.c.points,
        t.lot.c.qualifying,
        t.lot.c.origin,
        t.lot.c.effective_on,
        _asked.c.day,
        expiry(MOMENT).label("expires_on"),
        (t.lot.c.points - _taken).label("remaining"),
        case((t.lot.c.reversed > 0, t.lot.c.points - _reversed), else_=t.lot.c.points).label("kept"),
        _on_hold.label("on_hold"),
    )
    .join_from(_asked, t.lot, t.lot.c.member_id == _asked.c.member_id)
    .where(t.lot.c.created_at <= MOMENT)
    .subquery("then")
)
_started, _lapsed = started(_then.c.effective_on, _then.c.day), lapsed(_then.c.expires_on, _then.c.day)


def _sum(points: ColumnElement[Any], name: str, *conditions: ColumnElement[bool]) -> ColumnElement[Any]:
    total = func.sum(points)
    return func.coalesce(total.filter(and_(*conditions)) if conditions else total, 0).cast(BigInteger).label(name)


LOTS: Select[Any] = select(
    _then.c.member_id,
    _then.c.point_type_id,
    _sum(_then.c.points, "earned"),
    _sum(_then.c.remaining, "left"),
    _sum(_then.c.remaining - _then.c.on_hold, "available", _started, not_(_lapsed)),
    _sum(_then.c.on_hold, "held"),
    _sum(_then.c.remaining, "pending", not_(_started), not_(_lapsed)),
    _sum(_then.c.kept, "qualifying", _then.c.qualifying),
    _sum(_then.c.points, "lent", _then.c.origin == LotOrigin.LOAN),
).group_by(_then.c.member_id, _then.c.point_type_id)
"""What lots had given by then, and what was left in them."""

_cancelled = t.transaction.alias("cancelled")

USES: Select[Any] = (
    select(
        t.lot_use.c.member_id,
        t.lot_use.c.point_type_id,
        _sum(t.lot_use.c.points, "expired", t.transaction.c.sub_type == SubType.EXPIRY),
        _sum(
            t.lot_use.c.points,
            "repaid",
            or_(t.transaction.c.sub_type == SubType.LOAN_REPAYMENT, _cancelled.c.sub_type == SubType.LOAN),
        ),
        _sum(t.lot_use.c.points, "unearned", t.transaction.c.sub_type == SubType.CANCELLATION, t.lot_use.c.points > 0),
    )
    .join_from(t.lot_use, t.transaction, t.transaction.c.id == t.lot_use.c.transaction_id)
    .outerjoin(_cancelled, _cancelled.c.id == t.transaction.c.cancels_id)
    .where(t.lot_use.c.member_id == any_(IDS), t.lot_use.c.created_at <= MOMENT)
    .where(t.transaction.c.sub_type.in_([SubType.EXPIRY, SubType.LOAN_REPAYMENT, SubType.CANCELLATION]))
    .group_by(t.lot_use.c.member_id, t.lot_use.c.point_type_id)
)
"""What the nightly job had taken, what had repaid loans, and what had been taken back; all other uses are redemptions."""

POINT_TYPES: Select[Any] = STORED
"""Members with the point types of their programs; of the stored sums nothing is read."""


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int], moment: datetime) -> list[list[Balance]]:
    """The balances of each member at a past moment, one per point type, the default one first."""
    rows = (await reader.execute(in_scope(POINT_TYPES, scope), {"ids": list(ids)})).all()
    days = {row.member_id: business_date(moment, row.time_zone) for row in rows}
    return listed(ids, rows, await _figures(reader, days, moment))


async def _figures(reader: Reader, days: Mapping[int, date], moment: datetime) -> dict[Owner, Figures]:
    lots = await reader.execute(LOTS, {"moment": moment, **arrays(list(days.items()), "member_id", "day")})
    used = await reader.execute(USES, {"moment": moment, "ids": list(days)})
    uses = {(row.member_id, row.point_type_id): row for row in used}
    return {
        (row.member_id, row.point_type_id): _of(row, uses.get((row.member_id, row.point_type_id))) for row in lots.all()
    }


def _of(lots: Row[Any], uses: Row[Any] | None) -> Figures:
    expired, repaid, unearned = (uses.expired, uses.repaid, uses.unearned) if uses else (0, 0, 0)
    return Figures(
        available=lots.available,
        held=lots.held,
        pending=lots.pending,
        earned=lots.earned - unearned,
        redeemed=lots.earned - lots.left - expired - unearned,
        lifetime_qualifying=lots.qualifying,
        loan_outstanding=lots.lent - repaid,
    )
