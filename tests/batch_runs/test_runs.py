"""Runs of the batch engine: counted in the commits that work, shared by workers, stopped between chunks, gone on with."""

import asyncio
from contextlib import aclosing
from decimal import Decimal

import pytest

from domain.batch_runs import BatchRun, BatchRunEnded, BatchRunState
from domain.commands.batch_runs import BatchStart, BatchStop
from domain.people import ENGINE, Principal, Role
from domain.problems import NotFound
from domain.services import batch, batch_runs
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.services.verify import verify
from domain.store import queue
from domain.store.database import Database
from domain.transactions import SubStatus, Type
from tests.support.factories import result_of
from tests.support.members import a_member, by_number
from tests.support.refusals import problems_of
from tests.support.transactions import PATIENCE_S, Stage, a_stage, holding
from workers.work import Work

OWED = SubStatus.INSUFFICIENT_POINTS
GIVEN = SubStatus.NO_PROMOTIONS_QUALIFIED


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await a_stage(Desk(database, EnginePrograms()))


async def queue_for(stage: Stage, members: int, each: int = 1) -> None:
    """So many members with so many purchases each."""
    for _ in range(members):
        member = await a_member(stage.database, stage.program)
        for _ in range(each):
            await stage.record(member=by_number(member), queue=True)


async def started(stage: Stage, actor: Principal = ENGINE) -> BatchRun:
    return result_of(await batch_runs.batch_start(stage.database, actor, BatchStart(program=stage.program.code)))


async def stopped(stage: Stage, run: BatchRun) -> BatchRun:
    return result_of(await batch_runs.batch_stop(stage.database, ENGINE, BatchStop(id=run.id)))


async def now(stage: Stage, run: BatchRun) -> BatchRun:
    return await batch_runs.batch_run(stage.database, run.id)


async def work(stage: Stage, run: BatchRun, worker: str = "one") -> int:
    """What a worker does of a run until there is nothing left for it."""
    done = 0
    async for progress in batch_runs.work(stage.database, stage.desk.programs, run, worker):
        done = progress.total
    return done


async def invariants_hold(database: Database) -> bool:
    return [found.invariant.name async for found in verify(database) if found.violations] == []


async def test_a_run_counts_what_it_works_by_outcome_and_is_done_when_nothing_waits(stage: Stage) -> None:
    await queue_for(stage, 3)
    await stage.record(stage.entry(type=Type.REDEMPTION, points=Decimal(1)), queue=True)
    manager = await stage.person(Role.PROGRAM_ADMINISTRATOR)
    run = await started(stage, manager)
    assert (run.state, run.continuous, run.started_by_id) == (BatchRunState.RUNNING, False, manager.person_id)
    assert (run.worked, run.remaining, run.per_second, run.ends_at, run.workers) == (0, 4, None, None, [])
    assert await work(stage, run) == 4
    run = await now(stage, run)
    assert run.state is BatchRunState.DONE
    assert (run.worked, run.processed, run.rejected, run.remaining) == (4, 3, 1, 0)
    assert run.outcomes == {GIVEN: 3, OWED: 1}
    assert [(each.name, each.worked) for each in run.workers] == [("one", 4)]
    assert run.ended_at is not None
    assert run.per_second is not None
    assert run.ends_at is None


async def test_the_next_run_is_a_new_one(stage: Stage) -> None:
    await queue_for(stage, 1)
    first = await started(stage)
    await work(stage, first)
    second = await started(stage)
    assert second.id != first.id
    assert (second.worked, (await now(stage, first)).worked) == (0, 1)


async def test_of_two_who_start_at_once_one_begins_the_run_and_the_other_is_told_that_it_runs(stage: Stage) -> None:
    await queue_for(stage, 2)
    command = BatchStart(program=stage.program.code)
    receipts = await asyncio.gather(*(batch_runs.batch_start(stage.database, ENGINE, command) for _ in range(4)))
    assert len({result_of(receipt).id for receipt in receipts}) == 1
    assert sorted(receipt.replayed for receipt in receipts) == [False, True, True, True]


