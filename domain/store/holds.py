"""Holds: read within somebody's scope, written under their member's lock. What has run out is EXPIRED, job or no job."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Row, Select, any_, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.engine import HoldState, Outcome
from domain.holds import HoldEnded, HoldStatus, PointHold, status_at
from domain.people import Scope
from domain.points import from_units
from domain.problems import NotFound, Problem
from domain.store import tables as t
from domain.store.bulk import BulkInsert, BulkUpdate
from domain.store.database import Reader, Writer

_h, _l = t.point_hold.c, t.point_hold_lot.c
IDS = bindparam("ids", type_=ARRAY(BigInteger))
NOW = bindparam("now", type_=DateTime(timezone=True))

ROWS: Select[Any] = select(
    t.point_hold, t.point_type.c.code, t.point_type.c.decimals, func.now().label("now")
).join_from(t.point_hold, t.point_type, t.point_type.c.id == _h.point_type_id)
BY_IDS = ROWS.where(_h.id == any_(IDS))
BY_MEMBERS = ROWS.where(_h.member_id == any_(IDS), _h.status == HoldStatus.HELD).order_by(_h.id)
OPEN = (
    select(_h.member_id, _h.id, _h.point_type_id, _h.held_until, _l.lot_transaction_id, _l.lot_position, _l.points)
    .join_from(t.point_hold, t.point_hold_lot, (_l.hold_id == _h.id) & (_l.member_id == _h.member_id))
    .where(_h.member_id == any_(IDS), _h.status == HoldStatus.HELD)
    .order_by(_h.id)
)
DUE = (
    select(_h.member_id)
    .distinct()
    .where(_h.program_id == bindparam("program_id"), _h.status == HoldStatus.HELD, _h.held_until <= NOW)
    .where(_h.member_id > bindparam("after"))
    .order_by(_h.member_id)
    .limit(bindparam("most"))
)
LOTS = BulkInsert(
    "point_hold_lot",
    [
        ("member_id", "bigint"), ("hold_id", "bigint"), ("lot_transaction_id", "bigint"), ("lot_position", "smallint"),
        ("points", "bigint"),
    ],
)  # fmt: skip
CAPTURED = BulkUpdate(
    "point_hold",
    [("id", "bigint"), ("status", "text"), ("captured", "bigint"), ("ended_at", "timestamptz"), ("transaction_id", "bigint")],
    keys=1,
)  # fmt: skip
RELEASE = text("update point_hold set status = 'RELEASED', ended_at = :now where id = :id")
RELEASE_ALL = text(
    "update point_hold set status = 'RELEASED', ended_at = :now where member_id = :member_id and status = 'HELD'"
)
EXPIRE = text(
    "update point_hold set status = 'EXPIRED', ended_at = held_until where id = any(cast(:ids as bigint[])) and status = 'HELD'"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The holds of members that are stored as HELD: those that have not ended, and those whose time has come."""

    held: dict[int, tuple[HoldState, ...]]
    ended: dict[int, tuple[int, ...]]


async def of_members(reader: Reader, ids: Collection[int], now: datetime) -> Kept:
    """What holds keep of these members' lots at a moment."""
    lots: dict[tuple[int, int, int], list[tuple[tuple[int, int], int]]] = defaultdict(list)
    ended: dict[int, dict[int, None]] = defaultdict(dict)
    for row in await reader.execute(OPEN, {"ids": list(ids)}):
        if row.held_until <= now:
            ended[row.member_id][row.id] = None
        else:
            key = (row.lot_transaction_id, row.lot_position)
            lots[row.member_id, row.id, row.point_type_id].append((key, row.points))
    held: dict[int, list[HoldState]] = defaultdict(list)
    for (member_id, hold_id, point_type_id), kept in lots.items():
        held[member_id].append(HoldState(hold_id, point_type_id, tuple(kept)))
    return Kept({key: tuple(mine) for key, mine in held.items()}, {key: tuple(mine) for key, mine in ended.items()})


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the holds that somebody may see."""
    if scope.program_id is not None:
        query = query.where(_h.program_id == scope.program_id)
    if scope.partner_id is not None:
        query = query.where(_h.partner_id == scope.partner_id)
    if scope.member_id is not None:
        query = query.where(_h.member_id == scope.member_id)
    return query


async def load_many(
    reader: Reader, scope: Scope, ids: Sequence[int], now: datetime | None = None
) -> list[PointHold | None]:
    """The holds with these ids, in their order, as they are at a moment (None: on the database's own clock); None for one that
    the scope does not show.
    """
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: hold_of(row, now or row.now) for row in rows}
    return [found.get(each) for each in ids]


async def load_of_members(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[list[PointHold]]:
    """The holds of each member that have not ended, the first one first."""
    found: dict[int, list[PointHold]] = {each: [] for each in ids}
    for row in await reader.execute(in_scope(BY_MEMBERS, scope), {"ids": list(ids)}):
        hold = hold_of(row, row.now)
        if hold.status is HoldStatus.HELD:
            found[hold.member_id].append(hold)
    return [found[each] for each in ids]


async def ended(reader: Reader, hold_id: int, now: datetime) -> Problem:
    """Why nothing of a hold is held any more."""
    row = (await reader.execute(BY_IDS, {"ids": [hold_id]})).one_or_none()
    if row is None:
        return NotFound(what="hold")
    return HoldEnded(status=status_at(row.status, row.held_until, now), held_until=row.held_until)


async def release_all(writer: Writer, member_id: int, now: datetime) -> None:
    """Let every hold of a locked member go, because the member leaves."""
    await writer.execute(RELEASE_ALL, {"member_id": member_id, "now": now})


async def due(reader: Reader, program_id: int, now: datetime, after: int, most: int) -> Sequence[int]:
    """The next members, above `after`, with a hold whose time has come."""
    values = {"program_id": program_id, "now": now, "after": after, "most": most}
    return (await reader.execute(DUE, values)).scalars().all()


async def add(writer: Writer, hold: HoldState, **values: Any) -> None:
    """A new hold of a locked member."""
    row = {"id": hold.id, "point_type_id": hold.point_type_id, "points": hold.points, "captured": 0, **values}
    await writer.execute(insert(t.point_hold).values(row))
    await LOTS(writer, [(values["member_id"], hold.id, *key, units) for key, units in hold.lots])


async def release(writer: Writer, hold_id: int, now: datetime) -> None:
    """A hold of a locked member is let go."""
    await writer.execute(RELEASE, {"id": hold_id, "now": now})


async def write(writer: Writer, done: Sequence[Outcome], ended: Sequence[int], now: datetime) -> None:
    """What the engine captured, and what had run out."""
    captured = [
        (each.captured.id, HoldStatus.CAPTURED.value, sum(use.points for use in each.uses), now, each.transaction_id)
        for each in done
        if each.captured is not None
    ]
    await CAPTURED(writer, captured)
    if ended:
        await writer.execute(EXPIRE, {"ids": list(ended)})


def hold_of(row: Row[Any], now: datetime) -> PointHold:
    """A hold from its row, with the status that it has at a moment."""
    return PointHold(
        id=row.id,
        program_id=row.program_id,
        member_id=row.member_id,
        partner_id=row.partner_id,
        point_type=row.code,
        points=from_units(row.points, row.decimals),
        captured=from_units(row.captured, row.decimals),
        status=status_at(row.status, row.held_until, now),
        held_until=row.held_until,
        created_at=row.created_at,
        created_by_id=row.created_by_id,
        ended_at=row.ended_at,
        transaction_id=row.transaction_id,
        comment=row.comment,
    )
