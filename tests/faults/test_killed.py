"""Workers that are killed in the middle of a chunk: nothing of it stays, and whoever is left or comes later works it."""

import asyncio
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path

from sqlalchemy import text

from domain.commands.programs import SettingsChange
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.services import batch_runs
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.services.verify import verify
from domain.store.database import Database
from tests.faults.grounds import Ground, by_hand, ground, kill, until, with_queue
from tests.support.transactions import a_stage

LAPSE = text("update job set claimed_until = clock_timestamp(), next_run_at = clock_timestamp() where kind = 'EXPIRY'")
"""As if ten minutes had passed: then the claim of a worker that is no more has lapsed."""


async def test_one_worker_killed_in_the_middle_of_a_chunk_and_then_all_of_them(
    fresh_database: Database, tmp_path: Path
) -> None:
    async with ground(fresh_database, tmp_path) as made:
        run = await made.begin()
        first, second = made.worker(), made.worker()
        async with AsyncExitStack() as later:
            async with made.shared(2):
                kill(first)
                locking = asyncio.create_task(made.lock(later))
                await made.until_waiting(3)
            await locking
            worked = await made.worked()
            await made.until_waiting(1)
            kill(second)
        assert 0 < worked < made.size
        assert (await batch_runs.batch_run(fresh_database, run.id)).worked == worked
        made.worker()
        await made.until_done()
        await made.check(run)


async def test_the_scheduler_killed_in_the_middle_of_a_job(fresh_database: Database, tmp_path: Path) -> None:
    policy = ExpiryPolicy(ExpiryKind.PERIOD, length=1, unit=PeriodUnit.MONTH)
    stage = await a_stage(Desk(fresh_database, EnginePrograms()), settings=SettingsChange(expiry=policy))
    await stage.earn(30, transaction_date=date(2026, 1, 10))
    made = Ground(stage, [stage.member], 0, with_queue(fresh_database), tmp_path)
    first = made.worker()
    async with made.caught(1, "lot_use"):
        kill(first)
    assert await stage.recorded() == 1
    async with fresh_database.write() as writer:
        await writer.execute(LAPSE)
    second = made.worker()

    async def written_down() -> bool:
        return await stage.recorded() == 2

    await until(written_down)
    kill(second)
    assert (await stage.balance()).expired == 30
    assert [finding.invariant.name async for finding in verify(fresh_database) if finding.violations] == []


async def test_two_who_start_at_once_share_one_run(fresh_database: Database, tmp_path: Path) -> None:
    async with ground(fresh_database, tmp_path) as made:
        code = made.stage.program.code
        both = [made.worker("process", "--program", code) for _ in range(2)]
        async with made.caught(2):
            run = await made.begin()
        codes = await asyncio.gather(*(asyncio.to_thread(each.wait) for each in both))
        assert codes == [0, 0]
        await made.check(run)
        run = await batch_runs.batch_run(fresh_database, run.id)
        assert len(run.workers) == 2


@by_hand
async def test_killed_over_and_over_at_any_moment(fresh_database: Database, tmp_path: Path) -> None:
    async with ground(fresh_database, tmp_path, members=400, each=25) as made:
        run = await made.begin()
        before = -1
        while await made.stage.queued():
            worker = made.worker()

            async def further(before: int = before) -> bool:
                return await made.worked() > before

            await until(further)
            before = await made.worked()
            kill(worker)
        await made.check(run)
