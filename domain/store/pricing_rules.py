"""Pricing rules with their ranges: read within somebody's scope, written under the rule's lock.

What one partner pays is not told to another: a partner sees the rules of its own terms, a member none.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Row, Select, Text, any_, bindparam, delete, false, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, insert

from domain.commands.pricing_rules import PricingRuleFilter, PricingRuleOrder
from domain.people import Scope
from domain.pricing_rules import PriceRange, PricingRule
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.keyset import Listing, Order
from domain.store.numbers import exact

_rule, _range = t.pricing_rule.c, t.pricing_range.c
IDS = bindparam("ids", type_=ARRAY(BigInteger))
CODE = bindparam("code", type_=Text)
PROGRAM = bindparam("program_id", type_=BigInteger)

_ROW = func.jsonb_build_array(_range.from_quantity, _range.to_quantity, _range.price)
RANGES = (
    select(func.jsonb_agg(aggregate_order_by(_ROW, _range.from_quantity)))
    .where(_range.pricing_rule_id == _rule.id)
    .scalar_subquery()
)
ROWS: Select[Any] = select(t.pricing_rule, RANGES.label("ranges"))
BY_IDS = ROWS.where(_rule.id == any_(IDS))
BY_CODE = ROWS.where(_rule.program_id == PROGRAM, _rule.code == CODE)
LOCK = select(_rule.id).where(_rule.program_id == PROGRAM, _rule.code == CODE).with_for_update(key_share=True)
INSERT = insert(t.pricing_rule).on_conflict_do_nothing(index_elements=["program_id", "code"]).returning(_rule.id)
ORDERS: dict[PricingRuleOrder, tuple[Any, ...]] = {
    PricingRuleOrder.CODE: (_rule.code, _rule.id),
    PricingRuleOrder.NAME: (_rule.name, _rule.id),
    PricingRuleOrder.CREATED_AT: (_rule.created_at, _rule.id),
}


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the rules that somebody may see."""
    if scope.program_id is not None:
        query = query.where(_rule.program_id == scope.program_id)
    if scope.partner_id is not None:
        own = select(t.partner_terms.c.pricing_rule_id).where(t.partner_terms.c.partner_id == scope.partner_id)
        query = query.where(_rule.id.in_(own))
    return query if scope.member_id is None else query.where(false())


async def find(reader: Reader, scope: Scope, program_id: int, code: str) -> PricingRule | None:
    """The rule of a program with this code, if the scope shows it."""
    row = (await reader.execute(in_scope(BY_CODE, scope), {"program_id": program_id, "code": code})).one_or_none()
    return None if row is None else pricing_rule_of(row)


async def lock(writer: Writer, program_id: int, code: str) -> PricingRule | None:
    """The same, locked with its ranges."""
    await writer.execute(LOCK, {"program_id": program_id, "code": code})
    return await find(writer, Scope(), program_id, code)


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[PricingRule | None]:
    """The rules with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: pricing_rule_of(row) for row in rows}
    return [found.get(each) for each in ids]


def listing(
    scope: Scope, filter: PricingRuleFilter, order: PricingRuleOrder, *, descending: bool
) -> Listing[PricingRule]:
    """The rules of a list."""
    query = in_scope(ROWS, scope)
    if filter.program is not None:
        query = query.where(_rule.program_id.in_(select(t.program.c.id).where(t.program.c.code == filter.program)))
    if filter.active is not None:
        query = query.where(_rule.active == filter.active)
    if filter.search is not None:
        query = query.where(
            or_(*(column.icontains(filter.search, autoescape=True) for column in (_rule.code, _rule.name)))
        )
    return Listing(query, Order(ORDERS[order], descending), pricing_rule_of)


async def add(writer: Writer, ranges: Sequence[PriceRange], **values: Any) -> PricingRule | None:
    """A new rule; None if its code is taken."""
    key = (await writer.execute(INSERT, {**values, "version": 1})).scalar_one_or_none()
    if key is None:
        return None
    await _put(writer, key, ranges)
    return await _one(writer, key)


async def change(writer: Writer, key: int, ranges: Sequence[PriceRange] | None, **values: Any) -> PricingRule:
    """Write some fields of a locked rule, and its ranges if any are given."""
    await writer.execute(update(t.pricing_rule).where(_rule.id == key).values(version=_rule.version + 1, **values))
    if ranges is not None:
        await writer.execute(delete(t.pricing_range).where(_range.pricing_rule_id == key))
        await _put(writer, key, ranges)
    return await _one(writer, key)


async def _put(writer: Writer, key: int, ranges: Sequence[PriceRange]) -> None:
    rows = [
        {
            "pricing_rule_id": key, "from_quantity": each.from_quantity, "to_quantity": each.to_quantity,
            "price": each.price,
        }
        for each in ranges
    ]  # fmt: skip
    await writer.execute(insert(t.pricing_range), rows)


async def _one(reader: Reader, key: int) -> PricingRule:
    [rule] = await load_many(reader, Scope(), [key])
    assert rule is not None
    return rule


def pricing_rule_of(row: Row[Any]) -> PricingRule:
    """A rule from its row."""
    ranges = tuple(
        PriceRange(exact(start), None if end is None else exact(end), exact(price)) for start, end, price in row.ranges
    )
    return PricingRule(
        id=row.id, program_id=row.program_id, code=row.code, name=row.name, currency=row.currency, active=row.active,
        ranges=ranges, version=row.version,
    )  # fmt: skip
