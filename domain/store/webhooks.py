"""Webhook endpoints: read within somebody's scope, written under the lock of their program.

What a program's endpoints want to hear of is kept with the program, where the engine reads it with the version: whoever adds,
changes or removes an endpoint calls `listen`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Row,
    Select,
    Text,
    any_,
    bindparam,
    delete,
    false,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.deliveries import DeliveryStatus, EventType
from domain.people import Scope
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.keyset import Listing, Order
from domain.webhooks import OffBecause, WebhookEndpoint

IDS = bindparam("ids", type_=ARRAY(BigInteger))
KEY = bindparam("key", type_=BigInteger)
PROGRAM = bindparam("program", type_=BigInteger)
_e, _o = t.webhook_endpoint.c, t.outbox.c

ROWS: Select[Any] = select(t.webhook_endpoint)
BY_IDS = ROWS.where(_e.id == any_(IDS))
COUNT = select(func.count()).where(_e.program_id == PROGRAM)
INSERT = insert(t.webhook_endpoint).returning(t.webhook_endpoint)
UPDATE = update(t.webhook_endpoint).where(_e.id == KEY).returning(t.webhook_endpoint)
ROTATE = UPDATE.values(
    version=_e.version + 1,
    secret=bindparam("secret", type_=Text),
    old_secret=_e.secret,
    old_secret_until=bindparam("old_until", type_=DateTime(timezone=True)),
)
DELETE = delete(t.webhook_endpoint).where(_e.id == KEY)
DELETE_MESSAGES = delete(t.outbox).where(_o.endpoint_id == KEY)
HOLD = (
    update(t.outbox)
    .where(_o.endpoint_id == KEY, _o.status == DeliveryStatus.WAITING)
    .values(status=DeliveryStatus.HELD)
)
_wanted = select(func.unnest(_e.types).label("type")).where(_e.program_id == PROGRAM).distinct().subquery()
_listening = select(func.coalesce(func.array_agg(_wanted.c.type), literal([], ARRAY(Text)))).scalar_subquery()
LISTEN = update(t.program).where(t.program.c.id == PROGRAM).values(listening=_listening)


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the endpoints that somebody may see: a partner its own, a member none."""
    if scope.program_id is not None:
        query = query.where(_e.program_id == scope.program_id)
    if scope.partner_id is not None:
        query = query.where(_e.partner_id == scope.partner_id)
    return query if scope.member_id is None else query.where(false())


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[WebhookEndpoint | None]:
    """The endpoints with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: endpoint_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def load(reader: Reader, scope: Scope, id: int) -> WebhookEndpoint | None:
    """The endpoint with this id, if the scope shows it."""
    return (await load_many(reader, scope, [id]))[0]


async def lock(writer: Writer, scope: Scope, id: int) -> WebhookEndpoint | None:
    """The same, locked."""
    row = (await writer.execute(in_scope(BY_IDS, scope).with_for_update(), {"ids": [id]})).one_or_none()
    return None if row is None else endpoint_of(row)


async def count(reader: Reader, program_id: int) -> int:
    """How many endpoints a program has."""
    return (await reader.execute(COUNT, {"program": program_id})).scalar_one()


def listing(scope: Scope, program: str | None) -> Listing[WebhookEndpoint]:
    """The endpoints of a list, the oldest first."""
    query = in_scope(ROWS, scope)
    if program is not None:
        query = query.where(_e.program_id.in_(select(t.program.c.id).where(t.program.c.code == program)))
    return Listing(query, Order((_e.id,), descending=False), endpoint_of)


async def add(writer: Writer, values: Mapping[str, Any], types: Sequence[EventType], secret: str) -> WebhookEndpoint:
    """A new endpoint of a locked program."""
    row = {**values, "types": _names(types), "secret": secret, "active": True, "failures": 0, "version": 1}
    return endpoint_of((await writer.execute(INSERT, row)).one())


async def change(writer: Writer, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """A locked endpoint as it is to be. What it has not got yet is held back while it is off."""
    off = endpoint.off_because and endpoint.off_because.value
    values = {
        "url": endpoint.url, "description": endpoint.description, "types": _names(endpoint.types),
        "active": endpoint.active, "off_because": off, "failing_since": endpoint.failing_since,
        "rests_until": endpoint.rests_until, "version": endpoint.version + 1,
    }  # fmt: skip
    if endpoint.active:
        values["failures"] = 0
    changed = endpoint_of((await writer.execute(UPDATE.values(values), {"key": endpoint.id})).one())
    if not endpoint.active:
        await writer.execute(HOLD, {"key": endpoint.id})
    return changed


async def listen(writer: Writer, program_id: int) -> None:
    """Note with a locked program what its endpoints want to hear of."""
    await writer.execute(LISTEN, {"program": program_id})


async def rotate(writer: Writer, endpoint_id: int, secret: str, old_until: datetime) -> WebhookEndpoint:
    """A locked endpoint with a new secret; the one before is used beside it until then."""
    given = {"key": endpoint_id, "secret": secret, "old_until": old_until}
    return endpoint_of((await writer.execute(ROTATE, given)).one())


async def remove(writer: Writer, endpoint: WebhookEndpoint) -> None:
    """An endpoint and everything that was to be told to it, gone."""
    await writer.execute(DELETE, {"key": endpoint.id})
    await writer.execute(DELETE_MESSAGES, {"key": endpoint.id})


def endpoint_of(row: Row[Any]) -> WebhookEndpoint:
    """An endpoint from its row."""
    return WebhookEndpoint(
        id=row.id, program_id=row.program_id, partner_id=row.partner_id, url=row.url, description=row.description,
        types=tuple(map(EventType, row.types)), active=row.active,
        off_because=None if row.off_because is None else OffBecause(row.off_because), failing_since=row.failing_since,
        rests_until=row.rests_until, version=row.version, created_at=row.created_at,
    )  # fmt: skip


def _names(types: Sequence[EventType]) -> list[str]:
    return [kind.value for kind in types]
