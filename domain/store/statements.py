"""What a statement is made of: lots, uses, extensions and holds of one member, as they were written; never the cached sums.

The opening is the balance as of the last moment before the period. All of it is read in one snapshot.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Row,
    Select,
    and_,
    any_,
    bindparam,
    exists,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from domain.people import Scope
from domain.statement_lines import Account, Change, DatedLot, Kept, Movement, Period
from domain.store import past_balances
from domain.store import tables as t
from domain.store.asked import arrays
from domain.store.database import Reader
from domain.store.members import in_scope
from domain.transactions import SubType

MAX_LOTS = 50_000
"""Lots with a last day that one statement looks at."""

MEMBER = bindparam("member_id", type_=BigInteger)
BEFORE = bindparam("before", type_=DateTime(timezone=True))
UNTIL = bindparam("until", type_=DateTime(timezone=True))
_lot, _use, _extension, _hold, _share = (
    t.lot.c, t.lot_use.c, t.lot_extension.c, t.point_hold.c, t.point_hold_lot.c,
)  # fmt: skip

ZONE: Select[Any] = (
    select(t.program.c.time_zone)
    .join_from(t.member, t.program, t.program.c.id == t.member.c.program_id)
    .where(t.member.c.id == MEMBER)
)

POINT_TYPES: Select[Any] = (
    select(t.point_type)
    .join_from(t.member, t.point_type, t.point_type.c.program_id == t.member.c.program_id)
    .where(t.member.c.id == MEMBER)
    .order_by(t.point_type.c.is_default.desc(), t.point_type.c.code)
)


def _in_period(rows: Any) -> Any:
    return and_(rows.member_id == MEMBER, rows.created_at > BEFORE, rows.created_at <= UNTIL)


_moved = union_all(
    select(_lot.transaction_id, _lot.point_type_id, _lot.created_at, _lot.points).where(_in_period(_lot)),
    select(_use.transaction_id, _use.point_type_id, _use.created_at, -_use.points).where(_in_period(_use)),
).subquery("moved")
_units = func.sum(_moved.c.points)

MOVED: Select[Any] = (
    select(
        _moved.c.transaction_id,
        _moved.c.point_type_id,
        _moved.c.created_at,
        _units.cast(BigInteger).label("units"),
        t.transaction.c.transaction_date,
        t.transaction.c.type,
        t.transaction.c.sub_type,
        t.product.c.name.label("product"),
        t.partner.c.name.label("partner"),
    )
    .join_from(_moved, t.transaction, t.transaction.c.id == _moved.c.transaction_id)
    .outerjoin(t.product, t.product.c.id == t.transaction.c.product_id)
    .outerjoin(t.partner, t.partner.c.id == t.transaction.c.partner_id)
    .group_by(
        _moved.c.transaction_id,
        _moved.c.point_type_id,
        _moved.c.created_at,
        t.transaction.c.id,
        t.product.c.id,
        t.partner.c.id,
    )
    .having(_units != 0)
    .order_by(_moved.c.created_at, _moved.c.transaction_id)
    .limit(bindparam("most"))
)
"""What each transaction gave less what it took, within the period."""

_of_lot = and_(
    _use.member_id == _lot.member_id,
    _use.lot_transaction_id == _lot.transaction_id,
    _use.lot_position == _lot.position,
)
_taken = select(func.coalesce(func.sum(_use.points), 0)).where(_of_lot, _use.created_at <= BEFORE).scalar_subquery()

LOTS: Select[Any] = (
    select(
        _lot.transaction_id, _lot.position, _lot.point_type_id, _lot.expires_on, _lot.points, _lot.created_at,
        _taken.cast(BigInteger).label("taken"),
    )
    .where(_lot.member_id == MEMBER, _lot.created_at <= UNTIL, _lot.expires_on < bindparam("day", type_=Date))
    .where(
        or_(
            _lot.created_at > BEFORE,
            _lot.points > _taken,
            exists().where(_of_lot, _use.created_at > BEFORE, _use.created_at <= UNTIL),
        )
    )
    .limit(MAX_LOTS + 1)
)  # fmt: skip
"""Lots whose own last day passes before the end of the period, and that held something in it."""

NUMBERS = bindparam("transaction_ids", type_=ARRAY(BigInteger))

USES: Select[Any] = (
    select(_use.lot_transaction_id, _use.lot_position, _use.created_at, _use.points, t.transaction.c.sub_type)
    .join_from(t.lot_use, t.transaction, t.transaction.c.id == _use.transaction_id)
    .where(_in_period(_use), _use.lot_transaction_id == any_(NUMBERS))
)

EXTENSIONS: Select[Any] = select(
    _extension.lot_transaction_id, _extension.lot_position, _extension.created_at, _extension.expires_on
).where(_extension.member_id == MEMBER, _extension.created_at <= UNTIL, _extension.lot_transaction_id == any_(NUMBERS))

_ended = func.least(_hold.held_until, func.coalesce(_hold.ended_at, _hold.held_until))

HOLDS: Select[Any] = (
    select(
        _share.lot_transaction_id, _share.lot_position, _share.points, _hold.created_at, _ended.label("until"),
    )
    .join_from(t.point_hold_lot, t.point_hold, and_(_hold.id == _share.hold_id, _hold.member_id == _share.member_id))
    .where(_share.member_id == MEMBER, _hold.created_at <= UNTIL, _ended > BEFORE)
    .where(_share.lot_transaction_id == any_(NUMBERS))
)  # fmt: skip


class Found(NamedTuple):
    """What a statement is made of; `whole`: nothing was left out because there is too much."""

    accounts: list[Account]
    movements: list[Movement]
    lots: list[DatedLot]
    whole: bool


async def time_zone(reader: Reader, scope: Scope, member_id: int) -> str | None:
    """The time zone of a member's program; None: the member is none that the scope shows."""
    zone: str | None = (await reader.execute(in_scope(ZONE, scope), {"member_id": member_id})).scalar_one_or_none()
    return zone


