"""A worker process: Dramatiq's threads take messages from the broker, an event loop beside them does the work.

It stops in order: nothing new is begun, the chunks at hand are committed, then connections are closed.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from dramatiq import Actor, Broker, Worker
from dramatiq.asyncio import EventLoopThread, get_event_loop_thread
from dramatiq.middleware.asyncio import AsyncIO

from domain.store.database import Database
from workers import broker as brokers
from workers.schedule import Nudges, keep
from workers.work import Work

QUEUE = "milepost"
THREADS = 4
"""How many programs and jobs one process works at once; the processor is the limit, not they."""

PATIENCE_MS = 8_000
"""How long a stopping worker waits for its chunks."""


class Shift(AsyncIO):
    """Dramatiq's event loop, with the schedule on it, and the database closed where it was used."""

    def __init__(self, work: Work) -> None:
        super().__init__()
        self.work = work
        self.nudges: Nudges | None = None
        self._schedule: Future[None] | None = None

    def after_worker_boot(self, broker: Broker, worker: Worker) -> None:
        assert self.nudges is not None
        self._schedule = asyncio.run_coroutine_threadsafe(keep(self.work, self.nudges), _loop().loop)

    def before_worker_shutdown(self, broker: Broker, worker: Worker) -> None:
        _loop().loop.call_soon_threadsafe(self.work.stop)

    def after_worker_shutdown(self, broker: Broker, worker: Worker) -> None:
        assert self.nudges is not None
        self.nudges.thread.shutdown(wait=False, cancel_futures=True)
        _loop().run_coroutine(self.work.database.close())
        super().after_worker_shutdown(broker, worker)  # type: ignore[no-untyped-call]


@contextmanager
def working(database_url: str, broker_url: str, *, queue: str = QUEUE, threads: int = THREADS) -> Iterator[None]:
    """Work as long as the block lasts; raises BrokerUnusable. Only one at a time in a process."""
    shift = Shift(Work(Database(database_url, pool_size=threads + 1)))
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
