"""Runs of the batch engine: begun, taken part in, stopped, and going on exactly where they were.

Any number of workers take part in a run. Who ends one waits for the chunks in hand: after that no chunk of it is committed.
"""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing

from domain.batch_runs import BatchRun, BatchRunEnded, BatchRunState
from domain.commands.batch_runs import BatchStart, BatchStop
from domain.people import Principal
from domain.problems import Refused
from domain.receipts import Receipt
from domain.services import batch
from domain.services.batch import Progress, Share
from domain.services.checks import INPUT, found
from domain.services.engine_programs import EnginePrograms
from domain.store import batch_runs as store
from domain.store import locks, programs, queue
from domain.store.database import Database, Writer
from domain.store.failures import has_waited, is_passing
from domain.values import shown

REST_SECONDS = 0.2
"""How long to wait for what other workers hold."""

WORKER = f"{socket.gethostname()}:{os.getpid()}"
"""How this process is called in a run."""

Answer = Receipt[BatchRun]


async def batch_start(database: Database, actor: Principal, command: BatchStart) -> Answer:
    """Set workers to a program's queue; a run that was stopped or failed goes on. `replayed`: one was running already."""
    async with database.write() as writer:
        program = await programs.find(writer, actor.scope, command.program)
        program_id = found(program, "program", shown(command.program), "program").id
        run, new = await _begun(database, writer, program_id, actor.person_id, continuous=False)
        if run.state is BatchRunState.RUNNING:
            return Receipt(run, replayed=not new)
        await store.resume(writer, run.id, await database.now(writer))
        return Receipt(await store.of_id(writer, run.id))


async def batch_stop(database: Database, actor: Principal, command: BatchStop) -> Answer:
    """End a run after the chunks in hand: STOPPED, or still STOPPING if they take long. Its program's queue is held."""
    async with database.write() as writer:
        [seen] = await store.load_many(writer, actor.scope, [command.id])
        run = await store.lock(writer, found(seen, "batch run", None, "id").id)
        if run.state is BatchRunState.DONE:
            assert run.ended_at is not None
            raise Refused(BatchRunEnded(ended_at=run.ended_at, path=(INPUT, "id")))
        await store.stopping(writer, run.id)
    return Receipt(await settled(database, command.id))


async def batch_run(database: Database, run_id: int) -> BatchRun:
    """A run that is there, as it is counted now."""
    async with database.read() as reader:
        return await store.of_id(reader, run_id)


async def joined(database: Database, program_id: int) -> BatchRun | None:
    """The run of a program for a worker, if need be a new one; None if nothing waits, or while the queue is held."""
    async with database.write() as writer:
        if not await queue.waits(writer, program_id):
            return None
        run, _ = await _begun(database, writer, program_id, None, continuous=True)
        if run.state is BatchRunState.FAILED:
            await store.resume(writer, run.id, await database.now(writer))
        elif run.state is BatchRunState.RUNNING:
            await store.expect(writer, run.id)
        else:
            return None
        return await store.of_id(writer, run.id)


async def _begun(
    database: Database, writer: Writer, program_id: int, started_by_id: int | None, *, continuous: bool
) -> tuple[BatchRun, bool]:
    """The one unfinished run of a program, locked, and whether it is a new one."""
    new = False
    run = await store.lock_unfinished(writer, program_id)
    while run is None:
        now = await database.now(writer)
        new = await store.begin(writer, program_id, started_by_id, now, continuous=continuous)
        run = await store.lock_unfinished(writer, program_id)
    return run, new


async def work(
    database: Database,
    programs: EnginePrograms,
    run: BatchRun,
    worker: str = WORKER,
    progress: Progress | None = None,
    *,
    apart: bool = False,
) -> AsyncGenerator[Progress, None]:
    """Take part in a run as long as there is something for this worker; its own progress after every chunk.

    What nobody can go on from ends the run as FAILED, and is raised.
    """
    chunks = batch.work(database, programs, run.program_id, share=Share(run.id, worker), progress=progress, apart=apart)
    try:
        async with aclosing(chunks):
            async for so_far in chunks:
                yield so_far
    except Exception as error:
        if not is_passing(error):
            await _fail(database, run.id, error)
        raise
    await settled(database, run.id)


async def work_to_the_end(
    database: Database, programs: EnginePrograms, run: BatchRun, worker: str = WORKER
) -> AsyncGenerator[Progress, None]:
    """Take part in a run until its queue is empty or it is stopped, whoever works the rest."""
    progress = Progress()
    while run.state is BatchRunState.RUNNING:
        async with aclosing(work(database, programs, run, worker, progress)) as chunks:
            async for so_far in chunks:
                yield so_far
        run = await batch_run(database, run.id)
        async with database.read() as reader:
            if not await queue.waits(reader, run.program_id):
                return
        await asyncio.sleep(REST_SECONDS)


async def settled(database: Database, run_id: int) -> BatchRun:
    """The run; STOPPED now if it was stopping, DONE if there is nothing left to do, once no chunk of it is in hand.

    If a chunk takes too long it stays as it is: the schedule settles it later.
    """
    async with database.read() as reader:
        to_settle = await store.to_settle(reader, await database.now(reader))
    if run_id in to_settle:
        await _settle(database, run_id)
    return await batch_run(database, run_id)


async def _settle(database: Database, run_id: int) -> None:
    try:
        async with database.write() as writer:
            await locks.patience(writer)
            await locks.run_alone(writer, run_id)
            await store.settle(writer, run_id, await database.now(writer))
    except Exception as error:
        if not has_waited(error):
            raise


async def settle_all(database: Database) -> None:
    """End every run that is to end, whoever has forgotten it."""
    async with database.read() as reader:
        runs = await store.to_settle(reader, await database.now(reader))
    for run_id in runs:
        await _settle(database, run_id)


async def _fail(database: Database, run_id: int, error: Exception) -> None:
    async with database.write() as writer:
        await store.fail(writer, run_id, await database.now(writer), f"{type(error).__name__}: see the worker's log")
