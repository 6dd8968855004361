"""Messages on their way: claimed under a lease, their fate recorded, listed, told again, and cleaned away.

A message belongs to whoever claimed it until `due_at`, which a claim moves into the future; a killed worker's come up again then.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, Select, any_, bindparam, false, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from domain.commands.webhooks import DeliveryFilter
from domain.deliveries import Delivery, DeliveryKind, DeliveryStatus
from domain.people import Scope
from domain.store import tables as t
from domain.store import webhooks
from domain.store.database import Reader, Writer
from domain.store.keyset import Listing, Order

_o = t.outbox.c
ROWS: Select[Any] = select(t.outbox)
BY_IDS = ROWS.where(_o.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))

CLAIM_EMAILS = text("""
    update outbox o set due_at = :until
    from (
        select id from outbox
        where endpoint_id is null and status = 'WAITING' and due_at <= :now
        order by due_at limit :most for update skip locked
    ) due
    where o.id = due.id
    returning o.*
""")
# Every endpoint gets its turn, however much waits for another one.
CLAIM_WEBHOOKS = text("""
    with endpoint as (
        select e.id from webhook_endpoint e
        where e.active and (e.rests_until is null or e.rests_until <= :now) and e.id <> all(cast(:busy as bigint[]))
        and exists (
            select from outbox o where o.endpoint_id = e.id and o.status = 'WAITING' and o.due_at <= :now
        )
        order by e.rests_until nulls first, e.id limit :endpoints
    ), due as (
        select w.id from endpoint cross join lateral (
            select o.id from outbox o
            where o.endpoint_id = endpoint.id and o.status = 'WAITING' and o.due_at <= :now
            order by o.due_at limit :most for update skip locked
        ) w
    )
    update outbox o set due_at = :until from due where o.id = due.id
    returning o.*
""")
ADDRESSES = text("""
    select id, url, secret, case when old_secret_until > :now then old_secret end as old_secret
    from webhook_endpoint where id = any(cast(:ids as bigint[]))
""")
DELIVERED = text("""
    update outbox set status = 'DELIVERED', attempts = attempts + 1, finished_at = :now, problem = null
    where id = any(cast(:ids as bigint[])) and status <> 'DELIVERED'
""")
# Only who still has the claim may say that it failed: somebody else may have delivered it since.
FAILED = text("""
    update outbox o set attempts = o.attempts + 1, problem = u.problem,
        due_at = coalesce(u.again, o.due_at),
        status = case when u.again is null then 'FAILED' else 'WAITING' end,
        finished_at = case when u.again is null then cast(:now as timestamptz) end
    from unnest(cast(:ids as bigint[]), cast(:claims as timestamptz[]), cast(:again as timestamptz[]),
        cast(:problems as text[])) as u(id, claim, again, problem)
    where o.id = u.id and o.due_at = u.claim and o.status = 'WAITING'
""")
RELEASE = text("""
    update outbox o set due_at = :now from unnest(cast(:ids as bigint[]), cast(:claims as timestamptz[])) as u(id, claim)
    where o.id = u.id and o.due_at = u.claim and o.status = 'WAITING'
""")
WELL = text("""
    update webhook_endpoint set failing_since = null, rests_until = null, failures = 0
    where id = :id and failing_since is not null
""")
ILL = text("""
    update webhook_endpoint set failing_since = coalesce(failing_since, :now), failures = failures + 1
    where id = :id returning failures, failing_since
""")
REST = text("update webhook_endpoint set rests_until = :until where id = :id")
REPLAY = text("""
    update outbox set status = 'WAITING', attempts = 0, due_at = :now, finished_at = null, problem = null
    where id in (
        select id from outbox
        where endpoint_id = :endpoint_id and created_at >= :since and created_at < :until
        and status = any(cast(:statuses as text[]))
        order by id limit :most for update
    )
""")
CLEAN = text("""
    delete from outbox where id in (
        select id from outbox where created_at < :before limit :most for update skip locked
    )
""")


@dataclass(frozen=True, slots=True)
class Address:
    """Where an endpoint is, and the secrets with which it is told."""

    url: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A claimed message that did not get through. `again`: when it is tried again, if at all."""

    delivery: Delivery
    problem: str
    again: datetime | None


async def claim_emails(writer: Writer, now: datetime, until: datetime, most: int) -> list[Delivery]:
    """Emails that are due, for this caller alone until then."""
    rows = await writer.execute(CLAIM_EMAILS, {"now": now, "until": until, "most": most})
    return [delivery_of(row) for row in rows]


