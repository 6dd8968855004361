"""Loaders: many keys, one query. A noun answers a `Load` with a function of a reader, the caller's scope and the keys.

One set per operation, made as they are needed and thrown away after every mutation and every event, so that nothing stale
is shown. A batch opens its own reader and gives it back at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

from aiodataloader import DataLoader

from domain.people import Scope
from domain.store.database import Database, Reader
from domain.store.telemetry import span
from schema.context import K, Load, V

MAX_BATCH = 1000

Batch = Callable[[Reader, Scope, list[K]], Awaitable[Sequence[V]]]

BATCHES: dict[Load[Any, Any], Batch[Any, Any]] = {}
"""Who answers a load."""

NODES: dict[str, Load[Any, Any]] = {}
"""GraphQL type -> the load that finds its objects by key, for `node`."""

Row = TypeVar("Row")
Key = TypeVar("Key", bound=Hashable)


def loads(load: Load[K, V], *, node: str | None = None) -> Callable[[Batch[K, V]], Batch[K, V]]:
    """The function below answers `load`: one value per key, in the order of the keys. `node`: the GraphQL type it finds."""

    def decorate(batch: Batch[K, V]) -> Batch[K, V]:
        if load in BATCHES:
            raise TypeError(f"{load} is answered twice: by {BATCHES[load].__module__} and {batch.__module__}")
        BATCHES[load] = batch
        if node is not None:
            NODES[node] = load
        return batch

    return decorate


def in_order(keys: Sequence[Key], rows: Iterable[Row], key: Callable[[Row], Key]) -> list[Row | None]:
    """Rows in the order of their keys, None where there is none."""
    found = {key(row): row for row in rows}
    return [found.get(one) for one in keys]


def grouped(keys: Sequence[Key], rows: Iterable[Row], key: Callable[[Row], Key]) -> list[list[Row]]:
    """The rows of every key, in their own order; an empty list where there are none."""
    found: dict[Key, list[Row]] = {one: [] for one in keys}
    for row in rows:
        found[key(row)].append(row)
    return [found[one] for one in keys]


class Loaders:
    """The loaders of one operation."""

    __slots__ = ("_database", "_made", "_scope")

    def __init__(self, database: Database, scope: Scope) -> None:
        self._database = database
        self._scope = scope
        self._made: dict[Load[Any, Any], DataLoader[Any, Any]] = {}

    def load(self, load: Load[K, V], key: K) -> Awaitable[V]:
        """A future, resolved with all the others of this moment by one batch."""
        return self._loader(load).load(key)

    def prime(self, load: Load[K, V], key: K, value: V) -> None:
        """Answer a key that nobody has asked for yet."""
        self._loader(load).prime(key, value)

    def _loader(self, load: Load[Any, Any]) -> DataLoader[Any, Any]:
        loader = self._made.get(load)
        if loader is None:
            loader = self._made[load] = DataLoader(self._batch(BATCHES[load], load.name), max_batch_size=MAX_BATCH)
        return loader

    def _batch(self, batch: Batch[K, V], name: str) -> Callable[[list[K]], Any]:
        async def run(keys: list[K]) -> Sequence[V]:
            try:
                with span("load", of=name, keys=len(keys)):
                    async with self._database.read() as reader:
                        return await batch(reader, self._scope, keys)
            except asyncio.CancelledError as error:
                # Whoever waits for this batch must hear of it: aiodataloader would let them wait for ever.
                raise RuntimeError("the batch was cancelled") from error

        return run
