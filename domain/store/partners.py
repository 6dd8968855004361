"""Partners and their terms: read within somebody's scope, written under the partner's lock.

A partner's user sees its own company, a member those that take part in the member's program; employees see every partner,
but only the terms of the program they are bound to.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Row,
    Select,
    Text,
    any_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, insert

from domain.commands.partners import PartnerFilter, PartnerOrder
from domain.partners import Billing, BillingRate, Partner, PartnerTerms
from domain.people import Scope
from domain.programs import PointType
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.keyset import Listing, Order
from domain.store.numbers import exact
from domain.store.programs import program_of_member

IDS = bindparam("ids", type_=ARRAY(BigInteger))
CODE = bindparam("code", type_=Text)
KEY = bindparam("key", type_=BigInteger)

ROWS: Select[Any] = select(t.partner)
BY_CODE = ROWS.where(t.partner.c.code == CODE)
BY_CODES = ROWS.where(t.partner.c.code == any_(bindparam("codes", type_=ARRAY(Text))))
BY_IDS = ROWS.where(t.partner.c.id == any_(IDS))
INSERT = insert(t.partner).on_conflict_do_nothing(index_elements=["code"]).returning(t.partner)
UPDATE = update(t.partner).where(t.partner.c.id == KEY).values(version=t.partner.c.version + 1).returning(t.partner)
ORDERS: dict[PartnerOrder, tuple[Any, ...]] = {
    PartnerOrder.CODE: (t.partner.c.code,),
    PartnerOrder.NAME: (t.partner.c.name, t.partner.c.id),
    PartnerOrder.CREATED_AT: (t.partner.c.created_at, t.partner.c.id),
}

_terms = t.partner_terms.c
_conversion, _rate = t.terms_conversion.c, t.billing_rate.c
CONVERSIONS = (
    select(func.jsonb_object_agg(t.point_type.c.code, cast(_conversion.rate, Text)))
    .join_from(t.terms_conversion, t.point_type, t.point_type.c.id == _conversion.point_type_id)
    .where(_conversion.program_id == _terms.program_id, _conversion.partner_id == _terms.partner_id)
    .scalar_subquery()
)
_RATE = func.jsonb_build_array(
    t.point_type.c.code, _rate.valid_from, _rate.valid_through, cast(_rate.price, Text), _rate.currency,
    cast(_rate.percentage, Text),
)  # fmt: skip
RATES = (
    select(func.jsonb_agg(aggregate_order_by(_RATE, t.point_type.c.code, _rate.valid_from)))
    .join_from(t.billing_rate, t.point_type, t.point_type.c.id == _rate.point_type_id)
    .where(_rate.program_id == _terms.program_id, _rate.partner_id == _terms.partner_id)
    .scalar_subquery()
)
TERMS: Select[Any] = select(t.partner_terms, CONVERSIONS.label("conversions"), RATES.label("rates"))
TERMS_OF = TERMS.where(_terms.partner_id == any_(IDS)).order_by(_terms.program_id)
REORDERING = TERMS.join(t.partner, t.partner.c.id == _terms.partner_id).where(
    _terms.program_id == bindparam("program_id"), _terms.active, t.partner.c.active, _terms.reorder_limit.is_not(None),
    _terms.billing == Billing.PREPAID, _terms.partner_id > bindparam("after"),
).order_by(_terms.partner_id).limit(bindparam("most"))  # fmt: skip
ONE_TERMS = TERMS.where(_terms.program_id == bindparam("program_id"), _terms.partner_id == bindparam("partner_id"))
APPROVING: Select[Any] = select(_terms.program_id, _terms.partner_id).where(_terms.partner_approves)
ELSEWHERE = select(
    exists().where(_terms.partner_id == bindparam("partner_id"), _terms.program_id != bindparam("program_id"))
)
AGREED = (
    "active", "report_within_days", "billing", "pricing_rule_id", "reorder_limit", "minimum_order", "reorder_automatically",
    "credit_limit", "partner_approves", "point_types", "version",
)  # fmt: skip
"""The columns of terms that may change."""
_SET = insert(t.partner_terms)
SET_TERMS = _SET.on_conflict_do_update(
    index_elements=["program_id", "partner_id"], set_={name: _SET.excluded[name] for name in AGREED}
)


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the partners that somebody may see."""
    if scope.partner_id is not None:
        query = query.where(t.partner.c.id == scope.partner_id)
    if scope.member_id is not None:
        of_program = select(_terms.partner_id).where(_terms.program_id.in_(program_of_member(scope.member_id)))
        query = query.where(t.partner.c.id.in_(of_program))
    return query


