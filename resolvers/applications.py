"""Root fields about applications to partner programs."""

from collections.abc import Sequence
from typing import TypeVar

import strawberry

import domain.applications as d
import domain.commands.applications as c
import schema.applications as s
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.problems import Missing, Refused
from domain.receipts import Receipt
from domain.services import applications as services
from domain.store import applications as store
from domain.store.database import Reader
from domain.store.keyset import page_of
from resolvers.context import Context, Info
from resolvers.ids import key
from resolvers.inputs import some
from resolvers.loaders import loads
from resolvers.roots import mutation, query
from schema.ids import unseal
from schema.loads import APPLICATION, MOVES_OF_APPLICATION
from schema.pages import After, Connection, First

T = TypeVar("T")


@loads(APPLICATION, node="Application")
async def _applications(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.Application | None]:
    return await store.load_many(reader, scope, ids)


@loads(MOVES_OF_APPLICATION)
async def _records(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.ApplicationRecord]]:
    return await store.load_moves(reader, scope, ids)


@loads(s.MOVES)
async def _moves(
    reader: Reader, _: Scope, asked: list[s.ApplicationMovesAsked]
) -> Sequence[tuple[d.ApplicationMove, ...]]:
    context = asked[0].context
    assert isinstance(context, Context)
    return await services.moves_of(context.database, reader, context.principal, [each.application for each in asked])


@query(s.Application | None)
async def application(info: Info, id: strawberry.ID) -> d.Application | None:
    """An application by its id; null if there is none, or none that you may see."""
    found = unseal(id)
    if found is None or found.type != "Application" or not isinstance(found.key, int):
        return None
    return await info.context.load(APPLICATION, found.key)


@query(Connection[s.Application])
async def applications(
    info: Info,
    filter: s.ApplicationFilter | None = None,
    order_by: s.ApplicationOrderBy | None = None,
    first: First = 20,
    after: After = None,
) -> Page[d.Application]:
    """The applications that you may see, the oldest first; the inbox are those that are SUBMITTED."""
    wanted, order = filter or s.ApplicationFilter(), order_by or s.ApplicationOrderBy()
    listing = store.listing(
        info.context.principal.scope,
        c.ApplicationFilter(
            partner_program=wanted.partner_program,
            partner=wanted.partner,
            kind=wanted.kind,
            status=some(wanted.status),
            accepted_by=wanted.accepted_by,
        ),
        descending=order.direction.descending,
    )
    return await page_of(info.context.database, listing, PageRequest(first, after))


@mutation(s.ApplicationSavePayload)
async def application_save(info: Info, input: s.ApplicationSaveInput) -> Receipt[d.Application]:
    """Begin an application, or go on with one that is SAVED."""
    context = info.context
    if input.id is None:
        first = c.ApplicationSave(
            partner_program=_needed(input.partner_program, "partnerProgram", "a new application names its program"),
            partner=input.partner,
            note=input.note,
            attributes=input.attributes or {},
        )
        return await services.application_save(context.database, context.principal, first)
    again = c.ApplicationResave(
        id=key(input.id, "Application", "input", "id"),
        expected_version=_needed(input.expected_version, "expectedVersion", "say which version you have read"),
        note=input.note,
        attributes=input.attributes,
    )
    return await services.application_resave(context.database, context.principal, again)


@mutation(s.ApplicationSubmitPayload)
async def application_submit(info: Info, input: s.ApplicationSubmitInput) -> Receipt[d.Application]:
    """Hand an application in: it is decided at once, or waits for an administrator."""
    command = _moved(input.id, input.comment)
    return await services.application_submit(info.context.database, info.context.principal, command)


@mutation(s.ApplicationAcceptPayload)
async def application_accept(info: Info, input: s.ApplicationAcceptInput) -> Receipt[d.Application]:
    """Take an application from the inbox."""
    command = _moved(input.id, input.comment)
    return await services.application_accept(info.context.database, info.context.principal, command)


@mutation(s.ApplicationApprovePayload)
async def application_approve(info: Info, input: s.ApplicationApproveInput) -> Receipt[d.Application]:
    """Grant an application: the partner is a member, or stays one."""
    command = _moved(input.id, input.comment)
    return await services.application_approve(info.context.database, info.context.principal, command)


@mutation(s.ApplicationRejectPayload)
async def application_reject(info: Info, input: s.ApplicationRejectInput) -> Receipt[d.Application]:
    """Do not grant an application, and say why."""
    command = _moved(input.id, input.comment)
    return await services.application_reject(info.context.database, info.context.principal, command)


def _moved(id: str, comment: str | None) -> c.ApplicationMoved:
    return c.ApplicationMoved(id=key(id, "Application", "input", "id"), comment=comment)


def _needed(value: T | None, name: str, why: str) -> T:
    if value is None:
        raise Refused(Missing(why=why, path=("input", name)))
    return value
