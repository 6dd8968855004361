"""What was made because of transactions and goes back with them: rewards, both sides of roll-ups, accruals of accounts."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from domain.store.database import Reader
from domain.transactions import SubType

_MADE = """
    with recursive made (root, id, follows_id, member_id, sub_type, other_member_id) as (
        select o.id, o.id, cast(null as bigint), o.member_id, o.sub_type, o.other_member_id
        from transaction o where o.id = any(:ids)
        union all
        select m.root, f.id, f.follows_id, f.member_id, f.sub_type, f.other_member_id
        from made m join transaction f on f.follows_id = m.id
        where f.sub_type in ('ACTION_BASED_BONUS', 'ROLLUP_OUT', 'ROLLUP_IN')
          and f.sub_status in ('SUCCESS', 'NO_PROMOTIONS_QUALIFIED')
    )
"""
IDS = bindparam("ids", type_=ARRAY(BigInteger))
FOLLOWERS = text(
    _MADE + "select id, follows_id, sub_type, other_member_id from made where follows_id is not null order by id"  # noqa: S608
).bindparams(IDS)
MEMBERS = text(
    _MADE + "select distinct root, member_id from made where id <> root"  # noqa: S608 - made of our own words, both
).bindparams(IDS)
CANCELLED = text("""
    select c.member_id, coalesce(c.cancels_id, c.disputes_id) as original_id from transaction c
    where c.id = any(:ids) and coalesce(c.cancels_id, c.disputes_id) is not null
      and exists (select from family_membership f where f.member_id = c.member_id)
""").bindparams(IDS)


class Follower(NamedTuple):
    """A processed transaction, what it follows, and the member at the other end if it moved something, or is of an account."""

    id: int
    follows_id: int
    sub_type: SubType
    other_member_id: int | None


async def followers(reader: Reader, ids: Collection[int]) -> Sequence[Follower]:
    """All that goes back with these transactions, in the order of their numbers: what follows comes after."""
    rows = await reader.execute(FOLLOWERS, {"ids": sorted(ids)})
    return [Follower(row.id, row.follows_id, SubType(row.sub_type), row.other_member_id) for row in rows]


async def members(reader: Reader, ids: Collection[int]) -> Mapping[int, set[int]]:
    """By transaction, whose points go back with it, besides those of its own member; nothing for most."""
    found: dict[int, set[int]] = {}
    for row in await reader.execute(MEMBERS, {"ids": sorted(ids)}):
        found.setdefault(row.root, set()).add(row.member_id)
    return found


async def cancelled(reader: Reader, ids: Collection[int]) -> Sequence[Any]:
    """Of these transactions, those of members who belong or belonged to a family that take another one back: their members,
    and what they take back.
    """
    return (await reader.execute(CANCELLED, {"ids": sorted(ids)})).all()
