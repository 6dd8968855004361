"""Root fields about webhook endpoints and deliveries."""

from collections.abc import Sequence

import strawberry

import domain.commands.webhooks as c
import domain.deliveries as d
import domain.webhooks as w
import schema.webhooks as s
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import webhooks as services
from domain.store import deliveries as delivery_store
from domain.store import webhooks as store
from domain.store.database import Reader
from domain.store.keyset import page_of
from resolvers.context import Info
from resolvers.ids import key
from resolvers.inputs import some
from resolvers.loaders import loads
from resolvers.roots import mutation, query
from schema.ids import unseal
from schema.loads import DELIVERY, WEBHOOK_ENDPOINT
from schema.pages import After, Connection, First

NOWHERE = 0
"""A key that no row has: an id that names nothing is answered like one of nothing."""


@loads(WEBHOOK_ENDPOINT, node="WebhookEndpoint")
async def _endpoints(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[w.WebhookEndpoint | None]:
    return await store.load_many(reader, scope, ids)


@loads(DELIVERY, node="Delivery")
async def _deliveries(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.Delivery | None]:
    return await delivery_store.load_many(reader, scope, ids)


@query(s.WebhookEndpoint | None)
async def webhook_endpoint(info: Info, id: strawberry.ID) -> w.WebhookEndpoint | None:
    """A webhook endpoint by its id; null if there is none, or none that you may see."""
    async with info.context.database.read() as reader:
        return await store.load(reader, info.context.principal.scope, _key(id))


@query(Connection[s.WebhookEndpoint])
async def webhook_endpoints(
    info: Info, program: str | None = None, first: First = 20, after: After = None
) -> Page[w.WebhookEndpoint]:
    """The webhook endpoints that you may see, the oldest first; of a program, if its code is given."""
    listing = store.listing(info.context.principal.scope, program)
    return await page_of(info.context.database, listing, PageRequest(first, after))


@query(Connection[s.Delivery])
async def deliveries(
    info: Info, filter: s.DeliveryFilter | None = None, first: First = 20, after: After = None
) -> Page[d.Delivery]:
    """What is, was or could not be told by webhook and email, the newest first. It is kept for 30 days."""
    wanted = filter or s.DeliveryFilter()
    chosen = c.DeliveryFilter(
        program=wanted.program,
        endpoint_id=None if wanted.endpoint is None else _key(wanted.endpoint),
        kind=wanted.kind,
        status=some(wanted.status),
    )
    listing = delivery_store.listing(info.context.principal.scope, chosen)
    return await page_of(info.context.database, listing, PageRequest(first, after))


@mutation(s.WebhookEndpointCreatePayload)
async def webhook_endpoint_create(info: Info, input: s.WebhookEndpointCreateInput) -> Receipt[w.Told]:
    """Tell an address what happens in a program. A partner's user adds endpoints of its own partner."""
    command = c.WebhookEndpointCreate(
        program=input.program, url=input.url, types=tuple(input.types), partner=input.partner,
        description=input.description,
    )  # fmt: skip
    context = info.context
    return await services.webhook_endpoint_create(
        context.database, context.principal, command, private=context.settings.webhooks_private
    )


@mutation(s.WebhookEndpointUpdatePayload)
async def webhook_endpoint_update(info: Info, input: s.WebhookEndpointUpdateInput) -> Receipt[w.Told]:
    """Change an endpoint, or switch it off or on."""
    command = c.WebhookEndpointUpdate(
        endpoint_id=_named(input.endpoint), expected_version=input.expected_version, url=input.url,
        types=None if input.types is None else tuple(input.types), description=input.description, active=input.active,
    )  # fmt: skip
    context = info.context
    return await services.webhook_endpoint_update(
        context.database, context.principal, command, private=context.settings.webhooks_private
    )


@mutation(s.WebhookEndpointRotatePayload)
async def webhook_endpoint_rotate(info: Info, input: s.WebhookEndpointRotateInput) -> Receipt[w.Told]:
    """Give an endpoint a new secret; for 24 hours messages are signed with the one before, too."""
    context = info.context
    return await services.webhook_endpoint_rotate(context.database, context.principal, _named(input.endpoint))


@mutation(s.WebhookEndpointDeletePayload)
async def webhook_endpoint_delete(info: Info, input: s.WebhookEndpointDeleteInput) -> Receipt[w.WebhookEndpoint]:
    """Remove an endpoint and what was still to be told to it."""
    context = info.context
    return await services.webhook_endpoint_delete(context.database, context.principal, _named(input.endpoint))


@mutation(s.WebhookEndpointReplayPayload)
async def webhook_endpoint_replay(info: Info, input: s.WebhookEndpointReplayInput) -> Receipt[w.Replay]:
    """Tell an endpoint again what failed or was held back in a span of time, or all of it. Message ids stay the same."""
    command = c.WebhookEndpointReplay(
        endpoint_id=_named(input.endpoint), since=input.since, until=input.until, delivered=input.delivered
    )
    return await services.webhook_endpoint_replay(info.context.database, info.context.principal, command)


def _named(id: strawberry.ID) -> int:
    return key(id, "WebhookEndpoint", "input", "endpoint")


def _key(id: strawberry.ID) -> int:
    """The key in a question, where an id that names nothing is no error."""
    found = unseal(id)
    return found.key if found and found.type == "WebhookEndpoint" and isinstance(found.key, int) else NOWHERE
