"""Watching things that change in the database, whichever process changes them: one question a beat, however many watch.

Whoever is slow gets the newest value and misses those between: nothing piles up. Watching ends with the process, in order.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from graphql import GraphQLError

from domain.people import Scope
from domain.store.database import Database, Reader

BEAT_SECONDS = 0.5
MOST = 1_000
"""How many may watch in one process."""

K = TypeVar("K")
V = TypeVar("V")
Load = Callable[[Reader, Scope, Sequence[K]], Awaitable[Sequence[V | None]]]

log = logging.getLogger(__name__)

EVERYTHING = Scope()
"""Who may see a thing is asked before it is watched."""


def too_many() -> GraphQLError:
    """Of those who watch here."""
    return GraphQLError(f"{MOST:,} subscriptions are open here: try again later.", extensions={"code": "OVERLOADED"})


class _Place(Generic[V]):
    """Where one watcher waits for a value that it has not seen; None is the last one."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._value: V | None = None
        self._over = False

    def put(self, value: V | None) -> None:
        """What there is now; nothing happens if that was so before."""
        if value is None:
            self._over = True
        elif value == self._value:
            return
        else:
            self._value = value
        self._changed.set()

    async def take(self) -> V | None:
        """The newest value, once there is one that was not taken yet."""
        await self._changed.wait()
        self._changed.clear()
        return None if self._over else self._value


class Watch(Generic[K, V]):
    """Watching things of one kind, by key. Nothing is asked while nobody watches."""

    def __init__(self, database: Database, load: Load[K, V]) -> None:
        self._database = database
        self._load = load
        self._places: dict[K, set[_Place[V]]] = {}
        self._wanted = asyncio.Event()
        self._asking: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def watchers(self) -> int:
        """How many watch."""
        return sum(map(len, self._places.values()))

    async def values(self, key: K) -> AsyncGenerator[V, None]:
        """What it is now, and every change of it that is still news when it is asked for; ends when the thing is gone."""
        if self._closed or self.watchers >= MOST:
            raise too_many()
        place: _Place[V] = _Place()
        self._places.setdefault(key, set()).add(place)
        self._ask()
        try:
            while (value := await place.take()) is not None:
                yield value
        finally:
            self._leave(key, place)

    def close(self) -> None:
        """End every watch, in order."""
        self._closed = True
        for places in self._places.values():
            for place in places:
                place.put(None)

    def _ask(self) -> None:
        self._wanted.set()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._keep_asking())

    def _leave(self, key: K, place: _Place[V]) -> None:
        self._places[key].discard(place)
        if not self._places[key]:
            del self._places[key]
        if not self._places:
            self._wanted.set()  # nobody watches any more: asking ends at once

    async def _keep_asking(self) -> None:
        while self._places:
            self._wanted.clear()
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next look may succeed
                log.warning("could not look what has changed: %s", str(error).partition("\n")[0])
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await self._wanted.wait()

    async def _look(self) -> None:
        keys = list(self._places)
        async with self._database.read() as reader:
            found = await self._load(reader, EVERYTHING, keys)
        for key, value in zip(keys, found, strict=True):
            for place in self._places.get(key, ()):
                place.put(value)
