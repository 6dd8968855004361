"""Memberships: read within somebody's scope, written a set at a time under the lock of their partner program.

A partner's user sees its own, a member none. What a membership gives is in `domain/store/agreements.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, Row, Select, and_, any_, bindparam, false, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from domain.commands.memberships import MembershipFilter, MembershipOrder
from domain.memberships import (
    FINAL,
    LIVE,
    Membership,
    MembershipMove,
    MembershipRecord,
    MembershipStatus,
    Step,
    after,
)
from domain.partner_programs import LineTemplate, Period
from domain.people import Principal, Scope
from domain.store import tables as t
from domain.store.bulk import BulkInsert, BulkUpdate
from domain.store.database import Reader, Writer
from domain.store.keyset import Listing, Order

_m = t.membership.c
_v = t.membership_move.c
IDS = bindparam("ids", type_=ARRAY(BigInteger))
KEY = bindparam("key", type_=BigInteger)
TODAY = bindparam("today", type_=Date)
MOST = 100
"""How many memberships of a partner are shown with it: the newest."""

ROWS: Select[Any] = select(t.membership)
BY_IDS = ROWS.where(_m.id == any_(IDS))
NOT_FINAL = _m.status.not_in(FINAL)
_ranked = select(t.membership, func.row_number().over(partition_by=_m.partner_id, order_by=_m.id.desc()).label("rank"))
MOVES = select(t.membership_move).where(_v.membership_id == any_(IDS)).order_by(_v.id)
FREE_FROM = (
    select(_m.partner_id, func.max(_m.closed_on).label("closed_on"))
    .where(_m.partner_program_id == KEY, _m.partner_id == any_(IDS))
    .group_by(_m.partner_id)
)
LATEST = (
    ROWS.ext(distinct_on(_m.partner_id))
    .where(_m.partner_program_id == KEY, _m.partner_id == any_(IDS))
    .order_by(_m.partner_id, _m.id.desc())
)
INVITED = update(t.membership).where(_m.id == any_(IDS)).values(invited_on=TODAY)
DUE = (
    select(_m.partner_id)
    .distinct()
    .where(
        _m.partner_program_id == KEY,
        _m.partner_id > bindparam("after", type_=BigInteger),
        or_(
            and_(_m.status == MembershipStatus.APPROVED, _m.begins_on <= TODAY),
            and_(_m.status == MembershipStatus.CURRENT, _m.ends_on < TODAY),
            and_(_m.status == MembershipStatus.IN_GRACE_PERIOD, _m.renewal_ends_on < TODAY),
            and_(_m.status.in_(LIVE), _m.invited_on.is_(None), _m.renewal_opens_on <= TODAY),
        ),
    )
    .order_by(_m.partner_id)
    .limit(bindparam("most", type_=BigInteger))
)
INSERT = BulkInsert(
    "membership",
    [
        ("partner_program_id", "bigint"), ("partner_id", "bigint"), ("status", "text"), ("begins_on", "date"),
        ("ends_on", "date"), ("renewal_opens_on", "date"), ("renewal_ends_on", "date"), ("renews_id", "bigint"),
        ("created_at", "timestamptz"),
    ],
    suffix="returning membership.*",
)  # fmt: skip
SET_STATUS = BulkUpdate("membership", [("id", "bigint"), ("status", "text"), ("closed_on", "date")], keys=1)
RECORD = BulkInsert(
    "membership_move",
    [
        ("membership_id", "bigint"), ("person_id", "bigint"), ("move", "text"), ("from_status", "text"),
        ("to_status", "text"), ("effective_on", "date"), ("comment", "text"), ("created_at", "timestamptz"),
    ],
)  # fmt: skip
ORDERS: dict[MembershipOrder, tuple[Any, ...]] = {
    MembershipOrder.CREATED_AT: (_m.id,),
    MembershipOrder.BEGINS_ON: (_m.begins_on, _m.id),
    MembershipOrder.ENDS_ON: (_m.ends_on, _m.id),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMembership:
    """A membership about to begin, CURRENT or APPROVED, and the lines of its agreement."""

    partner_id: int
    status: MembershipStatus
    move: MembershipMove
    period: Period
    lines: tuple[LineTemplate, ...]
    renews_id: int | None = None


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the memberships that somebody may see."""
    if scope.partner_id is not None:
        query = query.where(_m.partner_id == scope.partner_id)
    return query if scope.member_id is None else query.where(false())


