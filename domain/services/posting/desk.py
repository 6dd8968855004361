"""The desk where postings arrive: what waits while a group is being committed is the next group. No timer, no version checks.

Each caller gets its own answer; one that fails never harms its neighbours; on shutdown what was accepted is finished.
"""

import asyncio
import logging
import uuid
from collections import deque
from dataclasses import dataclass

from domain.postings import Posting
from domain.problems import Refused
from domain.receipts import Receipt
from domain.services import figures
from domain.services.engine_programs import EnginePrograms
from domain.services.posting.claims import Answer
from domain.services.posting.group import Group
from domain.store.database import Database, Writer
from domain.store.failures import Contended, has_waited, is_outage, is_passing

GROUP = 64
"""How many postings are committed together at most."""

WAITING = 10_000
"""How many may wait for one program; more are refused at once."""

ARRIVALS, STEPS = 8, 3
"""How often the event loop is asked, before a group begins, for requests that have reached this process already, and how many
of its turns one takes from the socket to the desk.
"""

ATTEMPTS = 3
"""How often a group is tried that meets a deadlock or loses its connection."""

log = logging.getLogger(__name__)


class Overloaded(Exception):
    """The desk takes no more now; nothing of the request was done."""


@dataclass(slots=True)
class Waiting:
    """A posting and whoever waits for its answer."""

    posting: Posting
    answer: asyncio.Future[Answer]

    def done(self, answer: Answer) -> None:
        """Answer, unless nobody waits any more."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def failed(self, error: Exception) -> None:
        """Say that it went wrong, unless nobody waits any more."""
        if not self.answer.done():
            self.answer.set_exception(error)


class Desk:
    """One lane per program that has something waiting."""

    def __init__(self, database: Database, programs: EnginePrograms) -> None:
        self.database = database
        self.programs = programs
        self._queues: dict[int, deque[Waiting]] = {}
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._closed = False

    async def submit(self, posting: Posting) -> Answer:
        """The answer to a posting, once its group is committed; raises Overloaded."""
        queue = self._queues.setdefault(posting.program_id, deque())
        if self._closed or len(queue) >= WAITING:
            message = "The engine is stopping." if self._closed else f"{WAITING:,} requests wait already."
            raise Overloaded(message)
        waiting = Waiting(posting, asyncio.get_running_loop().create_future())
        queue.append(waiting)
        figures.DESK_WAITING.inc()
        if posting.program_id not in self._lanes:
            self._lanes[posting.program_id] = asyncio.create_task(self._lane(posting.program_id))
        return await waiting.answer

    async def close(self) -> None:
        """Take nothing more, and finish what was accepted."""
        self._closed = True
        while self._lanes:
            await asyncio.gather(*self._lanes.values())

    async def _lane(self, program_id: int) -> None:
        queue = self._queues[program_id]
        try:
            while queue:
                await arrived(queue)
                group = next_group(queue)
                figures.DESK_WAITING.dec(len(group))
                await self._commit(program_id, group)
        finally:
            del self._lanes[program_id]

    async def _commit(self, program_id: int, group: list[Waiting], incident: str | None = None) -> None:
        """Work a group; one that the database refuses is halved until the posting at fault stands alone."""
        try:
            answers = await self._post(program_id, [waiting.posting for waiting in group], incident)
        except Refused as refused:
            for waiting in group:
                waiting.done(Receipt(errors=refused.problems))
            return
        except Exception as error:  # noqa: BLE001 - whatever it was, every caller must be answered
            await self._after_failure(program_id, group, error, incident)
            return
        for waiting, answer in zip(group, answers, strict=True):
            waiting.done(answer)

    async def _post(self, program_id: int, postings: list[Posting], incident: str | None) -> list[Answer]:
        alone = False
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with figures.group(len(postings)):
                    async with self.database.write() as writer:
                        group = self._group(writer, program_id, postings, alone=alone, incident=incident)
                        return await group.post()
            except Exception as error:
                if attempt == ATTEMPTS or not is_passing(error) or has_waited(error):
                    raise
                alone = alone or isinstance(error, Contended)
        raise AssertionError

    def _group(
        self,
        writer: Writer,
        program_id: int,
        postings: list[Posting],
        *,
        alone: bool = False,
        incident: str | None = None,
    ) -> Group:
        return Group(self.database, self.programs, writer, program_id, postings, alone=alone, incident=incident)

    async def _after_failure(
        self, program_id: int, group: list[Waiting], error: Exception, incident: str | None
    ) -> None:
        if is_outage(error):
            for waiting in group:
                waiting.failed(error)
        elif len(group) > 1:
            half = len(group) // 2
            await self._commit(program_id, group[:half])
            await self._commit(program_id, group[half:])
        elif incident is None and not is_passing(error):
            incident = uuid.uuid4().hex
            log.error("incident %s: a transaction could not be processed", incident, exc_info=error)
            await self._commit(program_id, group, incident)
        else:
            group[0].failed(error)


async def arrived(queue: deque[Waiting]) -> None:
    """Let in what is at the door: after a group everybody comes back at once, and the first would be worked alone, at the cost
    of a whole group. Nobody waits for a clock: when nothing more comes, it begins.
    """
    for _ in range(ARRIVALS):
        before = len(queue)
        if before >= GROUP:
            return
        for _ in range(STEPS):
            await asyncio.sleep(0)
        if len(queue) == before:
            return


def next_group(queue: deque[Waiting]) -> list[Waiting]:
    """What waits, up to the limit; a second request with the same key or external id, or about the same transaction, waits for the next group."""
    group: list[Waiting] = []
    later: list[Waiting] = []
    names: set[object] = set()
    while queue and len(group) < GROUP:
        waiting = queue.popleft()
        mine = {*waiting.posting.names} - {None}
        (group if names.isdisjoint(mine) else later).append(waiting)
        names |= mine
    queue.extendleft(reversed(later))
    return group