def terms_in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the terms that somebody may see: a member none."""
    if scope.program_id is not None:
        query = query.where(_terms.program_id == scope.program_id)
    if scope.partner_id is not None:
        query = query.where(_terms.partner_id == scope.partner_id)
    return query if scope.member_id is None else query.where(_terms.partner_id.is_(None))


async def find(reader: Reader, scope: Scope, code: str) -> Partner | None:
    """The partner with this code, if the scope shows it."""
    return _one((await reader.execute(in_scope(BY_CODE, scope), {"code": code})).one_or_none())


async def by_codes(reader: Reader, codes: Sequence[str]) -> dict[str, Partner]:
    """The partners with these codes, as far as there are any; for the host, which knows them all."""
    return {row.code: partner_of(row) for row in await reader.execute(BY_CODES, {"codes": list(codes)})}


async def lock(writer: Writer, scope: Scope, code: str) -> Partner | None:
    """The same, locked with its terms."""
    return _one(
        (await writer.execute(in_scope(BY_CODE, scope).with_for_update(key_share=True), {"code": code})).one_or_none()
    )


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[Partner | None]:
    """The partners with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: partner_of(row) for row in rows}
    return [found.get(each) for each in ids]


def listing(scope: Scope, filter: PartnerFilter, order: PartnerOrder, *, descending: bool) -> Listing[Partner]:
    """The partners of a list."""
    query = in_scope(ROWS, scope)
    if filter.active is not None:
        query = query.where(t.partner.c.active == filter.active)
    if filter.program is not None:
        program = select(t.program.c.id).where(t.program.c.code == filter.program)
        terms = select(_terms.partner_id).where(_terms.program_id.in_(program))
        if scope.member_id is None:
            terms = terms_in_scope(terms, scope)
        else:  # it sees no terms, but who takes part in its program
            terms = terms.where(_terms.program_id.in_(program_of_member(scope.member_id)))
        query = query.where(t.partner.c.id.in_(terms))
    if filter.search is not None:
        columns = (t.partner.c.code, t.partner.c.name)
        query = query.where(or_(*(column.icontains(filter.search, autoescape=True) for column in columns)))
    return Listing(query, Order(ORDERS[order], descending), partner_of)


async def add(writer: Writer, **values: Any) -> Partner | None:
    """A new partner; None if its code is taken."""
    return _one((await writer.execute(INSERT, {**values, "version": 1})).one_or_none())


async def change(writer: Writer, partner_id: int, **values: Any) -> Partner:
    """Write some of a locked partner's fields."""
    return partner_of((await writer.execute(UPDATE.values(**values), {"key": partner_id})).one())


async def terms(reader: Reader, program_id: int, partner_id: int) -> PartnerTerms | None:
    """What a program and a partner have agreed."""
    row = (await reader.execute(ONE_TERMS, {"program_id": program_id, "partner_id": partner_id})).one_or_none()
    return None if row is None else terms_of(row)


async def reordering(reader: Reader, program_id: int, after: int, most: int) -> list[PartnerTerms]:
    """The next active terms, by partner, that say when points are reordered."""
    asked = {"program_id": program_id, "after": after, "most": most}
    return [terms_of(row) for row in await reader.execute(REORDERING, asked)]


async def takes_part_elsewhere(reader: Reader, partner_id: int, program_id: int) -> bool:
    """Whether a partner has terms in other programs than this one."""
    return bool((await reader.execute(ELSEWHERE, {"program_id": program_id, "partner_id": partner_id})).scalar_one())


