"""A worker with each broker: what is queued is worked without a word to anybody, and messages too many do no harm."""

import asyncio
from decimal import Decimal

import pytest

from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.services.verify import verify
from domain.store.database import Database
from domain.transactions import Status, SubStatus, Type
from tests.support.members import a_member, by_number
from tests.support.transactions import Stage, a_stage
from tests.workers.conftest import Place
from workers import broker as brokers
from workers.work import Work
from workers.worker import declare, working

PATIENCE_S = 180


async def until_worked(*stages: Stage) -> None:
    """Return when nothing of these programs waits."""
    async with asyncio.timeout(PATIENCE_S):
        while [stage for stage in stages if await stage.queued()]:  # noqa: ASYNC110 - the worker is a stranger
            await asyncio.sleep(0.05)


async def broken(database: Database) -> list[str]:
    """The invariants of the ledger that do not hold."""
    return [finding.invariant.name async for finding in verify(database) if finding.violations]


async def test_what_is_queued_is_worked_by_itself(place: Place) -> None:
    database = Database(place.database_url)
    desk = Desk(database, EnginePrograms())
    first, second = await a_stage(desk), await a_stage(desk)
    members = [first.member, *[await a_member(database, first.program) for _ in range(4)]]
    for member in members * 4:
        await first.record(member=by_number(member), queue=True)
    short = await second.record(second.entry(type=Type.REDEMPTION, points=Decimal(1)), queue=True)
    with working(place.database_url, place.broker_url, queue=place.queue):
        await until_worked(first, second)
        late = await first.record(queue=True)
        await until_worked(first)
    refused = await second.stored(short)
    assert refused is not None
    assert (refused.status, refused.sub_status) == (Status.REJECTED_ENGINE, SubStatus.INSUFFICIENT_POINTS)
    assert await first.status(late) is Status.PROCESSED
    assert await broken(database) == []
    await database.close()


async def test_nudges_doubled_or_for_nothing_change_nothing(place: Place) -> None:
    database = Database(place.database_url)
    stage = await a_stage(Desk(database, EnginePrograms()))
    broker = brokers.connect(place.broker_url)
    nudges = declare(broker, Work(database), place.queue)
    for _ in range(30):
        await stage.record(queue=True)
        await nudges.send(nudges.process_queue, stage.program.id)
    await nudges.send(nudges.process_queue, 2**40)
    await nudges.send(nudges.run_job, "EXPIRY NOWHERE")
    with working(place.database_url, place.broker_url, queue=place.queue):
        await until_worked(stage)
    assert (await stage.balance()).available == 300
    assert await stage.recorded() == 30
    assert await broken(database) == []
    broker.close()
    await database.close()


async def test_a_worker_that_is_stopped_keeps_what_it_has_done_and_leaves_the_rest(fresh_database: Database) -> None:
    stage = await a_stage(Desk(fresh_database, EnginePrograms()))
    members = [await a_member(fresh_database, stage.program) for _ in range(3)]
    for member in members:
        await stage.record(member=by_number(member), queue=True)
    work = Work(fresh_database)
    work.stop()
    await work.process_queue(stage.program.id)
    assert await stage.queued() == 3
    await Work(fresh_database).process_queue(stage.program.id)
    assert await stage.queued() == 0


async def test_one_program_is_worked_once_at_a_time_in_a_process(fresh_database: Database) -> None:
    stage = await a_stage(Desk(fresh_database, EnginePrograms()))
    await stage.record(queue=True)
    work = Work(fresh_database)
    work.busy.add(stage.program.id)
    await work.process_queue(stage.program.id)
    assert await stage.queued() == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://:sesame@127.0.0.1:1/0", "the broker redis://127.0.0.1:1/0 cannot be used: "),
        ("amqp://guest:sesame@127.0.0.1:1/", "the broker amqp://127.0.0.1:1/ cannot be used: "),
    ],
)
def test_a_broker_that_does_not_answer_is_named_without_its_password(url: str, said: str) -> None:
    broker = brokers.connect(url)
    with pytest.raises(brokers.BrokerUnusable) as caught:
        brokers.check(broker, url)
    broker.close()
    assert str(caught.value).startswith(said)
    assert "sesame" not in str(caught.value)


def test_a_database_without_queues_says_how_to_make_them(migrated_url: str) -> None:
    url = migrated_url.replace("+asyncpg", "")
    broker = brokers.connect(url)
    with pytest.raises(brokers.BrokerUnusable, match="it has no queue yet: run `milepost migrate`"):
        brokers.check(broker, url)
    brokers.prepare(broker, url)
    brokers.prepare(broker, url)
    brokers.check(broker, url)
    broker.close()
