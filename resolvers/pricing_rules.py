"""Root fields about pricing rules."""

from collections.abc import Sequence

import domain.commands.pricing_rules as c
import domain.pricing_rules as d
import schema.pricing_rules as s
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import pricing_rules as services
from domain.store import pricing_rules as store
from domain.store import programs
from domain.store.database import Reader
from domain.store.keyset import page_of
from resolvers.context import Info
from resolvers.loaders import loads
from resolvers.roots import mutation, query
from schema.loads import PRICING_RULE
from schema.pages import After, Connection, First


@loads(PRICING_RULE, node="PricingRule")
async def _pricing_rules(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.PricingRule | None]:
    return await store.load_many(reader, scope, ids)


@query(s.PricingRule | None)
async def pricing_rule(info: Info, program: str, code: str) -> d.PricingRule | None:
    """A pricing rule of a program by its code; null if there is none, or none that you may see."""
    scope = info.context.principal.scope
    async with info.context.database.read() as reader:
        found = await programs.find(reader, scope, program)
        return None if found is None else await store.find(reader, scope, found.id, code)


@query(Connection[s.PricingRule])
async def pricing_rules(
    info: Info,
    filter: s.PricingRuleFilter | None = None,
    order_by: s.PricingRuleOrderBy | None = None,
    first: First = 20,
    after: After = None,
) -> Page[d.PricingRule]:
    """The pricing rules that you may see; a partner sees those of its own terms."""
    wanted, order = filter or s.PricingRuleFilter(), order_by or s.PricingRuleOrderBy()
    listing = store.listing(
        info.context.principal.scope,
        c.PricingRuleFilter(program=wanted.program, active=wanted.active, search=wanted.search),
        order.field,
        descending=order.direction.descending,
    )
    return await page_of(info.context.database, listing, PageRequest(first, after))


@mutation(s.PricingRuleCreatePayload)
async def pricing_rule_create(info: Info, input: s.PricingRuleCreateInput) -> Receipt[d.PricingRule]:
    """Say what a point costs partners, by how many they buy at once."""
    command = c.PricingRuleCreate(
        program=input.program,
        code=input.code,
        name=input.name,
        currency=input.currency,
        ranges=_ranges(input.ranges),
        active=input.active,
    )
    return await services.pricing_rule_create(info.context.database, info.context.principal, command)


@mutation(s.PricingRuleUpdatePayload)
async def pricing_rule_update(info: Info, input: s.PricingRuleUpdateInput) -> Receipt[d.PricingRule]:
    """Change a pricing rule; what was bought keeps its price."""
    command = c.PricingRuleUpdate(
        program=input.program,
        pricing_rule=input.pricing_rule,
        expected_version=input.expected_version,
        name=input.name,
        active=input.active,
        ranges=None if input.ranges is None else _ranges(input.ranges),
    )
    return await services.pricing_rule_update(info.context.database, info.context.principal, command)


def _ranges(given: Sequence[s.PriceRangeInput]) -> tuple[d.PriceRange, ...]:
    return tuple(d.PriceRange(each.from_quantity, each.to_quantity, each.price) for each in given)
