"""Root fields about partner programs."""

from collections.abc import Sequence

import domain.commands.partner_programs as c
import domain.partner_programs as d
import schema.partner_program_inputs as i
import schema.partner_programs as s
from domain.pages import Page, PageRequest
from domain.partners import Partner
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import partner_programs as services
from domain.store import partner_programs as store
from domain.store.database import Reader
from domain.store.keyset import page_of
from resolvers.context import Context, Info
from resolvers.inputs import some
from resolvers.loaders import loads
from resolvers.roots import mutation, query
from schema.loads import PARTNER_PROGRAM
from schema.pages import After, Connection, First


@loads(PARTNER_PROGRAM, node="PartnerProgram")
async def _partner_programs(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.PartnerProgram | None]:
    return await store.load_many(reader, scope, ids)


@s.LISTED.answered_by
async def _listed(context: Context, asked: s.ListedAsked) -> Page[Partner]:
    listing = store.listed(context.principal.scope, asked.partner_program_id, asked.list)
    return await page_of(context.database, listing, asked.request)


@query(s.PartnerProgram | None)
async def partner_program(info: Info, code: str) -> d.PartnerProgram | None:
    """A partner program by its code; null if there is none, or none that you may see."""
    async with info.context.database.read() as reader:
        return await store.find(reader, info.context.principal.scope, code)


@query(Connection[s.PartnerProgram])
async def partner_programs(
    info: Info,
    filter: i.PartnerProgramFilter | None = None,
    order_by: i.PartnerProgramOrderBy | None = None,
    first: First = 20,
    after: After = None,
) -> Page[d.PartnerProgram]:
    """The partner programs that you may see: partners see no drafts."""
    wanted, order = filter or i.PartnerProgramFilter(), order_by or i.PartnerProgramOrderBy()
    listing = store.listing(
        info.context.principal.scope,
        c.PartnerProgramFilter(status=some(wanted.status), kind=wanted.kind, search=wanted.search),
        order.field,
        descending=order.direction.descending,
    )
    return await page_of(info.context.database, listing, PageRequest(first, after))


@mutation(i.PartnerProgramCreatePayload)
async def partner_program_create(info: Info, input: i.PartnerProgramCreateInput) -> Receipt[d.PartnerProgram]:
    """Draft a partner program."""
    command = c.PartnerProgramCreate(
        code=input.code,
        name=input.name,
        kind=input.kind,
        time_zone=input.time_zone,
        starts_on=input.starts_on,
        ends_on=input.ends_on,
        approval_method=input.approval_method,
        membership_months=input.membership_months,
        renewal_days=input.renewal_days,
        grace_days=input.grace_days,
        may_apply=input.may_apply,
        may_renew=input.may_renew,
        lines=_lines(some(input.lines)),
        entitlements=_entitlements(some(input.entitlements)),
        expire_lines_at_end=input.expire_lines_at_end,
        owner=input.owner,
    )
    return await services.partner_program_create(info.context.database, info.context.principal, command)


@mutation(i.PartnerProgramUpdatePayload)
async def partner_program_update(info: Info, input: i.PartnerProgramUpdateInput) -> Receipt[d.PartnerProgram]:
    """Change a draft; an active partner program is read-only."""
    command = c.PartnerProgramUpdate(
        partner_program=input.partner_program,
        expected_version=input.expected_version,
        name=input.name,
        kind=input.kind,
        time_zone=input.time_zone,
        starts_on=input.starts_on,
        ends_on=input.ends_on,
        approval_method=input.approval_method,
        membership_months=input.membership_months,
        renewal_days=input.renewal_days,
        grace_days=input.grace_days,
        may_apply=input.may_apply,
        may_renew=input.may_renew,
        lines=None if input.lines is None else _lines(input.lines),
        entitlements=None if input.entitlements is None else _entitlements(input.entitlements),
        expire_lines_at_end=input.expire_lines_at_end,
        owner=input.owner,
    )
    return await services.partner_program_update(info.context.database, info.context.principal, command)


@mutation(i.PartnerProgramActivatePayload)
async def partner_program_activate(info: Info, input: i.PartnerProgramActivateInput) -> Receipt[d.PartnerProgram]:
    """Let a draft take applications between its dates; from then on it is read-only."""
    command = c.PartnerProgramActivate(partner_program=input.partner_program)
    return await services.partner_program_activate(info.context.database, info.context.principal, command)


@mutation(i.PartnerProgramListChangePayload)
async def partner_program_list_change(info: Info, input: i.PartnerProgramListChangeInput) -> Receipt[d.PartnerProgram]:
    """Put partners on a list of a program, or take them off it, also while it is active."""
    command = c.PartnerProgramListChange(
        partner_program=input.partner_program, list=input.which, add=some(input.add), remove=some(input.remove)
    )
    return await services.partner_program_list_change(info.context.database, info.context.principal, command)


def _lines(given: Sequence[i.AgreementLineTemplateInput]) -> tuple[d.LineTemplate, ...]:
    return tuple(d.LineTemplate(each.code, each.description, each.months) for each in given)


def _entitlements(given: Sequence[i.EntitlementTemplateInput]) -> tuple[d.EntitlementTemplate, ...]:
    return tuple(d.EntitlementTemplate(each.code, each.description) for each in given)
