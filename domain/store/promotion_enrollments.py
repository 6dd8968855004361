"""Who joined which promotion; the engine asks only where an active promotion is for those who joined."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.people import Principal, Scope
from domain.promotions import PromotionEnrollment
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.promotions import in_scope

_e = t.promotion_enrollment.c
MEMBERS = bindparam("members", type_=ARRAY(BigInteger))
PROMOTIONS = bindparam("promotions", type_=ARRAY(BigInteger))

ENROLLED = select(_e.member_id, _e.promotion_id, _e.created_at).where(
    _e.member_id == any_(MEMBERS), _e.promotion_id == any_(PROMOTIONS)
)
OF_MEMBERS = (
    select(t.promotion_enrollment)
    .join(t.promotion, t.promotion.c.id == _e.promotion_id)
    .where(_e.member_id == any_(MEMBERS))
    .order_by(_e.created_at, _e.promotion_id)
)
ONE = select(t.promotion_enrollment).where(
    _e.member_id == bindparam("member_id"), _e.promotion_id == bindparam("promotion_id")
)
INSERT = insert(t.promotion_enrollment).on_conflict_do_nothing().returning(t.promotion_enrollment)


async def enrolled(
    reader: Reader, members: Collection[int], promotions: Collection[int]
) -> Mapping[int, frozenset[int]]:
    """Which of these promotions each of these members has joined."""
    found: dict[int, set[int]] = defaultdict(set)
    if members and promotions:
        asked = {"members": list(members), "promotions": list(promotions)}
        for row in await reader.execute(ENROLLED, asked):
            found[row.member_id].add(row.promotion_id)
    return {member: frozenset(joined) for member, joined in found.items()}


async def joined_at(
    reader: Reader, members: Collection[int], promotions: Collection[int]
) -> Mapping[int, Mapping[int, datetime]]:
    """When each of these members has joined which of these promotions."""
    found: dict[int, dict[int, datetime]] = defaultdict(dict)
    if members and promotions:
        asked = {"members": list(members), "promotions": list(promotions)}
        for row in await reader.execute(ENROLLED, asked):
            found[row.member_id][row.promotion_id] = row.created_at
    return found


async def load_of_members(reader: Reader, scope: Scope, members: Sequence[int]) -> list[list[PromotionEnrollment]]:
    """What each of these members has joined, the oldest first, as far as the scope shows the promotion."""
    found: dict[int, list[PromotionEnrollment]] = {each: [] for each in members}
    for row in await reader.execute(in_scope(OF_MEMBERS, scope), {"members": list(members)}):
        found[row.member_id].append(enrollment_of(row))
    return [found[each] for each in members]


async def add(
    writer: Writer, actor: Principal, member_id: int, promotion_id: int, now: datetime
) -> tuple[PromotionEnrollment, bool]:
    """The enrolment, and whether it is new."""
    key = {"member_id": member_id, "promotion_id": promotion_id}
    row = (await writer.execute(INSERT, {**key, "created_by_id": actor.person_id, "created_at": now})).one_or_none()
    if row is not None:
        return enrollment_of(row), True
    return enrollment_of((await writer.execute(ONE, key)).one()), False


def enrollment_of(row: Row[Any]) -> PromotionEnrollment:
    """An enrolment from its row."""
    return PromotionEnrollment(row.member_id, row.promotion_id, row.created_by_id, row.created_at)
