"""Joint promotions: read within somebody's scope, moved under the lock of their program, every move kept.

A partner's user sees those in which it has a share: those it drafted from the beginning, others once they were proposed. A member
sees none.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    any_,
    bindparam,
    delete,
    exists,
    false,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.joint_promotions import JointMove, JointPromotion, JointRecord, JointSide, JointStatus
from domain.people import Principal, Scope
from domain.promotions import Promotion
from domain.store import tables as t
from domain.store.database import Reader, Writer

_j, _s, _m = t.joint_promotion.c, t.joint_promotion_side.c, t.joint_promotion_move.c
IDS = bindparam("ids", type_=ARRAY(BigInteger))
ROWS: Select[Any] = select(t.joint_promotion).where(_j.promotion_id == any_(IDS))
SIDES = select(t.joint_promotion_side).where(_s.promotion_id == any_(IDS)).order_by(_s.partner_id.nulls_first())
RECORDS = select(t.joint_promotion_move).where(_m.promotion_id == any_(IDS)).order_by(_m.id)
UPSERT = insert(t.joint_promotion).on_conflict_do_update(
    index_elements=["promotion_id"], set_={"status": JointStatus.DRAFT, "version": None}
)


def is_side(partner_id: int) -> ColumnElement[bool]:
    """Of a joint promotion's row: whether a partner has a share, and knows of it."""
    known = or_(_j.drafted_by_partner_id == partner_id, _j.proposed_at.is_not(None))
    return exists().where(_s.promotion_id == _j.promotion_id, _s.partner_id == partner_id) & known


def of_partner(partner_id: int) -> Select[tuple[int]]:
    """The promotions of which a partner is a side and knows."""
    return select(_j.promotion_id).where(is_side(partner_id))


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the joint promotions that somebody may see."""
    if scope.program_id is not None:
        query = query.where(_j.program_id == scope.program_id)
    if scope.partner_id is not None:
        query = query.where(is_side(scope.partner_id))
    return query if scope.member_id is None else query.where(false())


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[JointPromotion | None]:
    """The talks about the promotions with these ids, in their order; None where there are none that the scope shows."""
    rows = (await reader.execute(in_scope(ROWS, scope), {"ids": list(ids)})).all()
    sides: dict[int, list[JointSide]] = {row.promotion_id: [] for row in rows}
    for row in await reader.execute(SIDES, {"ids": list(sides)}):
        sides[row.promotion_id].append(_side_of(row))
    found = {row.promotion_id: _joint_of(row, sides[row.promotion_id]) for row in rows if sides[row.promotion_id]}
    return [found.get(each) for each in ids]


async def load_records(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[list[JointRecord]]:
    """The moves and notes of each, the first one first."""
    shown = {each.promotion_id for each in await load_many(reader, scope, ids) if each is not None}
    found: dict[int, list[JointRecord]] = {each: [] for each in ids}
    for row in await reader.execute(RECORDS, {"ids": list(shown)}):
        found[row.promotion_id].append(JointRecord(**{name: getattr(row, name) for name in JointRecord.__slots__}))
    return [found[each] for each in ids]


async def status(reader: Reader, promotion_id: int) -> JointStatus:
    """Where the talks about a joint promotion stand."""
    query = select(_j.status).where(_j.promotion_id == promotion_id)
    return JointStatus((await reader.execute(query)).scalar_one())


async def draft(writer: Writer, actor: Principal, promotion: Promotion, now: datetime) -> None:
    """Note that a promotion of a locked program is written or changed: its shares say who are its sides, and nobody has agreed."""
    [before] = await load_many(writer, Scope(), [promotion.id])
    await writer.execute(delete(t.joint_promotion_side).where(_s.promotion_id == promotion.id))
    if not promotion.shares:
        return
    said = {"status": JointStatus.DRAFT, "drafted_by_partner_id": actor.scope.partner_id, "created_at": now}
    await writer.execute(UPSERT, {"promotion_id": promotion.id, "program_id": promotion.program_id, **said})
    partners = [share.partner_id for share in promotion.shares if share.partner_id is not None]
    sides = [{"promotion_id": promotion.id, "partner_id": each} for each in (None, *partners)]
    await writer.execute(insert(t.joint_promotion_side), sides)
    from_status = None if before is None else before.status
    await record(
        writer,
        actor,
        now,
        promotion,
        JointMove.EDIT,
        from_status=from_status,
        to_status=JointStatus.DRAFT,
        comment=None,
    )


async def propose(writer: Writer, actor: Principal, promotion: Promotion, now: datetime) -> None:
    """Ask all sides anew; the proposer's own has agreed by it."""
    mine = _s.promotion_id == promotion.id
    values = {"status": JointStatus.SUBMITTED, "version": promotion.version, "proposed_at": now}
    await writer.execute(update(t.joint_promotion).where(_j.promotion_id == promotion.id).values(**values))
    nothing = {"agrees": None, "person_id": None, "answered_at": None}
    await writer.execute(update(t.joint_promotion_side).where(mine).values(**nothing))
    await answer(writer, actor, promotion, now, JointStatus.SUBMITTED, agrees=True)


async def answer(
    writer: Writer, actor: Principal, promotion: Promotion, now: datetime, to: JointStatus, *, agrees: bool
) -> None:
    """Keep what a side has answered, and the status that it leads to."""
    side = _s.partner_id.is_not_distinct_from(actor.scope.partner_id)
    said = {"agrees": agrees, "person_id": actor.person_id, "answered_at": now}
    await writer.execute(update(t.joint_promotion_side).where(_s.promotion_id == promotion.id, side).values(**said))
    await writer.execute(update(t.joint_promotion).where(_j.promotion_id == promotion.id).values(status=to))


async def record(
    writer: Writer,
    actor: Principal,
    now: datetime,
    promotion: Promotion,
    move: JointMove,
    *,
    from_status: JointStatus | None,
    to_status: JointStatus,
    comment: str | None,
) -> None:
    """Keep a move or a note for ever."""
    values = {
        "promotion_id": promotion.id, "person_id": actor.person_id, "partner_id": actor.scope.partner_id, "move": move,
        "from_status": from_status, "to_status": to_status, "version": promotion.version, "comment": comment,
        "created_at": now,
    }  # fmt: skip
    await writer.execute(insert(t.joint_promotion_move), values)


def _joint_of(row: Row[Any], sides: Sequence[JointSide]) -> JointPromotion:
    return JointPromotion(
        promotion_id=row.promotion_id, program_id=row.program_id, status=row.status,
        drafted_by_partner_id=row.drafted_by_partner_id, version=row.version, proposed_at=row.proposed_at,
        sides=tuple(sides),
    )  # fmt: skip


def _side_of(row: Row[Any]) -> JointSide:
    return JointSide(**{name: getattr(row, name) for name in JointSide.__slots__})
