"""What a merge moves in the store: one list. Whatever else belongs to a member gets a line here.

Lots, uses, decisions and processed transactions stay where they are: history is linked, not rewritten.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, TextClause, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.json import encode
from domain.transactions import SubType

OPEN = "('IN_PROGRESS', 'SUBMITTED', 'APPROVED', 'ACCEPTABLE', 'QUEUED', 'PARTNER_PENDING', 'PARTNER_APPROVED')"
"""Statuses of transactions that may yet be processed."""

MOVES: Mapping[str, TextClause] = {
    # A transfer between the two would be one to oneself: its recipient stays the merged member, whom the engine refuses.
    "open transactions": text(
        "update transaction set member_id = :into, version = version + 1,"  # noqa: S608 - made of our own words
        " other_member_id = case when other_member_id = :into then :member else other_member_id end"
        f" where member_id = :member and status in {OPEN}"
    ),
    "open transfers to the member": text(
        "update transaction set other_member_id = :into, version = version + 1"  # noqa: S608 - likewise
        f" where other_member_id = :member and member_id <> :into and status in {OPEN}"
    ),
    "what waits for the batch engine": text(
        "update queued set member_id = :into,"
        " other_member_id = case when other_member_id = :into then :member else other_member_id end"
        " where member_id = :member"
    ),
    "what waits to be sent to the member": text(
        "update queued set other_member_id = :into where other_member_id = :member and member_id <> :into"
    ),
    "vouchers that may be used": text(
        "update voucher set member_id = :into where member_id = :member and status in ('AVAILABLE', 'RESERVED')"
    ),
    "cards": text("update member_identifier set member_id = :into where member_id = :member"),
    "logins": text("update person set member_id = :into where member_id = :member"),
    "promotions joined": text(
        "insert into promotion_enrollment (member_id, promotion_id, created_by_id, created_at)"
        " select :into, promotion_id, created_by_id, created_at from promotion_enrollment where member_id = :member"
        " on conflict do nothing"
    ),
    "what limited promotions gave": text(
        "insert into promotion_usage (member_id, promotion_id, span, points)"
        " select :into, promotion_id, span, points from promotion_usage where member_id = :member"
        " on conflict (member_id, promotion_id, span) do update set points = promotion_usage.points + excluded.points"
    ),
    "requests for a tier": text(
        "update tier_request r set member_id = :into where member_id = :member and status = 'SUBMITTED' and not exists"
        " (select from tier_request o where o.member_id = :into and o.tier_class = r.tier_class and o.status = 'SUBMITTED')"
    ),
    "those who belong to it": text(
        "with closed as (update family_membership set ends_on = greatest(starts_on, cast(:today as date)),"
        " left_by_id = :person where family_id = :member and ends_on is null returning *)"
        " insert into family_membership"
        " (program_id, family_id, member_id, starts_on, rolls_up_from, twin_percent, joined_by_id, created_at)"
        " select program_id, :into, member_id, ends_on, rolls_up_from, twin_percent, :person, :now from closed"
    ),
    "where their points flow": text("update member set family_id = :into where family_id = :member"),
    "who was merged into it before": text("update member set merged_into_id = :into where merged_into_id = :member"),
    "the list of all who were": text(
        "update member set absorbed = coalesce(absorbed, '{}') || cast(:member as bigint)"
        " || coalesce((select absorbed from member where id = :member), '{}') where id = :into"
    ),
}
"""What is moved, by name, in this order. Points, tiers and the profile are moved by the service."""

_m = t.member.c
CHILDREN = select(_m.id).where(_m.family_id == bindparam("id")).order_by(_m.id)
COUNTERS = select(_m.id, _m.counters).where(_m.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
OUT = select(t.transaction.c.id).where(
    t.transaction.c.member_id == bindparam("id"), t.transaction.c.sub_type == SubType.MERGE_OUT
)
MARK = text("update member set merged_into_id = :into, status = 'MERGED' where id = :member")
SET_COUNTERS = text("update member set counters = cast(:counters as jsonb) where id = :id")


async def children(reader: Reader, member_id: int) -> Sequence[int]:
    """Who belongs to a household or account now."""
    return (await reader.execute(CHILDREN, {"id": member_id})).scalars().all()


async def mark(writer: Writer, member_id: int, into_id: int) -> None:
    """Link a locked member to the one who stays; that it is MERGED is written with its change."""
    await writer.execute(MARK, {"member": member_id, "into": into_id})


async def out_of(reader: Reader, member_id: int) -> int | None:
    """The transaction by which points left a member who was merged, if there were any."""
    return (await reader.execute(OUT, {"id": member_id})).scalar_one_or_none()


async def move(writer: Writer, **named: Any) -> None:
    """Move everything on the list; both members, and those who belong to the merged one, are locked."""
    for statement in MOVES.values():
        known = {name: named[name] for name in statement.compile().params}
        await writer.execute(statement, known)


async def follow(writer: Writer, member_id: int, into_id: int) -> None:
    """What has come to wait for a member who was merged waits for the one who stays."""
    for name in ("open transactions", "what waits for the batch engine"):
        await writer.execute(MOVES[name], {"member": member_id, "into": into_id})


async def counters(reader: Reader, ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """The promotion counters of members."""
    return {row.id: row.counters for row in await reader.execute(COUNTERS, {"ids": list(ids)})}


async def set_counters(writer: Writer, member_id: int, counters: Mapping[str, Any]) -> None:
    """Write the counters of a locked member."""
    await writer.execute(SET_COUNTERS, {"id": member_id, "counters": encode(counters)})
