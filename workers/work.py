"""What a worker does when it is told to: work a program's queue, or run a job, with the database its tasks share.

All of it lives in one event loop. Being told twice, or for nothing, is normal: what there is to do is in the database.
"""

import asyncio
import logging
import time
from contextlib import aclosing, suppress

from domain.jobs import JobKind
from domain.services import batch, jobs
from domain.services.engine_programs import EnginePrograms
from domain.store.database import Database

TURN_SECONDS = 30
"""How long one program is worked before the others have their turn."""

log = logging.getLogger(__name__)


class Work:
    """Until `stop`. A program is worked by one task of this process: others would only wait for the same processor."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.programs = EnginePrograms()
        self.busy: set[int] = set()
        self.stopping = False
        self._woken = asyncio.Event()

    async def process_queue(self, program_id: int) -> None:
        """Work a program's queue until it is empty, or its turn is over."""
        if self.stopping or program_id in self.busy:
            return
        self.busy.add(program_id)
        try:
            await self._take_turn(program_id)
        finally:
            self.busy.discard(program_id)

    async def run_job(self, kind: str, program: str) -> None:
        """Run a job that the schedule has claimed."""
        if not self.stopping:
            job = JobKind(kind), program
            result = await jobs.perform(self.database, self.programs, *job, lambda: not self.stopping)
            log.info("job %s of %s: %s", kind, program, result or "not finished")

    def stop(self) -> None:
        """Begin nothing more, and end after the chunk at hand."""
        self.stopping = True
        self._woken.set()

    async def rest(self, seconds: float) -> None:
        """Wait, unless a turn has ended with work left, or it is time to stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        if not self.stopping:
            self._woken.clear()

    async def _take_turn(self, program_id: int) -> None:
        ends = time.monotonic() + TURN_SECONDS
        done = 0
        async with aclosing(batch.work(self.database, self.programs, program_id)) as chunks:
            async for progress in chunks:
                done = progress.total
                if self.stopping or time.monotonic() > ends:
                    self._woken.set()
                    break
        if done:
            log.info("worked %d transactions of program %d", done, program_id)
