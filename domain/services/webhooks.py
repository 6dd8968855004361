"""Webhook endpoints: adding, changing, rotating their secrets, replaying, and deleting them. All under the lock of the program.

A partner's user has only endpoints of its own partner, which hear only of that partner's rows.
"""

import base64
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from domain.commands.webhooks import WebhookEndpointCreate, WebhookEndpointReplay, WebhookEndpointUpdate
from domain.deliveries import DeliveryStatus
from domain.people import Principal
from domain.problems import Invalid, NotFound, Problem, Refused, TooMany
from domain.programs import Program
from domain.receipts import Receipt
from domain.services.checks import INPUT, check_version, found, refuse
from domain.services.programs import locked
from domain.store import deliveries, partners, programs
from domain.store import webhooks as store
from domain.store.database import Database, Reader, Writer
from domain.values import shown
from domain.webhooks import (
    MOST_ENDPOINTS,
    SECRET_LIVES_ON,
    EndpointOff,
    Replay,
    Told,
    WebhookEndpoint,
    description_problems,
    switched,
    types_problems,
    url_problems,
)

SECRET_BYTES = 32
MOST_REPLAYED = 100_000
"""How many messages one replay tells again; more of the same time are told by asking once more."""


async def webhook_endpoint_create(
    database: Database, actor: Principal, command: WebhookEndpointCreate, *, private: bool
) -> Receipt[Told]:
    """Add an endpoint. Its secret is in this answer and nowhere else."""
    refuse([
        *url_problems(command.url, INPUT, "url", private=private),
        *description_problems(command.description, INPUT, "description"),
        *types_problems(command.types, INPUT, "types"),
    ])  # fmt: skip
    async with database.write() as writer:
        program = await locked(writer, actor, command.program)
        partner_id = await _partner(writer, actor, program, command.partner)
        if (count := await store.count(writer, program.id)) >= MOST_ENDPOINTS:
            raise Refused(TooMany(what="endpoints of a program", limit=MOST_ENDPOINTS, found=count + 1, path=(INPUT,)))
        values = {
            "program_id": program.id, "partner_id": partner_id, "url": command.url, "description": command.description,
        }  # fmt: skip
        secret = _new_secret()
        endpoint = await store.add(writer, values, command.types, secret)
        await store.listen(writer, program.id)
        return Receipt(Told(endpoint, secret))


async def webhook_endpoint_update(
    database: Database, actor: Principal, command: WebhookEndpointUpdate, *, private: bool
) -> Receipt[Told]:
    """Change an endpoint, or switch it off or on. What happens while it is off is told by a replay."""
    async with database.write() as writer:
        endpoint = await _locked(writer, actor, command.endpoint_id)
        check_version(command.expected_version, endpoint.version)
        refuse(_update_problems(command, private=private))
        changed = replace(
            endpoint,
            url=command.url or endpoint.url,
            types=command.types or endpoint.types,
            description=endpoint.description if command.description is None else command.description,
        )
        if command.active is not None:
            changed = switched(changed, active=command.active)
        changed = await store.change(writer, changed)
        await store.listen(writer, changed.program_id)
        return Receipt(Told(changed))


async def webhook_endpoint_rotate(database: Database, actor: Principal, endpoint_id: int) -> Receipt[Told]:
    """Give an endpoint a new secret; for a day messages are signed with the one before, too."""
    async with database.write() as writer:
        endpoint = await _locked(writer, actor, endpoint_id)
        secret, until = _new_secret(), await database.now(writer) + SECRET_LIVES_ON
        return Receipt(Told(await store.rotate(writer, endpoint.id, secret, until), secret))


async def webhook_endpoint_delete(database: Database, actor: Principal, endpoint_id: int) -> Receipt[WebhookEndpoint]:
    """Remove an endpoint and whatever was still to be told to it."""
    async with database.write() as writer:
        endpoint = await _locked(writer, actor, endpoint_id)
        await store.remove(writer, endpoint)
        await store.listen(writer, endpoint.program_id)
        return Receipt(endpoint)


async def webhook_endpoint_replay(
    database: Database, actor: Principal, command: WebhookEndpointReplay
) -> Receipt[Replay]:
    """Tell an endpoint again what failed or was held back in a span of time, or all of it. Message ids stay the same."""
    async with database.write() as writer:
        now = await database.now(writer)
        until = command.until or now
        refuse(_span_problems(command.since, until))
        endpoint = await _locked(writer, actor, command.endpoint_id)
        if not endpoint.active:
            raise Refused(EndpointOff(path=(INPUT, "endpoint")))
        statuses = [DeliveryStatus.FAILED, DeliveryStatus.HELD]
        if command.delivered:
            statuses.append(DeliveryStatus.DELIVERED)
        count = await deliveries.replay(
            writer, endpoint.id, command.since, until, statuses=statuses, most=MOST_REPLAYED, now=now
        )
        return Receipt(Replay(endpoint, count, more=count == MOST_REPLAYED))


def _new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def _update_problems(command: WebhookEndpointUpdate, *, private: bool) -> Iterator[Problem]:
    if command.url is not None:
        yield from url_problems(command.url, INPUT, "url", private=private)
    yield from description_problems(command.description, INPUT, "description")
    yield from types_problems(command.types, INPUT, "types")


def _span_problems(since: datetime, until: datetime) -> Iterator[Problem]:
    if since >= until:
        yield Invalid(value=since.isoformat(), expected="a moment before `until`, or before now", path=(INPUT, "since"))


async def _locked(writer: Writer, actor: Principal, endpoint_id: int) -> WebhookEndpoint:
    """An endpoint that the actor may see, locked after its program."""
    seen = found(await store.load(writer, actor.scope, endpoint_id), "webhook endpoint", None, "endpoint")
    [program] = await programs.load_many(writer, actor.scope, [seen.program_id])
    await locked(writer, actor, found(program, "webhook endpoint", None, "endpoint").code, "endpoint")
    return found(await store.lock(writer, actor.scope, endpoint_id), "webhook endpoint", None, "endpoint")


async def _partner(reader: Reader, actor: Principal, program: Program, code: str | None) -> int | None:
    """Of whose rows the endpoint hears: a partner's user names none, or its own partner."""
    if code is None:
        return actor.scope.partner_id
    partner = await partners.find(reader, actor.scope, code)
    if partner is None or await partners.terms(reader, program.id, partner.id) is None:
        raise Refused(NotFound(what="partner", key=shown(code), path=(INPUT, "partner")))
    return partner.id
