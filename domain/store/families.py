"""Families in the store: who belongs where, and to whom the accruals of members flow.

A member's row says where they flow now, so that whoever has locked it knows; memberships are the history.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Row, Select, any_, bindparam, exists, insert, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from domain.families import FamilyMembership, Flow
from domain.people import Principal, Scope
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.keyset import Listing, Order
from domain.store.member_rows import MemberRow
from domain.store.members import in_scope
from domain.store.transactions import plain

IDS = bindparam("ids", type_=ARRAY(BigInteger))
_m, _f = t.member.c, t.family_membership.c
FLOWS = or_(_m.rolls_up_from.is_not(None), _m.twin_percent.is_not(None))
PARENTS = select(_m.id, _m.family_id).where(_m.id == any_(IDS), _m.family_id.is_not(None), FLOWS)
ANY = select(exists().where(_m.program_id == bindparam("program_id"), _m.family_id.is_not(None), FLOWS))
ROWS: Select[Any] = select(t.family_membership).join_from(t.family_membership, t.member, _m.id == _f.member_id)
OF_MEMBERS = ROWS.where(_f.member_id == any_(IDS)).order_by(_f.id.desc())
IS_FAMILY = select(exists().where(_f.family_id == bindparam("id"), _f.ends_on.is_(None)))
CURRENT = select(t.family_membership).where(_f.member_id == bindparam("id"), _f.ends_on.is_(None))
INSERT = insert(t.family_membership).returning(t.family_membership)
CLOSE = (
    update(t.family_membership)
    .where(_f.id == bindparam("key"))
    .values(ends_on=bindparam("last"), left_by_id=bindparam("person"))
    .returning(t.family_membership)
)
SET_FLOW = (
    update(t.member)
    .where(_m.id == bindparam("key"))
    .values(family_id=bindparam("family"), rolls_up_from=bindparam("since"), twin_percent=bindparam("percent"))
)


def flow_of(row: MemberRow) -> Flow | None:
    """Where the accruals of a member flow, by its row."""
    if row.family_id is None or (row.rolls_up_from is None and row.twin_percent is None):
        return None
    return Flow(row.family_id, row.rolls_up_from, row.twin_percent)


async def parents(reader: Reader, ids: Collection[int]) -> Mapping[int, int]:
    """The parent to whom accruals of a member flow, for those that have one."""
    rows = await reader.execute(PARENTS, {"ids": list(ids)})
    return {row.id: row.family_id for row in rows}


async def flow_somewhere(reader: Reader, program_id: int) -> bool:
    """Whether accruals of any member of a program flow to another."""
    return bool((await reader.execute(ANY, {"program_id": program_id})).scalar_one())


async def current(reader: Reader, member_id: int) -> FamilyMembership | None:
    """Where a member belongs now."""
    row = (await reader.execute(CURRENT, {"id": member_id})).one_or_none()
    return None if row is None else membership_of(row)


async def has_members(reader: Reader, member_id: int) -> bool:
    """Whether anybody belongs to a member now."""
    return bool((await reader.execute(IS_FAMILY, {"id": member_id})).scalar_one())


async def add(writer: Writer, actor: Principal, **values: Any) -> FamilyMembership:
    """A locked member joins a locked family."""
    row = (await writer.execute(INSERT, {**values, "joined_by_id": actor.person_id})).one()
    await _set_flow(writer, row.member_id, row.family_id, row.rolls_up_from, row.twin_percent)
    return membership_of(row)


async def close(writer: Writer, actor: Principal, membership: FamilyMembership, last: date) -> FamilyMembership:
    """A locked member leaves: `last` is its last day."""
    parameters = {"key": membership.id, "last": last, "person": actor.person_id}
    row = (await writer.execute(CLOSE, parameters)).one()
    await _set_flow(writer, membership.member_id, None, None, None)
    return membership_of(row)


async def _set_flow(writer: Writer, member_id: int, family: int | None, since: date | None, percent: Any) -> None:
    await writer.execute(SET_FLOW, {"key": member_id, "family": family, "since": since, "percent": percent})


async def of_members(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[list[FamilyMembership]]:
    """Where each member belongs and belonged, the latest first."""
    found: dict[int, list[FamilyMembership]] = defaultdict(list)
    for row in await reader.execute(in_scope(OF_MEMBERS, scope), {"ids": list(ids)}):
        found[row.member_id].append(membership_of(row))
    return [found[each] for each in ids]


def members_of(scope: Scope, family_id: int) -> Listing[FamilyMembership]:
    """Who belongs to a household or account now, the first one first."""
    rows = in_scope(ROWS, scope).where(_f.family_id == family_id, _f.ends_on.is_(None))
    return Listing(rows, Order((_f.id,)), membership_of)


def membership_of(row: Row[Any]) -> FamilyMembership:
    """A membership from its row."""
    return FamilyMembership(
        id=row.id, program_id=row.program_id, family_id=row.family_id, member_id=row.member_id,
        starts_on=row.starts_on, ends_on=row.ends_on, rolls_up_from=row.rolls_up_from,
        twin_percent=plain(row.twin_percent), joined_by_id=row.joined_by_id,
        left_by_id=row.left_by_id, created_at=row.created_at,
    )  # fmt: skip
