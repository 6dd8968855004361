"""Promotions: read within somebody's scope, written under the lock of their program, every version kept.

Staff see all promotions of their programs; partners and members only those that are active, and partners those that they pay for.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, Select, Text, and_, any_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.commands.promotions import PromotionFilter, PromotionOrder
from domain.people import Principal, Scope
from domain.promotions import Promotion
from domain.store import joint_promotions
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.definitions import promotion_of
from domain.store.documents import to_document
from domain.store.keyset import Listing, Order
from domain.store.programs import program_of_member, programs_of_partner

IDS = bindparam("ids", type_=ARRAY(BigInteger))
CODE = bindparam("code", type_=Text)
KEY = bindparam("key", type_=BigInteger)

_p = t.promotion.c
COLUMNS = frozenset({"id", "program_id", "code", "name", "starts_on", "ends_on", "active", "version"})
"""What a row knows of a promotion; everything else is its definition."""
DEFINED = tuple(field.name for field in fields(Promotion) if field.name not in COLUMNS)

ROWS: Select[Any] = select(t.promotion)
BY_CODE = ROWS.where(_p.program_id == bindparam("program_id"), _p.code == CODE)
BY_IDS = ROWS.where(_p.id == any_(IDS))
INSERT = insert(t.promotion).on_conflict_do_nothing(index_elements=["program_id", "code"]).returning(t.promotion)
UPDATE = update(t.promotion).where(_p.id == KEY).returning(t.promotion)
INSERT_VERSION = insert(t.promotion_version)
ORDERS: dict[PromotionOrder, tuple[Any, ...]] = {
    PromotionOrder.CODE: (_p.code, _p.id),
    PromotionOrder.NAME: (_p.name, _p.id),
    PromotionOrder.STARTS_ON: (_p.starts_on, _p.id),
    PromotionOrder.CREATED_AT: (_p.created_at, _p.id),
}


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the promotions that somebody may see."""
    if scope.program_id is not None:
        query = query.where(_p.program_id == scope.program_id)
    if scope.partner_id is not None:
        offered = and_(_p.active, _is_for_partner(scope.partner_id))
        query = query.where(_p.program_id.in_(programs_of_partner(scope.partner_id)))
        query = query.where(or_(offered, _p.id.in_(joint_promotions.of_partner(scope.partner_id))))
    if scope.member_id is not None:
        query = query.where(_p.active, _p.program_id.in_(program_of_member(scope.member_id)))
    return query


def _is_for_partner(partner_id: int) -> ColumnElement[bool]:
    """What was agreed with other partners alone is none of its business."""
    named = _p.definition["partners"]
    code = select(t.partner.c.code).where(t.partner.c.id == partner_id).scalar_subquery()
    return or_(func.jsonb_array_length(named) == 0, named.op("?", is_comparison=True)(code))


async def find(reader: Reader, scope: Scope, program_id: int, code: str) -> Promotion | None:
    """The promotion of a program with this code, if the scope shows it."""
    return _one(
        (await reader.execute(in_scope(BY_CODE, scope), {"program_id": program_id, "code": code})).one_or_none()
    )


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[Promotion | None]:
    """The promotions with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: promotion_of(row) for row in rows}
    return [found.get(each) for each in ids]


def listing(scope: Scope, filter: PromotionFilter, order: PromotionOrder, *, descending: bool) -> Listing[Promotion]:
    """The promotions of a list."""
    query = in_scope(ROWS, scope)
    if filter.program is not None:
        query = query.where(_p.program_id.in_(select(t.program.c.id).where(t.program.c.code == filter.program)))
    if filter.active is not None:
        query = query.where(_p.active == filter.active)
    if filter.on is not None:
        query = query.where(_p.starts_on <= filter.on, or_(_p.ends_on.is_(None), _p.ends_on >= filter.on))
    if filter.search is not None:
        query = query.where(or_(*(one.icontains(filter.search, autoescape=True) for one in (_p.code, _p.name))))
    return Listing(query, Order(ORDERS[order], descending), promotion_of)


async def add(writer: Writer, actor: Principal, promotion: Promotion) -> Promotion | None:
    """A new promotion of a locked program (its id is given by the database); None if its code is taken."""
    key = {"program_id": promotion.program_id, "code": promotion.code, "active": promotion.active}
    row = (await writer.execute(INSERT, {**key, **_values(promotion)})).one_or_none()
    return None if row is None else await _keep(writer, actor, row)


async def change(writer: Writer, actor: Principal, promotion: Promotion) -> Promotion:
    """A promotion of a locked program as it is to be: a version of its own."""
    row = (await writer.execute(UPDATE.values(_values(promotion)), {"key": promotion.id})).one()
    return await _keep(writer, actor, row)


async def switch(writer: Writer, promotion: Promotion, *, active: bool) -> Promotion:
    """Activate or deactivate a promotion of a locked program; `programs.publish` then makes a version of the program."""
    return promotion_of((await writer.execute(UPDATE.values(active=active), {"key": promotion.id})).one())


async def _keep(writer: Writer, actor: Principal, row: Row[Any]) -> Promotion:
    """The whole of this version, for ever."""
    promotion = promotion_of(row)
    version = {"promotion_id": promotion.id, "version": promotion.version, "created_by_id": actor.person_id}
    await writer.execute(INSERT_VERSION, {**version, "definition": to_document(promotion)})
    return promotion


def _values(promotion: Promotion) -> dict[str, Any]:
    return {
        "name": promotion.name,
        "starts_on": promotion.starts_on,
        "ends_on": promotion.ends_on,
        "version": promotion.version,
        "definition": {name: to_document(getattr(promotion, name)) for name in DEFINED},
    }


def _one(row: Row[Any] | None) -> Promotion | None:
    return None if row is None else promotion_of(row)
