"""A worker that is killed when all is written but what its partners' blocks have left: nothing stays, and nothing is paid twice."""

import asyncio
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path

from domain.partner_transactions import PartnerTransactionKind
from domain.services import batch_runs
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.services.verify import verify
from domain.store import locks
from domain.store.database import Database
from tests.faults.grounds import Ground, kill, with_queue
from tests.support.stock import a_hotel
from tests.support.transactions import until_waiting

DEBIT = PartnerTransactionKind.ACCRUAL_DEBIT


async def test_a_worker_killed_while_it_waits_for_a_block(fresh_database: Database, tmp_path: Path) -> None:
    hotel = await a_hotel(Desk(fresh_database, EnginePrograms()))
    block = await hotel.block(150)
    for _ in range(20):
        await hotel.record(queue=True)
    made = Ground(hotel, [hotel.member], 0, with_queue(fresh_database), tmp_path)
    run = await made.begin()
    async with AsyncExitStack() as stack:
        writer = await stack.enter_async_context(fresh_database.rehearse())
        await locks.blocks(writer, [block.id])
        first = made.worker()
        await asyncio.wait_for(_until_waiting(fresh_database), 180)
        kill(first)
    assert await hotel.queued() == 20
    assert await hotel.left(block) == 150
    assert await hotel.postings(DEBIT) == []

    second = made.worker()
    await made.until_done()
    await batch_runs.settled(fresh_database, run.id)
    kill(second)

    assert await hotel.left(block) == 0
    assert sum(points for _, _, points in await hotel.postings(DEBIT)) == 150
    assert (await hotel.balance()).available == Decimal(150)
    run = await batch_runs.batch_run(fresh_database, run.id)
    assert (run.processed, run.rejected) == (15, 5)
    assert [finding.invariant.name async for finding in verify(fresh_database) if finding.violations] == []


async def _until_waiting(database: Database) -> None:
    while True:
        try:
            await until_waiting(database)
        except AssertionError:
            continue
        return
