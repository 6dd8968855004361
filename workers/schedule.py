"""The schedule of a process: every few seconds it looks what waits in the database, and takes part in it.

Any number of schedules may run: they share what is queued, and a job is claimed by one of them, which nudges a worker.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from dramatiq import Actor

from domain.services import batch_runs, jobs
from domain.store import queue
from workers.work import Work

LOOK_SECONDS = 2

log = logging.getLogger(__name__)


def _one_thread() -> ThreadPoolExecutor:
    # A connection to RabbitMQ belongs to the thread that opened it.
    return ThreadPoolExecutor(1, thread_name_prefix="nudges")


@dataclass(frozen=True, slots=True)
class Nudges:
    """The messages that workers understand."""

    process_queue: Actor[[int], None]
    run_job: Actor[[str], None]
    thread: ThreadPoolExecutor = field(default_factory=_one_thread)

    async def send(self, actor: Actor[..., Any], *arguments: object) -> None:
        """Hand a message to the broker, whose libraries would block the loop."""
        await asyncio.get_running_loop().run_in_executor(self.thread, actor.send, *arguments)


async def keep(work: Work, nudges: Nudges) -> None:
    """Look for work until it is time to stop, whatever happens to the database or the broker."""
    while not work.stopping:
        try:
            await look(work, nudges)
        except Exception as error:  # noqa: BLE001 - whatever it was, the next look may succeed
            log.warning("could not look for work: %s", str(error).partition("\n")[0])
        await work.rest(LOOK_SECONDS)


async def look(work: Work, nudges: Nudges) -> None:
    """Begin every program with something waiting, whoever else works on it, and nudge a worker for every job that is due."""
    await batch_runs.settle_all(work.database)
    async with work.database.read() as reader:
        waiting = await queue.waiting_programs(reader)
    for program_id in waiting:
        work.begin(program_id)
    for job in await jobs.claim_due(work.database):
        await nudges.send(nudges.run_job, job.name)