async def claim_webhooks(
    writer: Writer, now: datetime, until: datetime, *, busy: Collection[int], endpoints: int, most: int
) -> list[Delivery]:
    """Messages that are due, `most` for each of some endpoints that are not `busy`, for this caller alone until then."""
    given = {"now": now, "until": until, "busy": list(busy), "endpoints": endpoints, "most": most}
    return [delivery_of(row) for row in await writer.execute(CLAIM_WEBHOOKS, given)]


async def addresses(reader: Reader, ids: Collection[int], now: datetime) -> dict[int, Address]:
    """Where these endpoints are."""
    rows = await reader.execute(ADDRESSES, {"ids": list(ids), "now": now})
    return {row.id: Address(row.url, tuple(each for each in (row.secret, row.old_secret) if each)) for row in rows}


async def delivered(writer: Writer, deliveries: Iterable[Delivery], now: datetime) -> None:
    """These have got through."""
    if ids := [each.id for each in deliveries]:
        await writer.execute(DELIVERED, {"ids": ids, "now": now})


async def failed(writer: Writer, failures: Sequence[Failure], now: datetime) -> None:
    """These have not."""
    if failures:
        columns = {
            "ids": [each.delivery.id for each in failures],
            "claims": [each.delivery.due_at for each in failures],
            "again": [each.again for each in failures],
            "problems": [each.problem for each in failures],
        }
        await writer.execute(FAILED, {**columns, "now": now})


async def release(writer: Writer, deliveries: Sequence[Delivery], now: datetime) -> None:
    """Give back what was claimed and not tried."""
    if deliveries:
        ids, claims = [each.id for each in deliveries], [each.due_at for each in deliveries]
        await writer.execute(RELEASE, {"ids": ids, "claims": claims, "now": now})


async def well(writer: Writer, endpoint_id: int) -> None:
    """Something has got through to an endpoint."""
    await writer.execute(WELL, {"id": endpoint_id})


async def ill(writer: Writer, endpoint_id: int, now: datetime) -> tuple[int, datetime] | None:
    """Nothing has got through: how often in a row, and since when; None if the endpoint is gone."""
    row = (await writer.execute(ILL, {"id": endpoint_id, "now": now})).one_or_none()
    return None if row is None else (row.failures, row.failing_since)


async def rest(writer: Writer, endpoint_id: int, until: datetime) -> None:
    """Leave an endpoint alone until then."""
    await writer.execute(REST, {"id": endpoint_id, "until": until})


async def replay(
    writer: Writer,
    endpoint_id: int,
    since: datetime,
    until: datetime,
    *,
    statuses: Iterable[DeliveryStatus],
    most: int,
    now: datetime,
) -> int:
    """Let the oldest messages of a span of time be told again; how many."""
    given = {"endpoint_id": endpoint_id, "since": since, "until": until, "most": most, "now": now}
    return (await writer.execute(REPLAY, {**given, "statuses": [each.value for each in statuses]})).rowcount


async def clean(writer: Writer, before: datetime, most: int) -> int:
    """Remove the oldest messages from before a moment; how many."""
    return (await writer.execute(CLEAN, {"before": before, "most": most})).rowcount


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for what somebody may see: a partner what is told to its own endpoints, a member nothing."""
    if scope.program_id is not None:
        query = query.where(_o.program_id == scope.program_id)
    if scope.partner_id is not None:
        mine = webhooks.in_scope(select(t.webhook_endpoint.c.id), scope)
        query = query.where(_o.endpoint_id.in_(mine))
    return query if scope.member_id is None else query.where(false())


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[Delivery | None]:
    """The deliveries with these ids, in their order; None for one that the scope does not show."""
    found = {row.id: delivery_of(row) for row in await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})}
    return [found.get(each) for each in ids]


def listing(scope: Scope, filter: DeliveryFilter) -> Listing[Delivery]:
    """The deliveries of a list, the newest first."""
    query = in_scope(ROWS, scope)
    if filter.program is not None:
        query = query.where(_o.program_id.in_(select(t.program.c.id).where(t.program.c.code == filter.program)))
    if filter.endpoint_id is not None:
        query = query.where(_o.endpoint_id == filter.endpoint_id)
    if filter.kind is not None:
        query = query.where(_o.kind == filter.kind)
    if filter.status:
        query = query.where(_o.status.in_(filter.status))
    return Listing(query, Order((_o.id,), descending=True), delivery_of)


def delivery_of(row: Row[Any]) -> Delivery:
    """A delivery from its row, also from one that was read without SQLAlchemy's types."""
    return Delivery(
        id=row.id, message_id=row.message_id, kind=DeliveryKind(row.kind), program_id=row.program_id,
        endpoint_id=row.endpoint_id, type=row.type, body=row.body, status=DeliveryStatus(row.status),
        attempts=row.attempts, due_at=row.due_at, created_at=row.created_at, finished_at=row.finished_at,
        problem=row.problem,
    )  # fmt: skip
