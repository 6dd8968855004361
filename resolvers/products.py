"""Root fields about products and their prices."""

from collections.abc import Sequence

import domain.commands.products as c
import domain.programs as d
import schema.products as s
from domain.expiry import NEVER
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import products as services
from domain.store import products as store
from domain.store import programs
from domain.store.database import Reader
from domain.store.keyset import page_of
from domain.vouchers import VoucherTerms
from resolvers.context import Info
from resolvers.loaders import loads
from resolvers.programs import expiry_policy
from resolvers.roots import mutation, query
from schema.loads import PRICES_OF_PRODUCT, PRODUCT
from schema.pages import After, Connection, First
from schema.voucher_terms import VoucherTermsInput


@loads(PRODUCT, node="Product")
async def _products(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.Product | None]:
    return await store.load_many(reader, scope, ids)


@loads(PRICES_OF_PRODUCT)
async def _prices(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.ProductPrice]]:
    return await store.load_prices(reader, scope, ids)


@query(s.Product | None)
async def product(info: Info, program: str, code: str) -> d.Product | None:
    """A product of a program by its code; null if there is none, or none that you may see."""
    scope = info.context.principal.scope
    async with info.context.database.read() as reader:
        found = await programs.find(reader, scope, program)
        return None if found is None else await store.find(reader, scope, found.id, code)


@query(Connection[s.Product])
async def products(
    info: Info,
    filter: s.ProductFilter | None = None,
    order_by: s.ProductOrderBy | None = None,
    first: First = 20,
    after: After = None,
) -> Page[d.Product]:
    """The products that you may see."""
    wanted, order = filter or s.ProductFilter(), order_by or s.ProductOrderBy()
    listing = store.listing(
        info.context.principal.scope,
        c.ProductFilter(program=wanted.program, active=wanted.active, search=wanted.search),
        order.field,
        descending=order.direction.descending,
    )
    return await page_of(info.context.database, listing, PageRequest(first, after))


def _voucher(given: VoucherTermsInput | None) -> VoucherTerms | None:
    if given is None:
        return None
    expiry = NEVER if given.expiry is None else expiry_policy(given.expiry)
    return VoucherTerms(given.worth, tuple(given.products or ()), expiry)


@mutation(s.ProductCreatePayload)
async def product_create(info: Info, input: s.ProductCreateInput) -> Receipt[d.Product]:
    """Add a product to a program."""
    command = c.ProductCreate(
        program=input.program,
        code=input.code,
        name=input.name,
        active=input.active,
        attributes=input.attributes or {},
        voucher=_voucher(input.voucher),
    )
    return await services.product_create(info.context.database, info.context.principal, command)


@mutation(s.ProductUpdatePayload)
async def product_update(info: Info, input: s.ProductUpdateInput) -> Receipt[d.Product]:
    """Change a product."""
    command = c.ProductUpdate(
        program=input.program,
        product=input.product,
        expected_version=input.expected_version,
        name=input.name,
        active=input.active,
        attributes=input.attributes or {},
        voucher=_voucher(input.voucher),
    )
    return await services.product_update(info.context.database, info.context.principal, command)


@mutation(s.ProductPriceSetPayload)
async def product_price_set(info: Info, input: s.ProductPriceSetInput) -> Receipt[d.Product]:
    """Give a product a price in a span of dates; one that starts on the same date is replaced."""
    command = c.ProductPriceSet(
        program=input.program,
        product=input.product,
        kind=input.kind,
        points=input.points,
        starts_on=input.starts_on,
        ends_on=input.ends_on,
        point_type=input.point_type,
        partner=input.partner,
    )
    return await services.product_price_set(info.context.database, info.context.principal, command)


@mutation(s.ProductPriceRemovePayload)
async def product_price_remove(info: Info, input: s.ProductPriceRemoveInput) -> Receipt[d.Product]:
    """Take a price away that should never have been there."""
    command = c.ProductPriceRemove(
        program=input.program,
        product=input.product,
        kind=input.kind,
        starts_on=input.starts_on,
        partner=input.partner,
    )
    return await services.product_price_remove(info.context.database, info.context.principal, command)
