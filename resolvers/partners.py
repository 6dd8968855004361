"""Root fields about partners and their terms."""

from collections.abc import Sequence
from decimal import Decimal

import domain.commands.partners as c
import domain.partners as d
import schema.partners as s
import schema.terms as t
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import partners as services
from domain.store import partners as store
from domain.store.database import Reader
from domain.store.keyset import page_of
from resolvers.context import Info
from resolvers.inputs import mapping, unless_unset
from resolvers.loaders import loads
from resolvers.roots import mutation, query
from schema.loads import PARTNER, PARTNER_TERMS, TERMS_OF_PARTNER
from schema.pages import After, Connection, First


@loads(PARTNER, node="Partner")
async def _partners(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.Partner | None]:
    return await store.load_many(reader, scope, ids)


@loads(PARTNER_TERMS, node="PartnerTerms")
async def _terms(reader: Reader, scope: Scope, keys: list[tuple[int, int]]) -> Sequence[d.PartnerTerms | None]:
    return await store.load_pairs(reader, scope, keys)


@loads(TERMS_OF_PARTNER)
async def _terms_of_partner(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.PartnerTerms]]:
    return await store.load_terms(reader, scope, ids)


@query(s.Partner | None)
async def partner(info: Info, code: str) -> d.Partner | None:
    """A partner by its code; null if there is none, or none that you may see."""
    async with info.context.database.read() as reader:
        return await store.find(reader, info.context.principal.scope, code)


@query(Connection[s.Partner])
async def partners(
    info: Info,
    filter: s.PartnerFilter | None = None,
    order_by: s.PartnerOrderBy | None = None,
    first: First = 20,
    after: After = None,
) -> Page[d.Partner]:
    """The partners that you may see."""
    wanted, order = filter or s.PartnerFilter(), order_by or s.PartnerOrderBy()
    listing = store.listing(
        info.context.principal.scope,
        c.PartnerFilter(program=wanted.program, active=wanted.active, search=wanted.search),
        order.field,
        descending=order.direction.descending,
    )
    return await page_of(info.context.database, listing, PageRequest(first, after))


@mutation(s.PartnerCreatePayload)
async def partner_create(info: Info, input: s.PartnerCreateInput) -> Receipt[d.Partner]:
    """Add a partner; it takes part in a program once its terms are set there."""
    command = c.PartnerCreate(code=input.code, name=input.name, active=input.active)
    return await services.partner_create(info.context.database, info.context.principal, command)


@mutation(s.PartnerUpdatePayload)
async def partner_update(info: Info, input: s.PartnerUpdateInput) -> Receipt[d.Partner]:
    """Change a partner."""
    command = c.PartnerUpdate(
        partner=input.partner, expected_version=input.expected_version, name=input.name, active=input.active
    )
    return await services.partner_update(info.context.database, info.context.principal, command)


@mutation(t.PartnerTermsSetPayload)
async def partner_terms_set(info: Info, input: t.PartnerTermsSetInput) -> Receipt[d.PartnerTerms]:
    """Agree terms with a partner for a program, or change them."""
    command = c.PartnerTermsSet(
        program=input.program,
        partner=input.partner,
        expected_version=input.expected_version,
        active=input.active,
        report_within_days=unless_unset(input.report_within_days),
        billing=input.billing,
        pricing_rule=unless_unset(input.pricing_rule),
        reorder_limit=unless_unset(input.reorder_limit),
        minimum_order=unless_unset(input.minimum_order),
        reorder_automatically=input.reorder_automatically,
        credit_limit=input.credit_limit,
        partner_approves=input.partner_approves,
        point_types=None if input.point_types is None else tuple(input.point_types),
        conversions=_conversions(input.conversions),
        rates=None if input.rates is None else tuple(_rate(each) for each in input.rates),
    )
    return await services.partner_terms_set(info.context.database, info.context.principal, command)


def _conversions(given: Sequence[t.PointConversionInput] | None) -> dict[str, Decimal] | None:
    if given is None:
        return None
    return mapping(((each.point_type, each.rate) for each in given), "input", "conversions")


def _rate(given: t.BillingRateInput) -> d.BillingRate:
    return d.BillingRate(
        point_type=given.point_type,
        valid_from=given.valid_from,
        valid_through=given.valid_through,
        price=given.price,
        currency=given.currency,
        percentage=Decimal(100) if given.percentage is None else given.percentage,
    )
