"""Watching what comes: every change is told to whoever watches, whichever process made it, in the order of commits.

One question for all watchers of a process, when a bell has rung (or now and then, if a ring was lost). What changes again before
it is told is told once, as it is then. What is not taken yet is bounded: who is too slow is told so, and has to come back.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from graphql import GraphQLError

from domain.store import changes
from domain.store.changes import Moment
from domain.store.database import Database, Reader
from resolvers import watching

LOOK_SECONDS = 5.0
"""After so long one looks though no bell has rung."""
REST_SECONDS = 0.05
"""So long one rests between two looks, however often the bell rings."""
PENDING = 1_000
"""How much may wait for one watcher."""

K = TypeVar("K")
V = TypeVar("V")
Look = Callable[[Reader, Moment, Sequence[K]], Awaitable[Mapping[K, Sequence[V]]]]
"""What has come for each key since a moment."""

log = logging.getLogger(__name__)


class _Seat(Generic[V]):
    """Where what is news waits for one watcher, each thing once, the oldest first."""

    def __init__(self) -> None:
        self._news: dict[V, None] = {}
        self._arrived = asyncio.Event()
        self._over = self._full = False

    def put(self, news: Sequence[V]) -> None:
        for each in news:
            if len(self._news) >= PENDING and each not in self._news:
                self._full = True
                break
            self._news[each] = None
        if news:
            self._arrived.set()

    def end(self) -> None:
        self._over = True
        self._arrived.set()

    async def take(self) -> V | None:
        """The next thing; None at the end. Raises when too much has come meanwhile."""
        while not self._news and not self._over:
            self._arrived.clear()
            await self._arrived.wait()
        if self._full:
            message = f"More than {PENDING:,} events wait for you: read faster or watch less, and subscribe again."
            raise GraphQLError(message, extensions={"code": "TOO_SLOW", "limit": PENDING})
        if self._over:
            return None
        first = next(iter(self._news))
        del self._news[first]
        return first


class Feed(Generic[K, V]):
    """What comes for keys of one kind. Nothing is asked while nobody watches."""

    def __init__(self, database: Database, ear: "Ear", look: Look[K, V]) -> None:
        self._database, self._ear, self._look = database, ear, look
        self._seats: dict[K, set[_Seat[V]]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._rung = asyncio.Event()
        self._ready: asyncio.Future[None] | None = None
        self._closed = False

    @property
    def watchers(self) -> int:
        """How many watch."""
        return sum(map(len, self._seats.values()))

    @property
    def live(self) -> bool:
        """Whether nothing is missed any more of what comes for those who watch."""
        return self._ready is not None and self._ready.done()

    async def news(self, key: K, first: V | None = None) -> AsyncGenerator[V, None]:
        """Everything that comes for a key from now on; `first` is told first, once nothing more can be missed."""
        if self._closed or self.watchers >= watching.MOST:
            raise watching.too_many()
        seat: _Seat[V] = _Seat()
        self._seats.setdefault(key, set()).add(seat)
        try:
            await self._begin()
            if first is not None:
                yield first
            while (value := await seat.take()) is not None:
                yield value
        finally:
            self._leave(key, seat)

    def close(self) -> None:
        """End every watch, in order."""
        self._closed = True
        for seats in self._seats.values():
            for seat in seats:
                seat.end()

    async def _begin(self) -> None:
        """Return once changes are looked for."""
        if self._looking is None or self._looking.done():
            self._ready = asyncio.get_running_loop().create_future()
            self._looking = asyncio.create_task(self._keep_looking(self._ready))
        assert self._ready is not None
        await asyncio.shield(self._ready)

    def _leave(self, key: K, seat: _Seat[V]) -> None:
        self._seats[key].discard(seat)
        if not self._seats[key]:
            del self._seats[key]
        if not self._seats:
            self._rung.set()  # nobody watches any more: looking ends at once

    async def _keep_looking(self, ready: asyncio.Future[None]) -> None:
        since: Moment | None = None
        async with self._ear.hearing(self._rung):
            while self._seats:
                self._rung.clear()
                try:
                    since = await self._look_once(since)
                except Exception as error:  # noqa: BLE001 - whatever it was, the next look may succeed
                    log.warning("could not look what has changed: %s", str(error).partition("\n")[0])
                if since is not None and not ready.done():
                    ready.set_result(None)
                await asyncio.sleep(REST_SECONDS)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS if since is not None else REST_SECONDS):
                        await self._rung.wait()
        if not ready.done():
            ready.set_result(None)

    async def _look_once(self, since: Moment | None) -> Moment:
        """Tell what has come since a moment; the moment from which to look next."""
        async with self._database.snapshot() as reader:
            now = await changes.moment(reader)
            found = {} if since is None else await self._look(reader, since, list(self._seats))
        for key, news in found.items():
            for seat in self._seats.get(key, ()):
                seat.put(news)
        return now


class Ear:
    """Hears the bells of all processes, on one connection, while anybody wants to."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._wanting: set[asyncio.Event] = set()
        self._left = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    def hearing(self, rung: asyncio.Event) -> "_Hearing":
        """Within the block, `rung` is set whenever something was committed anywhere."""
        return _Hearing(self, rung)

    def join(self, rung: asyncio.Event) -> None:
        """From now on."""
        self._wanting.add(rung)
        self._left.clear()
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())

    def leave(self, rung: asyncio.Event) -> None:
        """No more."""
        self._wanting.discard(rung)
        if not self._wanting:
            self._left.set()

    def _heard(self) -> None:
        for rung in self._wanting:
            rung.set()

    async def _listen(self) -> None:
        while self._wanting:
            try:
                async with changes.listening(self._database, self._heard) as lost:
                    self._heard()  # what happened before one listened
                    await _first(lost, self._left)
            except Exception as error:  # noqa: BLE001 - those who watch look now and then anyway
                log.warning("could not listen for changes: %s", str(error).partition("\n")[0])
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._left.wait()


class _Hearing:
    """A place at the ear, for as long as a block."""

    def __init__(self, ear: Ear, rung: asyncio.Event) -> None:
        self._ear, self._rung = ear, rung

    async def __aenter__(self) -> None:
        self._ear.join(self._rung)

    async def __aexit__(self, *_: object) -> None:
        self._ear.leave(self._rung)


async def _first(*events: asyncio.Event) -> None:
    """Return when one of them is set."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
