"""What a delivering worker asks of the database: messages under a lease, and a place for what became of them.

Nothing is delivered inside a unit of work: a message is claimed in one, delivered, and its fate recorded in another. Who dies in
between leaves it to come up again when the lease has run out, so that it may be delivered twice, and never not at all.
"""

from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.deliveries import Delivery
from domain.people import Scope
from domain.services import figures
from domain.store import deliveries as store
from domain.store import webhooks
from domain.store.database import Database, Writer
from domain.store.deliveries import Address, Failure
from domain.webhooks import PATIENCE, OffBecause, rest, retry_after

LEASE = timedelta(minutes=5)
"""How long a claimed message is left to whoever claimed it: longer than all attempts of a batch together."""

MOST = 100
"""How many messages are claimed at once: all emails together, or of one endpoint."""

KEPT = timedelta(days=30)
"""How long messages can be listed and replayed."""

CLEANED = 5_000
EVERYWHERE = Scope()


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that are due for one endpoint, in the order in which they were due."""

    endpoint_id: int
    address: Address
    messages: Sequence[Delivery]


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt that failed. `for_good`: trying again would change nothing."""

    delivery: Delivery
    problem: str
    for_good: bool = False


@dataclass(slots=True)
class Fate:
    """What became of claimed messages. `gone`: the endpoint answered that it is no more."""

    delivered: list[Delivery] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    untried: list[Delivery] = field(default_factory=list)
    gone: bool = False


async def claim_emails(database: Database) -> list[Delivery]:
    """The emails that are due, for this caller alone as long as the lease lasts."""
    async with database.write() as writer:
        now = await database.now(writer)
        return await store.claim_emails(writer, now, now + LEASE, MOST)


async def claim_webhooks(database: Database, busy: Collection[int], endpoints: int) -> list[Batch]:
    """The messages that are due for some endpoints that are not busy, for this caller alone as long as the lease lasts."""
    async with database.write() as writer:
        now = await database.now(writer)
        found = await store.claim_webhooks(writer, now, now + LEASE, busy=busy, endpoints=endpoints, most=MOST)
        batches: dict[int, list[Delivery]] = {}
        for each in sorted(found, key=lambda each: each.id):
            assert each.endpoint_id is not None
            batches.setdefault(each.endpoint_id, []).append(each)
        addresses = await store.addresses(writer, batches, now) if batches else {}
        return [Batch(key, addresses[key], mine) for key, mine in batches.items()]


async def record(database: Database, fate: Fate) -> None:
    """Say what became of emails."""
    async with database.write() as writer:
        await _record(writer, fate, await database.now(writer))


async def record_of_endpoint(database: Database, endpoint_id: int, fate: Fate) -> None:
    """Say what became of an endpoint's messages: where nothing got through it rests, and in the end is switched off."""
    async with database.write() as writer:
        now = await database.now(writer)
        await _record(writer, fate, now)
        if fate.gone:
            await _switch_off(writer, endpoint_id, OffBecause.GONE)
        elif fate.delivered:
            await store.well(writer, endpoint_id)
        elif fate.failed:
            await _nothing_got_through(writer, endpoint_id, now)


async def clean(database: Database) -> AsyncGenerator[int, None]:
    """Remove what is older than anybody may replay; yields how many messages were removed so far."""
    removed, count = 0, CLEANED
    while count == CLEANED:
        async with database.write() as writer:
            count = await store.clean(writer, await database.now(writer) - KEPT, CLEANED)
        removed += count
        if count:
            yield removed


async def _record(writer: Writer, fate: Fate, now: datetime) -> None:
    for each in fate.delivered:
        figures.DELIVERIES.labels(each.kind.value.lower(), "delivered").inc()
    for failure in fate.failed:
        figures.DELIVERIES.labels(failure.delivery.kind.value.lower(), "failed").inc()
    await store.delivered(writer, fate.delivered, now)
    await store.failed(writer, list(_failures(fate.failed, now)), now)
    await store.release(writer, fate.untried, now)


def _failures(failed: Iterable[Failed], now: datetime) -> Iterable[Failure]:
    for each in failed:
        wait = None if each.for_good else retry_after(each.delivery.attempts + 1, each.delivery.id)
        yield Failure(each.delivery, each.problem, None if wait is None else now + wait)


async def _nothing_got_through(writer: Writer, endpoint_id: int, now: datetime) -> None:
    state = await store.ill(writer, endpoint_id, now)
    if state is None:
        return
    failures, since = state
    if now - since >= PATIENCE:
        await _switch_off(writer, endpoint_id, OffBecause.FAILING)
    else:
        await store.rest(writer, endpoint_id, now + rest(failures))


async def _switch_off(writer: Writer, endpoint_id: int, why: OffBecause) -> None:
    endpoint = await webhooks.lock(writer, EVERYWHERE, endpoint_id)
    if endpoint is not None and endpoint.active:
        await webhooks.change(writer, replace(endpoint, active=False, off_because=why))
