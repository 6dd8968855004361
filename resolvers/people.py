"""Root fields about people."""

from collections.abc import Sequence

import domain.commands.people as c
import domain.people as d
import schema.people as s
from domain.pages import Page, PageRequest
from domain.receipts import Receipt
from domain.services import people as services
from domain.store import people as store
from domain.store.database import Reader
from domain.store.keyset import page_of
from resolvers.context import Info
from resolvers.inputs import unless_unset
from resolvers.loaders import loads
from resolvers.members import member_reference
from resolvers.roots import mutation, query
from schema.loads import PERSON
from schema.pages import After, Connection, First


@loads(PERSON, node="Person")
async def _people(reader: Reader, scope: d.Scope, ids: list[int]) -> Sequence[d.Person | None]:
    return await store.load_many(reader, scope, ids)


@query(s.Person | None)
async def person(info: Info, subject: str) -> d.Person | None:
    """A person by the subject of their tokens; null if there is none, or none that you may see."""
    async with info.context.database.read() as reader:
        return await store.find(reader, info.context.principal.scope, subject)


@query(Connection[s.Person])
async def people(
    info: Info,
    filter: s.PersonFilter | None = None,
    order_by: s.PersonOrderBy | None = None,
    first: First = 20,
    after: After = None,
) -> Page[d.Person]:
    """The people that you may see."""
    wanted, order = filter or s.PersonFilter(), order_by or s.PersonOrderBy()
    listing = store.listing(
        info.context.principal.scope,
        c.PersonFilter(
            program=wanted.program,
            partner=wanted.partner,
            roles=frozenset(wanted.roles or ()),
            manager=wanted.manager,
            active=wanted.active,
            search=wanted.search,
        ),
        order.field,
        descending=order.direction.descending,
    )
    return await page_of(info.context.database, listing, PageRequest(first, after))


@mutation(s.PersonCreatePayload)
async def person_create(info: Info, input: s.PersonCreateInput) -> Receipt[d.Person]:
    """Add an employee, a partner's user or a member's log-in."""
    command = c.PersonCreate(
        subject=input.subject,
        name=input.name,
        roles=frozenset(input.roles),
        email=input.email,
        program=input.program,
        partner=input.partner,
        member=None if input.member is None else member_reference(input.member, "input", "member"),
        manager=input.manager,
        tier_approver=input.tier_approver,
        transaction_approval_limit=input.transaction_approval_limit,
        loan_approval_limit=input.loan_approval_limit,
        active=input.active,
    )
    return await services.person_create(info.context.database, info.context.principal, command)


@mutation(s.PersonUpdatePayload)
async def person_update(info: Info, input: s.PersonUpdateInput) -> Receipt[d.Person]:
    """Change a person; it takes effect for their tokens within seconds."""
    command = c.PersonUpdate(
        person=input.person,
        expected_version=input.expected_version,
        name=input.name,
        roles=None if input.roles is None else frozenset(input.roles),
        email=unless_unset(input.email),
        manager=unless_unset(input.manager),
        tier_approver=input.tier_approver,
        transaction_approval_limit=input.transaction_approval_limit,
        loan_approval_limit=input.loan_approval_limit,
        active=input.active,
    )
    return await services.person_update(info.context.database, info.context.principal, command)