async def load(reader: Reader, member_id: int, period: Period, days: tuple[date, date], most: int) -> Found:
    """The rows of a member's period; `days` are the one before it and its last one."""
    before, last = days
    asked = {"member_id": member_id, "before": period.before, "until": period.until}
    moved = (await reader.execute(MOVED, {**asked, "most": most + 1})).all()
    lots = (await reader.execute(LOTS, {**asked, "day": last})).all()
    whole = len(moved) <= most and len(lots) <= MAX_LOTS
    dated = await _dated(reader, asked, lots) if whole else []
    return Found(
        await _accounts(reader, member_id, period.before, before), [_movement(row) for row in moved], dated, whole
    )


async def _accounts(reader: Reader, member_id: int, before: datetime, day: date) -> list[Account]:
    then = {"moment": before, **arrays([(member_id, day)], "member_id", "day")}
    owned = {
        row.point_type_id: row.available + row.held + row.pending
        for row in await reader.execute(past_balances.LOTS, then)
    }
    return [
        Account(point_type_id=row.id, code=row.code, name=row.name, decimals=row.decimals, opening=owned.get(row.id, 0))
        for row in await reader.execute(POINT_TYPES, {"member_id": member_id})
    ]


async def _dated(reader: Reader, asked: dict[str, Any], lots: Sequence[Row[Any]]) -> list[DatedLot]:
    """The lots, with all that happened to each."""
    if not lots:
        return []
    given = {**asked, "transaction_ids": sorted({row.transaction_id for row in lots})}
    uses, extensions, kept = [_by_lot((await reader.execute(each, given)).all()) for each in (USES, EXTENSIONS, HOLDS)]
    return [
        DatedLot(
            point_type_id=row.point_type_id,
            expires_on=row.expires_on,
            changes=[
                Change(row.created_at, row.points - row.taken),
                *(
                    Change(use.created_at, -use.points, expiry=use.sub_type is SubType.EXPIRY)
                    for use in uses[row.transaction_id, row.position]
                ),
            ],
            extensions=[(each.created_at, each.expires_on) for each in extensions[row.transaction_id, row.position]],
            kept=[
                Kept(since=each.created_at, until=each.until, units=each.points)
                for each in kept[row.transaction_id, row.position]
            ],
        )
        for row in lots
    ]


def _by_lot(rows: Sequence[Row[Any]]) -> dict[tuple[int, int], list[Row[Any]]]:
    found: dict[tuple[int, int], list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.lot_transaction_id, row.lot_position].append(row)
    return found


def _movement(row: Row[Any]) -> Movement:
    return Movement(
        at=row.created_at,
        transaction_id=row.transaction_id,
        transaction_date=row.transaction_date,
        point_type_id=row.point_type_id,
        units=row.units,
        type=row.type,
        sub_type=row.sub_type,
        product=row.product,
        partner=row.partner,
    )
