"""A worker process: Dramatiq's threads take messages from the broker, an event loop beside them does the work.

It stops in order: nothing new is begun, the chunks at hand are committed, then connections are closed.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

from dramatiq import Actor, Broker, Worker
from dramatiq.asyncio import EventLoopThread, get_event_loop_thread
from dramatiq.middleware.asyncio import AsyncIO

from domain.store.changes import Bell
from domain.store.database import Database
from workers import broker as brokers
from workers.delivery import Courier, Means
from workers.nudging import QUEUE
from workers.schedule import Nudges, keep
from workers.work import CHUNKS, THREADS, Work

SILENCE_SECONDS = 60
"""So long a worker waits for the database's answer: after that the network between them is cut."""

PATIENCE_MS = 8_000
"""How long a stopping worker waits for its chunks."""


class Shift(AsyncIO):
    """Dramatiq's event loop, with the schedule on it, and the database closed where it was used."""

    def __init__(self, work: Work, means: Means | None) -> None:
        super().__init__()
        self.work = work
        self.means = means
        self._bell = work.database.committed = Bell(work.database)
        self.nudges: Nudges | None = None
        self._schedule: Future[None] | None = None
        self._courier: Courier | None = None
        self._delivery: Future[None] | None = None

    def after_worker_boot(self, broker: Broker, worker: Worker) -> None:
        assert self.nudges is not None
        self._schedule = asyncio.run_coroutine_threadsafe(keep(self.work, self.nudges), _loop().loop)
        if self.means is not None:
            self._courier = Courier(self.work.database, self.means)
            self._delivery = asyncio.run_coroutine_threadsafe(self._courier.keep(), _loop().loop)

    def before_worker_shutdown(self, broker: Broker, worker: Worker) -> None:
        _loop().loop.call_soon_threadsafe(self.work.stop)
        if self._courier is not None:
            _loop().loop.call_soon_threadsafe(self._courier.stop)

    def after_worker_shutdown(self, broker: Broker, worker: Worker) -> None:
        assert self.nudges is not None
        self.nudges.thread.shutdown(wait=False, cancel_futures=True)
        if self._courier is not None:
            _loop().run_coroutine(self._courier.close())
        _loop().run_coroutine(self._end())
        super().after_worker_shutdown(broker, worker)  # type: ignore[no-untyped-call]

    async def _end(self) -> None:
        """What was begun is finished within the patience of those who stop us; then it is rolled back."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_MS / 1000):
                await self.work.finish()
                await self._bell.close()
        await self.work.database.close()


@contextmanager
def working(
    database_url: str,
    broker_url: str,
    *,
    means: Means | None = None,
    queue: str = QUEUE,
    threads: int = THREADS,
    chunks: int = CHUNKS,
) -> Iterator[None]:
    """Work as long as the block lasts; raises BrokerUnusable. Only one at a time in a process.

    Without `means`, emails and webhooks are left to other workers.
    """
    # Connections for each thread, for what is begun without one, the schedule, and the delivery of emails and of webhooks.
    database = Database(
        database_url, pool_size=(1 + chunks) * threads + 3, connect_args={"command_timeout": SILENCE_SECONDS}
    )
    shift = Shift(Work(database, threads, chunks), means)
    broker = brokers.connect(broker_url, shift)
    try:
        brokers.check(broker, broker_url)
        shift.nudges = declare(broker, shift.work, queue)
        worker = Worker(broker, worker_threads=threads)
        worker.start()
        try:
            yield
        finally:
            worker.stop(timeout=PATIENCE_MS)
    finally:
        broker.close()


def declare(broker: Broker, work: Work, queue: str) -> Nudges:
    """Tell the broker what this worker can do."""

    def actor(do: Any) -> Actor[..., None]:
        return Actor(do, broker=broker, actor_name=do.__name__, queue_name=queue, priority=0, options={})

    return Nudges(actor(work.process_queue), actor(work.run_job))


def _loop() -> EventLoopThread:
    loop = get_event_loop_thread()
    assert loop is not None, "Dramatiq starts it before anything else"
    return loop