async def test_workers_share_a_run_and_every_transaction_is_worked_once(fresh_database: Database) -> None:
    stage = await a_stage(Desk(fresh_database, EnginePrograms()))
    await queue_for(stage, 40, each=3)
    run = await started(stage)
    worked = await asyncio.gather(*(work(stage, run, name) for name in ("one", "two", "three")))
    run = await now(stage, run)
    assert sum(worked) == run.worked == 120
    assert {each.name: each.worked for each in run.workers} == {
        name: count for name, count in zip(("one", "two", "three"), worked, strict=True) if count
    }
    assert run.state is BatchRunState.DONE
    assert await invariants_hold(stage.database)


async def test_who_finds_a_chunk_taken_goes_on_elsewhere_and_leaves_what_others_hold(stage: Stage) -> None:
    await queue_for(stage, 5)
    async with stage.database.read() as reader:
        members = sorted({row.member_id for row in await queue.upcoming(reader, stage.program.id, 0, 100)})
    run = await started(stage)
    async with holding(stage.database, members=members[:4]):
        assert await work(stage, run) == 1
    assert ((await now(stage, run)).state, (await now(stage, run)).remaining) == (BatchRunState.RUNNING, 4)
    assert await work(stage, run) == 4


async def test_a_round_that_begins_in_the_middle_comes_to_all(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await queue_for(stage, 6)
    async with stage.database.read() as reader:
        members = sorted({row.member_id for row in await queue.upcoming(reader, stage.program.id, 0, 100)})

    async def in_the_middle(_: batch.Batch) -> int:
        return int(members[2])

    monkeypatch.setattr(batch.Batch, "anywhere", in_the_middle)
    run = await started(stage)
    async with holding(stage.database, members=members[1:5]):
        assert await work(stage, run) == 2
    assert await stage.queued() == 4


async def test_a_stopped_run_holds_the_queue_and_goes_on_exactly_where_it_was(stage: Stage) -> None:
    await queue_for(stage, 90, each=10)
    run = await started(stage)
    async with aclosing(batch_runs.work(stage.database, stage.desk.programs, run, "one")) as chunks:
        first = (await anext(chunks)).total
    assert first == 790  # the first 800, but for the member whose transactions they would tear apart
    await queue_for(stage, 2)
    run = await stopped(stage, run)
    assert (run.state, run.worked, run.failure) == (BatchRunState.STOPPED, first, None)
    assert await work(stage, run) == 0
    await Work(stage.database).process_queue(stage.program.id)
    assert await stage.queued() == 902 - first
    again = await started(stage)
    assert (again.id, again.state, again.worked) == (run.id, BatchRunState.RUNNING, first)
    assert again.remaining == 902 - first
    assert await work(stage, again) == 902 - first
    run = await now(stage, run)
    assert (run.state, run.worked) == (BatchRunState.DONE, 902)


async def test_to_stop_is_to_wait_for_the_chunk_in_hand_and_nothing_is_committed_after_it(stage: Stage) -> None:
    await queue_for(stage, 2)
    run = await started(stage)
    async with stage.database.read() as reader:
        ids = [row.transaction_id for row in await queue.upcoming(reader, stage.program.id, 0, 100)]
    async with holding(stage.database, transactions=ids[1:]):
        working = asyncio.create_task(work(stage, run))
        await until_state_is_shared(stage, run)
        stopping = asyncio.create_task(stopped(stage, run))
        await until(stage, run, BatchRunState.STOPPING)
        assert not stopping.done()
    assert (await stopping).state is BatchRunState.STOPPED
    assert (await stopping).worked == 2
    assert await working == 2


async def until_state_is_shared(stage: Stage, run: BatchRun) -> None:
    """Returns when a chunk of the run is in hand."""
    asked = (
        "select count(*) from pg_locks where locktype = 'advisory' and classid = 2"
        f" and objid = {run.id} and database = (select oid from pg_database where datname = current_database())"
    )
    async with asyncio.timeout(PATIENCE_S), stage.database.read() as reader:
        while not (await reader.exec_driver_sql(asked)).scalar_one():  # noqa: ASYNC110 - the database knows
            await asyncio.sleep(0.002)


async def until(stage: Stage, run: BatchRun, state: BatchRunState) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while (await now(stage, run)).state is not state:  # noqa: ASYNC110 - the database knows
            await asyncio.sleep(0.002)


async def test_a_run_that_is_done_cannot_be_stopped_and_one_of_others_does_not_exist(stage: Stage) -> None:
    await queue_for(stage, 1)
    run = await started(stage)
    await work(stage, run)
    [problem] = await problems_of(batch_runs.batch_stop(stage.database, ENGINE, BatchStop(id=run.id)))
    assert isinstance(problem, BatchRunEnded)
    assert problem.path == ("input", "id")
    elsewhere = await (await a_stage(stage.desk)).person(Role.PROGRAM_ADMINISTRATOR)
    [hidden] = await problems_of(batch_runs.batch_stop(stage.database, elsewhere, BatchStop(id=run.id)))
    [unknown] = await problems_of(
        batch_runs.batch_start(stage.database, elsewhere, BatchStart(program=stage.program.code))
    )
    assert isinstance(hidden, NotFound)
    assert isinstance(unknown, NotFound)


async def test_workers_begin_a_run_by_themselves_which_stays_open_for_a_minute(stage: Stage) -> None:
    worker = Work(stage.database)
    await worker.process_queue(stage.program.id)
    assert await batch_runs.joined(stage.database, stage.program.id) is None
    await queue_for(stage, 2)
    await worker.process_queue(stage.program.id)
    await queue_for(stage, 1)
    run = await batch_runs.joined(stage.database, stage.program.id)
    assert run is not None
    assert (run.continuous, run.state, run.worked, run.remaining) == (True, BatchRunState.RUNNING, 2, 1)
    await worker.process_queue(stage.program.id)
    assert ((await now(stage, run)).state, (await now(stage, run)).worked) == (BatchRunState.RUNNING, 3)


async def test_a_run_that_meets_what_nobody_expected_has_failed_and_is_tried_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queue_for(stage, 1)
    run = await started(stage)

    async def broken(*_: object) -> None:
        raise RuntimeError("of 4711 points")

    with monkeypatch.context() as patch:
        patch.setattr(batch.Batch, "upcoming", broken)
        with pytest.raises(RuntimeError):
            await work(stage, run)
    run = await now(stage, run)
    assert (run.state, run.failure) == (BatchRunState.FAILED, "RuntimeError: see the worker's log")
    async with stage.database.read() as reader:
        assert stage.program.id not in await queue.waiting_programs(reader)
    again = await batch_runs.joined(stage.database, stage.program.id)
    assert again is not None
    assert (again.id, again.state, again.failure) == (run.id, BatchRunState.RUNNING, None)
    assert await work(stage, again) == 1


async def test_a_failed_run_can_be_stopped_so_that_nobody_tries_it_again(stage: Stage) -> None:
    await queue_for(stage, 1)
    run = await started(stage)
    await batch_runs._fail(stage.database, run.id, RuntimeError())
    assert (await stopped(stage, run)).state is BatchRunState.STOPPED
    assert await batch_runs.joined(stage.database, stage.program.id) is None


async def test_more_counted_than_processed_is_found(fresh_database: Database) -> None:
    stage = await a_stage(Desk(fresh_database, EnginePrograms()))
    await queue_for(stage, 2)
    run = await started(stage)
    await work(stage, run)
    assert await invariants_hold(fresh_database)
    async with fresh_database.write() as writer:
        await writer.exec_driver_sql("update batch_count set count = count + 1")
    [broken] = [found async for found in verify(fresh_database) if found.violations]
    [violation] = broken.violations
    assert (broken.invariant.name, violation.expected, violation.found) == ("runs", "at most 2", "3")
