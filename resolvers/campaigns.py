"""Root fields about campaigns."""

from collections.abc import Sequence

import domain.campaigns as d
import domain.commands.campaigns as c
import schema.campaign_inputs as i
import schema.campaigns as s
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import campaigns as services
from domain.store import campaigns as store
from domain.store import programs
from domain.store.database import Reader
from domain.store.keyset import page_of
from resolvers.context import Context, Info
from resolvers.inputs import some, unless_unset
from resolvers.loaders import loads
from resolvers.roots import mutation, query
from schema.loads import CAMPAIGN, RECORDS_OF_CAMPAIGN
from schema.pages import After, Connection, First

Moved = (
    i.CampaignProposeInput
    | i.CampaignAgreeInput
    | i.CampaignStartInput
    | i.CampaignEndInput
    | i.CampaignCancelInput
    | i.CampaignNoteInput
)


@loads(CAMPAIGN, node="Campaign")
async def _campaigns(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.Campaign | None]:
    return await store.load_many(reader, scope, ids)


@loads(RECORDS_OF_CAMPAIGN)
async def _records(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.CampaignRecord]]:
    return await store.load_records(reader, scope, ids)


@loads(s.MOVES)
async def _moves(reader: Reader, _: Scope, asked: list[s.CampaignMovesAsked]) -> Sequence[tuple[d.CampaignMove, ...]]:
    context = asked[0].context
    assert isinstance(context, Context)
    return await services.moves_of(context.database, reader, context.principal, [each.campaign for each in asked])


@query(s.Campaign | None)
async def campaign(info: Info, program: str, code: str) -> d.Campaign | None:
    """A campaign of a program by its code; null if there is none, or none that you may see."""
    scope = info.context.principal.scope
    async with info.context.database.read() as reader:
        found = await programs.find(reader, scope, program)
        return None if found is None else await store.find(reader, scope, found.id, code)


@query(Connection[s.Campaign], name="campaigns")
async def campaigns(
    info: Info,
    filter: i.CampaignFilter | None = None,
    order_by: i.CampaignOrderBy | None = None,
    first: First = 20,
    after: After = None,
) -> Page[d.Campaign]:
    """The campaigns that you may see: a partner's users those that were proposed to their company."""
    wanted, order = filter or i.CampaignFilter(), order_by or i.CampaignOrderBy()
    chosen = c.CampaignFilter(program=wanted.program, partner=wanted.partner, status=some(wanted.status))
    listing = store.listing(info.context.principal.scope, chosen, descending=order.direction.descending)
    return await page_of(info.context.database, listing, PageRequest(first, after))


@mutation(i.CampaignCreatePayload)
async def campaign_create(info: Info, input: i.CampaignCreateInput) -> Receipt[d.Campaign]:
    """Draft a campaign with a partner."""
    command = c.CampaignCreate(
        program=input.program,
        partner=input.partner,
        code=input.code,
        name=input.name,
        starts_on=input.starts_on,
        ends_on=input.ends_on,
        subject=input.subject,
        message=input.message,
        promotions=some(input.promotions),
        audience=_audience(input.audience or i.AudienceInput()),
        purpose=input.purpose,
        owner=input.owner,
    )
    return await services.campaign_create(info.context.database, info.context.principal, command)


@mutation(i.CampaignUpdatePayload)
async def campaign_update(info: Info, input: i.CampaignUpdateInput) -> Receipt[d.Campaign]:
    """Change a campaign: by the host, which makes a draft of it again; by its partner, its own side while it is proposed."""
    command = c.CampaignUpdate(
        program=input.program,
        campaign=input.campaign,
        expected_version=input.expected_version,
        name=input.name,
        starts_on=input.starts_on,
        ends_on=input.ends_on,
        subject=input.subject,
        message=input.message,
        promotions=None if input.promotions is None else tuple(input.promotions),
        audience=None if input.audience is None else _audience(input.audience),
        purpose=input.purpose,
        owner=unless_unset(input.owner),
        partner_message=unless_unset(input.partner_message),
        partner_owner=unless_unset(input.partner_owner),
    )
    return await services.campaign_update(info.context.database, info.context.principal, command)


@mutation(i.CampaignProposePayload)
async def campaign_propose(info: Info, input: i.CampaignProposeInput) -> Receipt[d.Campaign]:
    """Ask the partner of a campaign."""
    command = _moved(input, input.expected_version)
    return await services.campaign_propose(info.context.database, info.context.principal, command)


@mutation(i.CampaignAgreePayload)
async def campaign_agree(info: Info, input: i.CampaignAgreeInput) -> Receipt[d.Campaign]:
    """Agree to a campaign for your company."""
    command = _moved(input, input.expected_version)
    return await services.campaign_agree(info.context.database, info.context.principal, command)


@mutation(i.CampaignStartPayload)
async def campaign_start(info: Info, input: i.CampaignStartInput) -> Receipt[d.Campaign]:
    """Let an agreed campaign run: its audience joins its promotions and is told."""
    command = _moved(input, input.expected_version)
    return await services.campaign_start(info.context.database, info.context.principal, command)


@mutation(i.CampaignEndPayload)
async def campaign_end(info: Info, input: i.CampaignEndInput) -> Receipt[d.Campaign]:
    """End a campaign: nobody joins or is told by it any more."""
    command = _moved(input, input.expected_version)
    return await services.campaign_end(info.context.database, info.context.principal, command)


@mutation(i.CampaignCancelPayload)
async def campaign_cancel(info: Info, input: i.CampaignCancelInput) -> Receipt[d.Campaign]:
    """Give a campaign up, and say why."""
    command = _moved(input, input.expected_version)
    return await services.campaign_cancel(info.context.database, info.context.principal, command)


@mutation(i.CampaignNotePayload)
async def campaign_note(info: Info, input: i.CampaignNoteInput) -> Receipt[d.Campaign]:
    """Say something to the other side of a campaign."""
    command = _moved(input)
    return await services.campaign_note(info.context.database, info.context.principal, command)


def _moved(given: Moved, expected_version: int | None = None) -> c.CampaignMoved:
    return c.CampaignMoved(
        program=given.program, campaign=given.campaign, comment=given.comment, expected_version=expected_version
    )


def _audience(given: i.AudienceInput) -> d.Audience:
    return d.Audience(
        tiers=tuple(given.tiers),
        language=given.language,
        enrolled_from=given.enrolled_from,
        enrolled_through=given.enrolled_through,
        partners_own=given.partners_own,
    )
