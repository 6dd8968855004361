"""Root fields about memberships in partner programs, and what partners have by them."""

from collections.abc import Sequence

import strawberry

import domain.commands.memberships as c
import domain.memberships as d
import schema.applications as app
import schema.memberships as s
from domain.agreements import AgreementLine, Entitlement
from domain.applications import Application
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import memberships as services
from domain.store import agreements
from domain.store import memberships as store
from domain.store.database import Reader
from domain.store.keyset import page_of
from resolvers.context import Context, Info
from resolvers.ids import key
from resolvers.inputs import some
from resolvers.loaders import loads
from resolvers.roots import mutation, query
from schema.ids import unseal
from schema.loads import (
    ENTITLEMENTS_OF_MEMBERSHIP,
    LINES_OF_MEMBERSHIP,
    MEMBERSHIP,
    MEMBERSHIPS_OF_PARTNER,
    MOVES_OF_MEMBERSHIP,
)
from schema.pages import After, Connection, First


@loads(MEMBERSHIP, node="Membership")
async def _memberships(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.Membership | None]:
    return await store.load_many(reader, scope, ids)


@loads(MEMBERSHIPS_OF_PARTNER)
async def _of_partners(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.Membership]]:
    return await store.load_of_partners(reader, scope, ids)


@loads(MOVES_OF_MEMBERSHIP)
async def _records(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.MembershipRecord]]:
    return await store.load_moves(reader, scope, ids)


@loads(LINES_OF_MEMBERSHIP)
async def _lines(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[AgreementLine]]:
    return await agreements.load_lines(reader, scope, ids)


@loads(ENTITLEMENTS_OF_MEMBERSHIP)
async def _entitlements(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[Entitlement]]:
    return await agreements.load_entitlements(reader, scope, ids)


@loads(s.MOVES)
async def _moves(
    reader: Reader, _: Scope, asked: list[s.MembershipMovesAsked]
) -> Sequence[tuple[d.MembershipMove, ...]]:
    context = asked[0].context
    assert isinstance(context, Context)
    return await services.moves_of(context.database, reader, context.principal, [each.membership for each in asked])


@query(s.Membership | None)
async def membership(info: Info, id: strawberry.ID) -> d.Membership | None:
    """A membership by its id; null if there is none, or none that you may see."""
    found = unseal(id)
    if found is None or found.type != "Membership" or not isinstance(found.key, int):
        return None
    return await info.context.load(MEMBERSHIP, found.key)


@query(Connection[s.Membership])
async def memberships(
    info: Info,
    filter: s.MembershipFilter | None = None,
    order_by: s.MembershipOrderBy | None = None,
    first: First = 20,
    after: After = None,
) -> Page[d.Membership]:
    """The memberships that you may see, the newest first: a partner sees its own."""
    wanted, order = filter or s.MembershipFilter(), order_by or s.MembershipOrderBy()
    listing = store.listing(
        info.context.principal.scope,
        c.MembershipFilter(
            partner_program=wanted.partner_program,
            partner=wanted.partner,
            status=some(wanted.status),
            ends_before=wanted.ends_before,
        ),
        order.field,
        descending=order.direction.descending,
    )
    return await page_of(info.context.database, listing, PageRequest(first, after))


@mutation(app.MembershipRenewPayload)
async def membership_renew(info: Info, input: s.MembershipRenewInput) -> Receipt[Application]:
    """Ask to stay a member: it is decided at once, or waits for an administrator."""
    command = c.MembershipRenew(
        id=key(input.id, "Membership", "input", "id"), note=input.note, attributes=input.attributes or {}
    )
    return await services.membership_renew(info.context.database, info.context.principal, command)


@mutation(s.MembershipsAddPayload)
async def memberships_add(info: Info, input: s.MembershipsAddInput) -> Receipt[c.MassUpdate]:
    """Make up to 500 partners members of a partner program; a result for each."""
    command = c.MembershipsAdd(
        partner_program=input.partner_program,
        partners=None if input.partners is None else tuple(input.partners),
        csv=input.csv,
        begins_on=input.begins_on,
        comment=input.comment,
    )
    return await services.memberships_add(info.context.database, info.context.principal, command)


@mutation(s.MembershipsRemovePayload)
async def memberships_remove(info: Info, input: s.MembershipsRemoveInput) -> Receipt[c.MassUpdate]:
    """Terminate the memberships of up to 500 partners in a partner program; a result for each."""
    command = c.MembershipsRemove(
        partner_program=input.partner_program,
        partners=None if input.partners is None else tuple(input.partners),
        csv=input.csv,
        comment=input.comment,
    )
    return await services.memberships_remove(info.context.database, info.context.principal, command)
