"""What lapses when: the points that open lots hold, by point type and last usable day, within so many days from today.

Today is the business date of the member's program; what has lapsed already is not listed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Date, Integer, Select, and_, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.calendars import business_date
from domain.members import ExpiringPoints
from domain.people import Scope
from domain.points import from_units
from domain.store import tables as t
from domain.store.asked import arrays, asked
from domain.store.database import Reader
from domain.store.effective import expiry
from domain.store.members import in_scope

Span = tuple[int, int]
"""A member, and within how many days."""

ZONES: Select[Any] = (
    select(t.member.c.id, t.program.c.time_zone)
    .join_from(t.member, t.program, t.program.c.id == t.member.c.program_id)
    .where(t.member.c.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
)

_asked = asked(member_id=BigInteger, within=Integer, day=Date, until=Date)
_held = (
    select(
        _asked.c.member_id,
        _asked.c.within,
        _asked.c.day,
        _asked.c.until,
        t.lot.c.point_type_id,
        t.lot.c.remaining,
        expiry().label("expires_on"),
    )
    .join_from(_asked, t.lot, and_(t.lot.c.member_id == _asked.c.member_id, t.lot.c.open))
    .subquery("held")
)
SUMS: Select[Any] = (
    select(
        _held.c.member_id,
        _held.c.within,
        t.point_type.c.code,
        t.point_type.c.decimals,
        _held.c.expires_on,
        func.sum(_held.c.remaining).cast(BigInteger).label("points"),
    )
    .join_from(_held, t.point_type, t.point_type.c.id == _held.c.point_type_id)
    .where(_held.c.expires_on.between(_held.c.day, _held.c.until))
    .group_by(_held.c.member_id, _held.c.within, t.point_type.c.code, t.point_type.c.decimals, _held.c.expires_on)
    .order_by(_held.c.expires_on, t.point_type.c.code)
)


async def load_many(reader: Reader, scope: Scope, spans: Sequence[Span], now: datetime) -> list[list[ExpiringPoints]]:
    """What lapses for each member within its number of days, the nearest first."""
    zones = await reader.execute(in_scope(ZONES, scope), {"ids": [member_id for member_id, _ in spans]})
    today = {row.id: business_date(now, row.time_zone) for row in zones}
    found: dict[Span, list[ExpiringPoints]] = {span: [] for span in spans}
    rows = [
        (member_id, within, today[member_id], today[member_id] + timedelta(days=within))
        for member_id, within in found
        if member_id in today
    ]
    for row in await reader.execute(SUMS, arrays(rows, "member_id", "within", "day", "until")):
        points = ExpiringPoints(row.code, row.expires_on, from_units(row.points, row.decimals))
        found[row.member_id, row.within].append(points)
    return [found[span] for span in spans]
