"""Which members have points that came or went with the calendar, so that their stored balances are no longer right."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam, exists, not_, select

from domain.store import tables as t
from domain.store.database import Reader

_WAITING = exists().where(
    t.member_tier.c.member_id == t.balance.c.member_id,
    t.member_tier.c.open,
    t.member_tier.c.ends_on < bindparam("today"),
    t.tier.c.program_id == t.member_tier.c.program_id,
    t.tier.c.code == t.member_tier.c.tier,
    t.tier.c.suspends_expiry,
)
"""What a tier kept from lapsing stays until it is known whether that tier is renewed."""

STALE = (
    select(t.balance.c.member_id)
    .distinct()
    .join_from(t.balance, t.point_type, t.point_type.c.id == t.balance.c.point_type_id)
    .where(
        t.point_type.c.program_id == bindparam("program_id"),
        t.balance.c.changes_on <= bindparam("today"),
        t.balance.c.member_id > bindparam("after"),
        not_(_WAITING),
    )
    .order_by(t.balance.c.member_id)
    .limit(bindparam("most"))
)


async def stale_members(reader: Reader, program_id: int, today: date, after: int, most: int) -> Sequence[int]:
    """The next members of a program, above `after`, whose balances a date up to today has changed."""
    parameters = {"program_id": program_id, "today": today, "after": after, "most": most}
    return (await reader.execute(STALE, parameters)).scalars().all()
