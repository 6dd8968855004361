"""The batch engine: each member's transactions in the order of their dates, whatever is in the way of some of them."""

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal

import pytest
import pytest_asyncio
from sqlalchemy import text

from domain.engine import Outcome
from domain.promotions import AppliesToTransaction
from domain.services import batch
from domain.services.batch import Batch, Progress
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store import queue
from domain.store.database import Database
from domain.transactions import Status, SubType, Type
from tests.support.members import a_member, by_number
from tests.support.promotions import a_promotion, gives
from tests.support.transactions import Stage, a_stage, holding


async def worked(stage: Stage) -> Progress:
    """The progress at the end of a run."""
    progress = Progress()
    async for done in batch.work(stage.database, stage.desk.programs, stage.program.id):
        progress = done
    return progress


async def queued(stage: Stage, *dollars: int) -> list[int]:
    return [(await stage.record(stage.entry(amount=Decimal(each)), queue=True)).id for each in dollars]


async def in_order_of_work(stage: Stage) -> list[int]:
    statement = text("select id from transaction where status = 'PROCESSED' order by processed_at, id")
    async with stage.database.read() as reader:
        return list((await reader.execute(statement)).scalars())


@pytest_asyncio.fixture
async def picky(fresh_database: Database) -> AsyncIterator[Stage]:
    """A stage whose database refuses lots of 13 points."""
    async with fresh_database.write() as writer:
        await writer.execute(text("alter table lot add constraint unlucky check (points <> 13)"))
    desk = Desk(fresh_database, EnginePrograms())
    yield await a_stage(desk)
    await desk.close()


async def test_a_member_who_is_busy_for_half_a_chunk_is_worked_in_order_later(
    picky: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await a_member(picky.database, picky.program)
    mine = await queued(picky, 1, 2, 3)
    await picky.record(picky.entry(amount=Decimal(13)), member=by_number(other), queue=True)
    commit, chunks = Batch.commit, []

    async def contended(self: Batch, rows: Sequence[queue.Key], incident: str | None = None) -> list[Outcome]:
        chunks.append([row[3] for row in rows])
        if chunks[1:] != [mine[:2]]:
            return await commit(self, rows, incident)
        async with holding(picky.database, members=[picky.member.id]):
            return await commit(self, rows, incident)

    monkeypatch.setattr(Batch, "commit", contended)
    progress = await worked(picky)
    assert chunks[:2] == [[*mine, mine[-1] + 1], mine[:2]]
    assert await in_order_of_work(picky) == mine
    assert (progress.processed, progress.by_sub_status["ENGINE_ERROR"]) == (3, 1)
    assert await picky.queued() == 0


async def test_what_an_outage_interrupts_stays_queued(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    [transaction] = await queued(stage, 10)
    with monkeypatch.context() as broken:

        def unreachable(database: Database) -> None:
            raise ConnectionRefusedError

        broken.setattr(Database, "write", unreachable)
        assert (await worked(stage)).total == 0
    assert await stage.status(transaction) is Status.QUEUED
    assert (await worked(stage)).processed == 1
    assert (await stage.balance()).available == 10


async def test_what_follows_from_a_redemption_is_not_counted_as_work(stage: Stage) -> None:
    rewarded = (AppliesToTransaction(Type.REDEMPTION, SubType.PRODUCT),)
    await a_promotion(stage.database, stage.program, gives(2), applies_to=rewarded)
    await stage.earn(10)
    await stage.record(stage.entry(type=Type.REDEMPTION, points=Decimal(4)), queue=True)
    progress = await worked(stage)
    assert (progress.processed, progress.rejected, progress.by_sub_status) == (1, 0, {"SUCCESS": 1})
    assert (await stage.balance()).available == 8
