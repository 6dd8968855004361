"""Telling workers that something waits, from a process that is none: a message after the commit, at most a few a second.

Nobody waits for it, and one that is lost is made up for by the schedule.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from dramatiq import Broker, Message

QUIET_SECONDS = 0.25
"""So long after a message about a program there is no other."""

QUEUE = "milepost"
"""The queue of the messages."""

PROCESS_QUEUE = "process_queue"
"""What a worker calls the work on a program's queue."""

log = logging.getLogger(__name__)


class Nudger:
    """Sends messages in a thread of its own, to which the broker's connection belongs."""

    def __init__(self, broker: Broker, queue: str = QUEUE) -> None:
        self._broker = broker
        self._queue = queue
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="nudges")
        self._quiet: dict[int, asyncio.TimerHandle] = {}
        self._again: set[int] = set()

    def __call__(self, program_id: int) -> None:
        """Tell workers about a program; what comes shortly after is told once more, when it has been quiet for a moment."""
        if program_id in self._quiet:
            self._again.add(program_id)
        else:
            self._send(program_id)

    def _send(self, program_id: int) -> None:
        loop = asyncio.get_running_loop()
        self._quiet[program_id] = loop.call_later(QUIET_SECONDS, self._go_on, program_id)
        loop.run_in_executor(self._thread, self._enqueue, program_id)

    def _go_on(self, program_id: int) -> None:
        del self._quiet[program_id]
        if program_id in self._again:
            self._again.discard(program_id)
            self._send(program_id)

    def _enqueue(self, program_id: int) -> None:
        try:
            self._broker.declare_queue(self._queue)
            self._broker.enqueue(Message(self._queue, PROCESS_QUEUE, (program_id,), {}, {}))
        except Exception as error:  # noqa: BLE001 - the schedule will find it
            log.warning("could not nudge a worker: %s", str(error).partition("\n")[0])

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Until the end of the block; what is on its way is sent, what waits in line is left to the schedule."""
        try:
            yield
        finally:
            for timer in self._quiet.values():
                timer.cancel()
            await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
            await asyncio.to_thread(self._broker.close)
