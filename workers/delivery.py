"""Delivery: a loop beside the others of a worker that takes what is due from the outbox and tells it.

Any number of workers share the outbox. One endpoint is told by one task of a worker at a time, so that one that is slow or gone
keeps nobody else waiting. Messages come at least once, and in no promised order.
"""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from domain.deliveries import Delivery
from domain.services import deliveries
from domain.services.deliveries import Batch
from domain.store.database import Database
from workers.emails import Post, send_all
from workers.webhooks import Webhooks

LOOK_SECONDS = 1
ENDPOINTS = 20
"""How many endpoints one worker tells at the same time."""

LAST_SECONDS = 5
"""How long a stopping worker waits for answers; what has none by then is told again by another worker."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Means:
    """By what messages leave. `private`: a development installation, which also calls its neighbours."""

    post: Post
    private: bool = False


class Courier:
    """Delivers until it is told to stop. It belongs to one event loop."""

    def __init__(self, database: Database, means: Means) -> None:
        self._database = database
        self._means = means
        self._webhooks = Webhooks(private=means.private)
        self._busy: set[int] = set()
        self._mailing = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._woken = asyncio.Event()
        self._at_rest = asyncio.Event()
        self._at_rest.set()

    async def keep(self) -> None:
        """Look for what is due until it is time to stop, whatever happens to the database."""
        self._at_rest.clear()
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 whatever it was, the next look may succeed
                log.warning("could not look for messages: %s", str(error).partition("\n")[0])
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._woken.wait()
        self._at_rest.set()

    async def look(self) -> bool:
        """Begin to deliver what is due; whether there was anything."""
        emails = [] if self._mailing else await deliveries.claim_emails(self._database)
        if emails:
            self._mailing = True
            self._begin(self._send(emails))
        free = ENDPOINTS - len(self._busy)
        batches = await deliveries.claim_webhooks(self._database, self._busy, free) if free else []
        for batch in batches:
            self._busy.add(batch.endpoint_id)
            self._begin(self._tell(batch))
        return bool(emails or batches)

    async def deliver_all(self) -> None:
        """Deliver everything that is due now, and wait for it."""
        while await self.look():
            await asyncio.gather(*self._tasks)

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping.set()
        self._woken.set()

    async def close(self) -> None:
        """Wait a little for answers that are on their way, then leave the rest to others."""
        self.stop()
        await self._at_rest.wait()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=LAST_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._webhooks.close()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("what became of messages could not be recorded; they come up again: %s", type(error).__name__)
        self._woken.set()

    async def _send(self, emails: Sequence[Delivery]) -> None:
        try:
            fate = await send_all(self._means.post, emails)
            await deliveries.record(self._database, fate)
        finally:
            self._mailing = False

    async def _tell(self, batch: Batch) -> None:
        try:
            fate = await self._webhooks.tell_all(batch, self._stopping)
            await deliveries.record_of_endpoint(self._database, batch.endpoint_id, fate)
        finally:
            self._busy.discard(batch.endpoint_id)
