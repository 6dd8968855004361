"""What a worker does when it is told to: work a program's queue, or run a job, with the database its tasks share.

All of it lives in one event loop. Being told twice, or for nothing, is normal: what there is to do is in the database. Every
process also looks there by itself, so that work goes on without a broker.
"""

import asyncio
import logging
import time
from contextlib import aclosing, suppress

from domain.batch_runs import BatchRun
from domain.services import batch_runs, jobs
from domain.services.engine_programs import EnginePrograms
from domain.store.database import Database
from domain.store.failures import is_passing

THREADS = 4
"""How many programs and jobs one process works at once; the processor is the limit, not they."""

CHUNKS = 2
"""Chunks of one program that are in hand at once: one is computed while the other waits for the database."""

TURN_SECONDS = 30
"""How long one program is worked before the others have their turn."""

log = logging.getLogger(__name__)


class Work:
    """Until `stop`. A program is worked by one task of this process: others would only wait for the same processor."""

    def __init__(self, database: Database, most: int = THREADS, chunks: int = CHUNKS) -> None:
        self.database = database
        self.most = most
        self.chunks = chunks
        self.programs = EnginePrograms()
        self.busy: set[int] = set()
        self.stopping = False
        self._again: set[int] = set()
        self._begun: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()

    def begin(self, program_id: int) -> None:
        """Work a program's queue beside everything else, unless this process works on it or on enough others."""
        if not self.stopping and program_id not in self.busy and len(self.busy) < self.most:
            task = asyncio.create_task(self._try_queue(program_id))
            self._begun.add(task)
            task.add_done_callback(self._begun.discard)

    async def _try_queue(self, program_id: int) -> None:
        try:
            await self.process_queue(program_id)
        except Exception as error:
            if is_passing(error):
                log.warning("could not work program %d: %s", program_id, str(error).partition("\n")[0])
            else:
                log.exception("could not work program %d", program_id)

    async def process_queue(self, program_id: int) -> None:
        """Work a program's queue until it is empty, or its turn is over."""
        if program_id in self.busy:
            self._again.add(program_id)
            return
        self.busy.add(program_id)
        try:
            await self._take_turns(program_id)
        finally:
            self.busy.discard(program_id)

    async def run_job(self, name: str) -> None:
        """Run a job that the schedule has claimed."""
        if not self.stopping:
            result = await jobs.perform(self.database, self.programs, name, lambda: not self.stopping)
            # Some are due every minute, in every program: what finds nothing is for those who look closely.
            level = logging.DEBUG if result == jobs.NOTHING else logging.INFO
            log.log(level, "job %s: %s", name, result or "not finished here")

    def stop(self) -> None:
        """Begin nothing more, and end after the chunk at hand."""
        self.stopping = True
        self._woken.set()

    async def finish(self) -> None:
        """Return when all that was begun has ended."""
        await asyncio.gather(*self._begun)

    async def rest(self, seconds: float) -> None:
        """Wait, unless a turn has ended with work left, or it is time to stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        if not self.stopping:
            self._woken.clear()

    async def _take_turns(self, program_id: int) -> None:
        """Who was told of more meanwhile looks again: what he found empty may not be so any more."""
        told = True
        while told and not self.stopping:
            self._again.discard(program_id)
            await self._take_turn(program_id)
            told = program_id in self._again

    async def _take_turn(self, program_id: int) -> None:
        run = await batch_runs.joined(self.database, program_id)
        if run is None:
            return
        ends = time.monotonic() + TURN_SECONDS
        done = sum(await asyncio.gather(*(self._lane(run, ends, lane > 0) for lane in range(self.chunks))))
        if done:
            log.info("worked %d transactions of program %d for run %d", done, program_id, run.id)

    async def _lane(self, run: BatchRun, ends: float, apart: bool) -> int:
        """Chunk after chunk until there is nothing left, or the turn is over; how many transactions it worked."""
        done = 0
        async with aclosing(batch_runs.work(self.database, self.programs, run, apart=apart)) as chunks:
            async for progress in chunks:
                done = progress.total
                if self.stopping or time.monotonic() > ends:
                    self._woken.set()
                    break
        return done