async def find(reader: Reader, scope: Scope, key: int) -> Membership | None:
    """The membership, if the scope shows it."""
    return (await load_many(reader, scope, [key]))[0]


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[Membership | None]:
    """The memberships with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: membership_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def load_of_partners(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[list[Membership]]:
    """The newest memberships of each of these partners, the newest first."""
    ranked = in_scope(_ranked.where(_m.partner_id == any_(IDS)), scope).subquery()
    query = select(ranked).where(ranked.c.rank <= MOST).order_by(ranked.c.id.desc())
    found: dict[int, list[Membership]] = {each: [] for each in ids}
    for row in await reader.execute(query, {"ids": list(ids)}):
        found[row.partner_id].append(membership_of(row))
    return [found[each] for each in ids]


async def load_moves(reader: Reader, _: Scope, ids: Sequence[int]) -> list[list[MembershipRecord]]:
    """The moves of each membership, the first one first; whoever has the membership may see them."""
    found: dict[int, list[MembershipRecord]] = {each: [] for each in ids}
    for row in await reader.execute(MOVES, {"ids": list(ids)}):
        found[row.membership_id].append(_record_of(row))
    return [found[each] for each in ids]


def listing(scope: Scope, filter: MembershipFilter, order: MembershipOrder, *, descending: bool) -> Listing[Membership]:
    """The memberships of a list."""
    query = in_scope(ROWS, scope)
    if filter.partner_program is not None:
        program = select(t.partner_program.c.id).where(t.partner_program.c.code == filter.partner_program)
        query = query.where(_m.partner_program_id.in_(program))
    if filter.partner is not None:
        query = query.where(_m.partner_id.in_(select(t.partner.c.id).where(t.partner.c.code == filter.partner)))
    if filter.status:
        query = query.where(_m.status.in_(filter.status))
    if filter.ends_before is not None:
        query = query.where(_m.ends_on < filter.ends_before)
    return Listing(query, Order(ORDERS[order], descending), membership_of)


async def standing(reader: Reader, pairs: Sequence[tuple[int, int]], also: Sequence[int]) -> list[Membership]:
    """The memberships of these pairs of program and partner that are not final, and `also` these; the oldest first."""
    mine = tuple_(_m.partner_program_id, _m.partner_id).in_(pairs)
    query = ROWS.where(mine, or_(NOT_FINAL, _m.id.in_(also))).order_by(_m.id)
    return [membership_of(row) for row in await reader.execute(query)]


async def due(reader: Reader, program_id: int, today: date, after: int, most: int) -> Sequence[int]:
    """The next so many partners for whom something may be due by a day, in the order of their keys."""
    asked = {"key": program_id, "today": today, "after": after, "most": most}
    return (await reader.execute(DUE, asked)).scalars().all()


async def free_from(reader: Reader, program_id: int, partner_ids: Sequence[int]) -> dict[int, date]:
    """For partners that were members before, the day on which the last of those memberships ended."""
    rows = await reader.execute(FREE_FROM, {"key": program_id, "ids": list(partner_ids)})
    return {row.partner_id: row.closed_on for row in rows if row.closed_on is not None}


async def latest(reader: Reader, program_id: int, partner_ids: Sequence[int]) -> dict[int, Membership]:
    """The newest membership of each of these partners in a program, whatever became of it."""
    rows = await reader.execute(LATEST, {"key": program_id, "ids": list(partner_ids)})
    return {row.partner_id: membership_of(row) for row in rows}


async def add(writer: Writer, program_id: int, new: Sequence[NewMembership], now: datetime) -> dict[int, Membership]:
    """New memberships of a locked program, by partner."""
    rows = [
        (
            program_id, each.partner_id, each.status.value, each.period.begins_on, each.period.ends_on,
            each.period.renewal_opens_on, each.period.renewal_ends_on, each.renews_id, now,
        )
        for each in new
    ]  # fmt: skip
    added = (_of_words(row) for row in await INSERT(writer, rows))
    return {each.partner_id: each for each in added}


async def move(writer: Writer, memberships: Sequence[Membership], steps: Sequence[Step]) -> None:
    """Set the status to which the steps lead. What ends goes first: a partner is a member only once."""
    standing = {each.id: each for each in memberships}
    for step in steps:
        standing[step.membership_id] = after(standing[step.membership_id], step)
    changed = [standing[key] for key in sorted({step.membership_id for step in steps})]
    rows = [(each.id, each.status.value, each.closed_on) for each in changed]
    ended = [row for row, each in zip(rows, changed, strict=True) if each.status not in LIVE]
    await SET_STATUS(writer, ended)
    await SET_STATUS(writer, [row for row in rows if row not in ended])


async def record(
    writer: Writer, actor: Principal, now: datetime, steps: Iterable[Step], comment: str | None = None
) -> None:
    """Keep changes of status for ever."""
    said = (comment, now)
    await RECORD(
        writer,
        [
            (each.membership_id, actor.person_id, each.move.value, each.before.value, each.to.value, each.on, *said)
            for each in steps
        ],
    )


async def record_new(
    writer: Writer,
    actor: Principal,
    now: datetime,
    today: date,
    added: Iterable[tuple[Membership, MembershipMove]],
    *,
    comment: str | None = None,
) -> None:
    """Keep how memberships began."""
    rows = [
        (each.id, actor.person_id, move.value, None, each.status.value, today, comment, now) for each, move in added
    ]
    await RECORD(writer, rows)


async def invited(writer: Writer, ids: Sequence[int], today: date) -> None:
    """Note that the partners were asked to renew."""
    await writer.execute(INVITED, {"ids": list(ids), "today": today})


def membership_of(row: Row[Any]) -> Membership:
    """A membership from its row."""
    return Membership(**{name: getattr(row, name) for name in Membership.__slots__})


def _of_words(row: Row[Any]) -> Membership:
    """The same from a row of plain SQL, whose status is a word."""
    values = {name: getattr(row, name) for name in Membership.__slots__}
    return Membership(**{**values, "status": MembershipStatus(row.status)})


def _record_of(row: Row[Any]) -> MembershipRecord:
    return MembershipRecord(**{name: getattr(row, name) for name in MembershipRecord.__slots__})
