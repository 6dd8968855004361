"""Who is to be warned of what, and who has been: once for each kind of points and last day."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, delete, select

from domain.members import ExpiringPoints, MemberStatus
from domain.store import tables as t
from domain.store.bulk import BulkInsert
from domain.store.database import Reader, Writer

WARNED = (MemberStatus.ACTIVE, MemberStatus.SUSPENDED, MemberStatus.DORMANT)
"""Who can still do something about it, or will."""

# The next change of a balance comes no later than the lapse of any lot in it: whoever has none by then is not looked at.
NEXT = (
    select(t.balance.c.member_id)
    .distinct()
    .join_from(t.balance, t.point_type, t.point_type.c.id == t.balance.c.point_type_id)
    .join(t.member, t.member.c.id == t.balance.c.member_id)
    .where(
        t.point_type.c.program_id == bindparam("program_id"),
        t.balance.c.changes_on <= bindparam("until"),
        t.balance.c.member_id > bindparam("after"),
        t.member.c.status.in_(WARNED),
    )
    .order_by(t.balance.c.member_id)
    .limit(bindparam("most"))
)
INSERT = BulkInsert(
    "expiry_warning",
    [("member_id", "bigint"), ("point_type", "text"), ("expires_on", "date"), ("created_at", "timestamptz")],
    "on conflict do nothing returning member_id, point_type, expires_on",
)
_w = t.expiry_warning.c
OLD = delete(t.expiry_warning).where(_w.expires_on < bindparam("before"))

Lapse = tuple[int, ExpiringPoints]
"""A member, and points that lapse."""


async def upcoming(reader: Reader, program_id: int, until: date, after: int, most: int) -> Sequence[int]:
    """The next members of a program, above `after`, some of whose points may lapse before a day."""
    given = {"program_id": program_id, "until": until, "after": after, "most": most}
    return (await reader.execute(NEXT, given)).scalars().all()


async def note(writer: Writer, lapses: Sequence[Lapse], now: datetime) -> list[Lapse]:
    """Note that members are warned; those of which nobody has warned before."""
    rows = [(member_id, each.point_type, each.expires_on, now) for member_id, each in lapses]
    new = {(row.member_id, row.point_type, row.expires_on) for row in await INSERT(writer, rows)}
    return [lapse for lapse in lapses if (lapse[0], lapse[1].point_type, lapse[1].expires_on) in new]


async def forget(writer: Writer, before: date) -> None:
    """Remove what was noted of points that have lapsed long ago."""
    await writer.execute(OLD, {"before": before})
