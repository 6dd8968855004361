"""Endpoints and messages for tests, and a courier who delivers what is due."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.commands.webhooks import DeliveryFilter, WebhookEndpointCreate
from domain.deliveries import Delivery, Event, EventType
from domain.pages import PageRequest
from domain.people import ENGINE, Principal, Scope
from domain.programs import Program
from domain.services.webhooks import webhook_endpoint_create
from domain.store import deliveries, outbox, webhooks
from domain.store.database import Database
from domain.store.keyset import page_of
from domain.webhooks import Told, WebhookEndpoint
from tests.support.factories import result_of
from tests.support.members import at
from workers.delivery import Courier, Means
from workers.emails import Post

NOWHERE = Post("points@example.org", Path("/nonexistent/milepost"))


async def an_endpoint(
    database: Database, program: Program, url: str, *types: EventType, actor: Principal = ENGINE, **values: Any
) -> Told:
    """An endpoint that is told of these (or of enrolments), with its secret."""
    command = WebhookEndpointCreate(
        program=program.code, url=url, types=types or (EventType.MEMBER_ENROLLED,), **values
    )
    return result_of(await webhook_endpoint_create(database, actor, command, private=True))


async def happened(database: Database, program: Program, *numbers: int, **values: Any) -> None:
    """So many members have enrolled."""
    events = [Event(EventType.MEMBER_ENROLLED, program.id, {"number": number}, **values) for number in numbers]
    async with database.write() as writer:
        await outbox.add_events(writer, events, await database.now(writer))


@asynccontextmanager
async def courier(
    database: Database, *, at_moment: datetime | None = None, private: bool = True, post: Post = NOWHERE
) -> AsyncIterator[Courier]:
    """Somebody who delivers, now or at another moment."""
    there = database if at_moment is None else at(database, at_moment)
    courier = Courier(there, Means(post, private=private))
    try:
        yield courier
    finally:
        await courier.close()
        if there is not database:
            await there.close()


async def deliver(database: Database, moment: datetime | None = None, **values: Any) -> None:
    """Deliver what is due, now or at another moment."""
    async with courier(database, at_moment=moment, **values) as someone:
        await someone.deliver_all()


async def messages(database: Database, endpoint: WebhookEndpoint | None = None) -> Sequence[Delivery]:
    """What was to be told, the oldest first."""
    chosen = DeliveryFilter(endpoint_id=None if endpoint is None else endpoint.id)
    page = await page_of(database, deliveries.listing(Scope(), chosen), PageRequest(100))
    return [edge.node for edge in reversed(page.edges)]


async def as_it_is(database: Database, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """An endpoint, read again."""
    async with database.read() as reader:
        found = await webhooks.load(reader, Scope(), endpoint.id)
    assert found is not None
    return found