async def approving(reader: Reader, pairs: Iterable[tuple[int, int | None]]) -> set[tuple[int, int]]:
    """Those of the pairs of program and partner where the partner's approvers decide about its transactions."""
    wanted = {(program_id, partner_id) for program_id, partner_id in pairs if partner_id is not None}
    if not wanted:
        return set()
    query = APPROVING.where(tuple_(_terms.program_id, _terms.partner_id).in_(wanted))
    return {(row.program_id, row.partner_id) for row in await reader.execute(query)}


async def set_terms(writer: Writer, agreed: PartnerTerms, point_types: Mapping[str, PointType]) -> PartnerTerms:
    """Write the terms of a locked partner; `point_types` are those of the program, by code."""
    values = {name: getattr(agreed, name) for name in ("program_id", "partner_id", *AGREED)}
    await writer.execute(SET_TERMS, {**values, "point_types": list(agreed.point_types)})
    key = {"program_id": agreed.program_id, "partner_id": agreed.partner_id}
    conversions = [
        {**key, "point_type_id": point_types[code].id, "rate": rate} for code, rate in agreed.conversions.items()
    ]
    rates = [
        {
            **key, "point_type_id": point_types[each.point_type].id, "valid_from": each.valid_from,
            "valid_through": each.valid_through, "price": each.price, "currency": each.currency,
            "percentage": each.percentage,
        }
        for each in agreed.rates
    ]  # fmt: skip
    for table, rows in ((t.terms_conversion, conversions), (t.billing_rate, rates)):
        old = (table.c.program_id == agreed.program_id) & (table.c.partner_id == agreed.partner_id)
        await writer.execute(delete(table).where(old))
        if rows:
            await writer.execute(insert(table), rows)
    written = await terms(writer, agreed.program_id, agreed.partner_id)
    assert written is not None
    return written


async def load_terms(reader: Reader, scope: Scope, partner_ids: Sequence[int]) -> list[list[PartnerTerms]]:
    """The terms of each of these partners, by program."""
    found: dict[int, list[PartnerTerms]] = {each: [] for each in partner_ids}
    for row in await reader.execute(terms_in_scope(TERMS_OF, scope), {"ids": list(partner_ids)}):
        found[row.partner_id].append(terms_of(row))
    return [found[each] for each in partner_ids]


async def load_pairs(reader: Reader, scope: Scope, pairs: Sequence[tuple[int, int]]) -> list[PartnerTerms | None]:
    """The terms with these keys (program, partner), in their order."""
    query = TERMS.where(tuple_(_terms.program_id, _terms.partner_id).in_(pairs))
    found = {
        (row.program_id, row.partner_id): terms_of(row) for row in await reader.execute(terms_in_scope(query, scope))
    }
    return [found.get(each) for each in pairs]


def partner_of(row: Row[Any]) -> Partner:
    """A partner from its row."""
    return Partner(id=row.id, code=row.code, name=row.name, active=row.active, version=row.version)


def terms_of(row: Row[Any]) -> PartnerTerms:
    """Terms from their row."""
    return PartnerTerms(
        program_id=row.program_id, partner_id=row.partner_id, active=row.active,
        report_within_days=row.report_within_days, version=row.version, billing=row.billing,
        pricing_rule_id=row.pricing_rule_id, reorder_limit=row.reorder_limit, minimum_order=row.minimum_order,
        reorder_automatically=row.reorder_automatically, credit_limit=row.credit_limit,
        partner_approves=row.partner_approves, point_types=tuple(row.point_types),
        conversions={code: exact(Decimal(rate)) for code, rate in (row.conversions or {}).items()},
        rates=tuple(_rate_of(each) for each in row.rates or ()),
    )  # fmt: skip


def _rate_of(row: Sequence[Any]) -> BillingRate:
    point_type, start, end, price, currency, percentage = row
    return BillingRate(
        point_type=point_type, valid_from=date.fromisoformat(start), price=exact(Decimal(price)), currency=currency,
        valid_through=None if end is None else date.fromisoformat(end), percentage=exact(Decimal(percentage)),
    )  # fmt: skip


def _one(row: Row[Any] | None) -> Partner | None:
    return None if row is None else partner_of(row)
