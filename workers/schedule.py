"""The schedule: every few seconds it looks what waits in the database, and nudges workers to do it.

Any number of schedules may run: a job is claimed by one of them, and a nudge too many does no harm.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from dramatiq import Actor

from domain.services import jobs
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
    run_job: Actor[[str, str], None]
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
    """Nudge once for every program with something waiting, and for every job that is due."""
    async with work.database.read() as reader:
        waiting = await queue.waiting_programs(reader)
    for program_id in waiting:
        if program_id not in work.busy:
            await nudges.send(nudges.process_queue, program_id)
    for job in await jobs.claim_due(work.database):
        await nudges.send(nudges.run_job, job.kind.value, job.program)
