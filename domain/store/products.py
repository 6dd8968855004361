"""Products and their prices: read within somebody's scope, written under the product's lock.

Everybody who sees a program sees its products; prices agreed with one partner are for that partner and the host alone.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, Select, Text, any_, bindparam, delete, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.commands.products import ProductFilter, ProductOrder
from domain.people import Scope
from domain.programs import PriceKind, Product, ProductPrice
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.documents import from_document
from domain.store.keyset import Listing, Order
from domain.store.numbers import exact
from domain.store.programs import program_of_member, programs_of_partner
from domain.vouchers import VoucherTerms

IDS = bindparam("ids", type_=ARRAY(BigInteger))
CODE = bindparam("code", type_=Text)
KEY = bindparam("key", type_=BigInteger)

ROWS: Select[Any] = select(t.product)
BY_CODE = ROWS.where(t.product.c.program_id == bindparam("program_id"), t.product.c.code == CODE)
BY_IDS = ROWS.where(t.product.c.id == any_(IDS))
INSERT = insert(t.product).on_conflict_do_nothing(index_elements=["program_id", "code"]).returning(t.product)
UPDATE = update(t.product).where(t.product.c.id == KEY).values(version=t.product.c.version + 1).returning(t.product)
ORDERS: dict[ProductOrder, tuple[Any, ...]] = {
    ProductOrder.CODE: (t.product.c.code, t.product.c.id),
    ProductOrder.NAME: (t.product.c.name, t.product.c.id),
    ProductOrder.CREATED_AT: (t.product.c.created_at, t.product.c.id),
}

_price = t.product_price.c
PRICES: Select[Any] = select(t.product_price)
PRICES_OF = PRICES.where(_price.product_id == any_(IDS)).order_by(
    _price.kind, _price.partner_id.nulls_first(), _price.starts_on
)
INSERT_PRICE = insert(t.product_price).returning(t.product_price)
UPDATE_PRICE = update(t.product_price).where(_price.id == KEY).returning(t.product_price)
DELETE_PRICE = delete(t.product_price).where(_price.id == KEY)


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the products of programs that somebody may see."""
    program_id = t.product.c.program_id
    if scope.program_id is not None:
        query = query.where(program_id == scope.program_id)
    if scope.partner_id is not None:
        query = query.where(program_id.in_(programs_of_partner(scope.partner_id)))
    if scope.member_id is not None:
        query = query.where(program_id.in_(program_of_member(scope.member_id)))
    return query


async def find(reader: Reader, scope: Scope, program_id: int, code: str) -> Product | None:
    """The product of a program with this code, if the scope shows it."""
    row = await reader.execute(in_scope(BY_CODE, scope), {"program_id": program_id, "code": code})
    return _one(row.one_or_none())


async def lock(writer: Writer, scope: Scope, program_id: int, code: str) -> Product | None:
    """The same, locked with its prices."""
    query = in_scope(BY_CODE, scope).with_for_update(key_share=True)
    return _one((await writer.execute(query, {"program_id": program_id, "code": code})).one_or_none())


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[Product | None]:
    """The products with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: product_of(row) for row in rows}
    return [found.get(each) for each in ids]


def listing(scope: Scope, filter: ProductFilter, order: ProductOrder, *, descending: bool) -> Listing[Product]:
    """The products of a list."""
    query = in_scope(ROWS, scope)
    if filter.program is not None:
        program = select(t.program.c.id).where(t.program.c.code == filter.program)
        query = query.where(t.product.c.program_id.in_(program))
    if filter.active is not None:
        query = query.where(t.product.c.active == filter.active)
    if filter.search is not None:
        columns = (t.product.c.code, t.product.c.name)
        query = query.where(or_(*(column.icontains(filter.search, autoescape=True) for column in columns)))
    return Listing(query, Order(ORDERS[order], descending), product_of)


async def add(writer: Writer, **values: Any) -> Product | None:
    """A new product; None if its program has one of this code."""
    return _one((await writer.execute(INSERT, {**values, "version": 1})).one_or_none())


async def change(writer: Writer, product_id: int, **values: Any) -> Product:
    """Write some of a locked product's fields."""
    return product_of((await writer.execute(UPDATE.values(**values), {"key": product_id})).one())


async def load_prices(reader: Reader, scope: Scope, product_ids: Sequence[int]) -> list[list[ProductPrice]]:
    """The prices of each of these products, by kind and partner, the earliest first."""
    found: dict[int, list[ProductPrice]] = {each: [] for each in product_ids}
    for row in await reader.execute(_prices_in_scope(scope), {"ids": list(product_ids)}):
        found[row.product_id].append(price_of(row))
    return [found[each] for each in product_ids]


def _prices_in_scope(scope: Scope) -> Select[Any]:
    of_product = t.product_price.join(t.product, t.product.c.id == _price.product_id)
    query = in_scope(PRICES_OF.select_from(of_product), scope)
    if scope.partner_id is not None:
        query = query.where(or_(_price.partner_id.is_(None), _price.partner_id == scope.partner_id))
    return query


async def prices_of(writer: Writer, product_id: int, kind: PriceKind, partner_id: int | None) -> list[ProductPrice]:
    """The prices of a locked product for one kind and partner, which must not overlap; the earliest first."""
    query = PRICES.where(_price.product_id == product_id, _price.kind == kind, _of_partner(partner_id))
    return [price_of(row) for row in await writer.execute(query.order_by(_price.starts_on))]


def _of_partner(partner_id: int | None) -> ColumnElement[bool]:
    return _price.partner_id.is_not_distinct_from(partner_id)


async def add_price(writer: Writer, **values: Any) -> None:
    """A new price of a locked product."""
    await writer.execute(INSERT_PRICE, values)


async def change_price(writer: Writer, price: ProductPrice, **values: Any) -> None:
    """Write some fields of a locked product's price."""
    await writer.execute(UPDATE_PRICE.values(**values), {"key": price.id})


async def remove_price(writer: Writer, price: ProductPrice) -> None:
    """Take a price of a locked product away."""
    await writer.execute(DELETE_PRICE, {"key": price.id})


def product_of(row: Row[Any]) -> Product:
    """A product from its row."""
    voucher = None if row.voucher is None else from_document(row.voucher, VoucherTerms)
    return Product(row.id, row.program_id, row.code, row.name, row.active, row.attributes, row.version, voucher)


def price_of(row: Row[Any]) -> ProductPrice:
    """A price from its row, without the zeros that its column adds."""
    points = exact(row.points)
    return ProductPrice(
        row.id, row.product_id, row.partner_id, row.kind, row.point_type_id, points, row.starts_on, row.ends_on
    )


def _one(row: Row[Any] | None) -> Product | None:
    return None if row is None else product_of(row)
