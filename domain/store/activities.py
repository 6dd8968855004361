"""Activities: added in the unit of work that causes them, read within somebody's scope, closed under their lock.

A partner's user sees those of its own partner, whoever is bound to a program those of that program and of none, a member none.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, Select, Text, any_, bindparam, false, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from domain.activities import About, Activity, ActivityStatus, ActivityType, NewActivity
from domain.commands.activities import ActivityFilter
from domain.people import Principal, Scope
from domain.store import tables as t
from domain.store.bulk import BulkInsert
from domain.store.database import Reader, Writer
from domain.store.keyset import Listing, Order

_a = t.activity.c
IDS = bindparam("ids", type_=ARRAY(BigInteger))
KEY = bindparam("key", type_=BigInteger)

ROWS: Select[Any] = select(t.activity)
BY_IDS = ROWS.where(_a.id == any_(IDS))
ADD = BulkInsert(
    "activity",
    (
        ("type", "text"),
        ("status", "text"),
        ("subject", "text"),
        ("owner_id", "bigint"),
        ("partner_id", "bigint"),
        ("program_id", "bigint"),
        ("about_type", "text"),
        ("about_id", "bigint"),
        ("created_by_id", "bigint"),
        ("created_at", "timestamptz"),
        ("closed_at", "timestamptz"),
    ),
)
SEE_TO = (
    update(t.activity)
    .where(
        _a.about_type == bindparam("about_type_", type_=Text),
        _a.about_id == bindparam("about_id_", type_=BigInteger),
        _a.status == ActivityStatus.OPEN,
    )
    .values(status=ActivityStatus.DONE)
)
CLOSE = update(t.activity).where(_a.id == KEY).values(status=ActivityStatus.DONE).returning(t.activity)


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the activities that somebody may see."""
    if scope.program_id is not None:
        query = query.where(or_(_a.program_id == scope.program_id, _a.program_id.is_(None)))
    if scope.partner_id is not None:
        query = query.where(_a.partner_id == scope.partner_id)
    return query if scope.member_id is None else query.where(false())


async def add(writer: Writer, actor: Principal, now: datetime, *activities: NewActivity) -> None:
    """Record activities in the unit of work that causes them."""
    await ADD(writer, (_row(each, actor, now) for each in activities))


async def see_to(writer: Writer, actor: Principal, now: datetime, about: About) -> None:
    """Close whatever is OPEN about something, in the unit of work that sees to it."""
    said = {"closed_by_id": actor.person_id, "closed_at": now}
    await writer.execute(SEE_TO.values(**said), {"about_type_": about.type, "about_id_": about.key})


async def lock(writer: Writer, scope: Scope, key: int) -> Activity | None:
    """The activity, locked, if the scope shows it."""
    query = in_scope(BY_IDS, scope).with_for_update()
    row = (await writer.execute(query, {"ids": [key]})).one_or_none()
    return None if row is None else activity_of(row)


async def close(writer: Writer, key: int, actor: Principal, now: datetime, comment: str | None) -> Activity:
    """Note that a locked activity is seen to."""
    said = {"closed_by_id": actor.person_id, "closed_at": now, "comment": comment}
    return activity_of((await writer.execute(CLOSE.values(**said), {"key": key})).one())


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[Activity | None]:
    """The activities with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: activity_of(row) for row in rows}
    return [found.get(each) for each in ids]


def listing(scope: Scope, filter: ActivityFilter, *, descending: bool) -> Listing[Activity]:
    """The activities of a list, in the order in which they were recorded."""
    query = in_scope(ROWS, scope)
    if filter.type:
        query = query.where(_a.type.in_([each.value for each in filter.type]))
    if filter.status:
        query = query.where(_a.status.in_(filter.status))
    if filter.partner is not None:
        query = query.where(_a.partner_id.in_(select(t.partner.c.id).where(t.partner.c.code == filter.partner)))
    if filter.program is not None:
        query = query.where(_a.program_id.in_(select(t.program.c.id).where(t.program.c.code == filter.program)))
    if filter.owner is not None:
        query = query.where(_a.owner_id.in_(select(t.person.c.id).where(t.person.c.subject == filter.owner)))
    return Listing(query, Order((_a.id,), descending), activity_of)


def _row(each: NewActivity, actor: Principal, now: datetime) -> Sequence[Any]:
    about = (None, None) if each.about is None else (each.about.type, each.about.key)
    status, closed_at = (ActivityStatus.DONE, now) if each.done else (ActivityStatus.OPEN, None)
    return (
        each.type.value, status.value, each.subject, each.owner_id, each.partner_id, each.program_id,
        *about, actor.person_id, now, closed_at,
    )  # fmt: skip


def activity_of(row: Row[Any]) -> Activity:
    """An activity from its row."""
    return Activity(
        id=row.id, type=ActivityType(row.type), status=row.status, subject=row.subject, owner_id=row.owner_id,
        partner_id=row.partner_id, program_id=row.program_id,
        about=None if row.about_type is None else About(row.about_type, row.about_id),
        created_by_id=row.created_by_id, created_at=row.created_at, closed_by_id=row.closed_by_id,
        closed_at=row.closed_at, comment=row.comment,
    )  # fmt: skip
