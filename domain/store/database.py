"""The connection to PostgreSQL: readers that cannot write, writers that commit once, and the one clock.

A unit of work is `async with database.write() as writer`: it commits at its end and nowhere else, and undoes everything on an error.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NewType

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from domain.store import driver
from domain.store.ids import Ids
from domain.store.json import decode, encode
from domain.store.telemetry import MeasuredPool

Reader = NewType("Reader", AsyncConnection)
"""A connection that reads: every statement sees what is committed."""

Writer = NewType("Writer", Reader)
"""A connection inside a unit of work. It may be used wherever a reader may, never the other way round."""

NOW = "select clock_timestamp()"

KNOWN_SCOPES = 1_000
"""For how many scopes a query is kept, narrowed to what they show: most requests ask the same for the same program."""

Clock = Callable[[datetime], datetime]


def unheard() -> None:
    """Nobody wants to know of commits."""


def wall_clock(now: datetime) -> datetime:
    """The database's own time."""
    return now


class Database:
    """A pool of connections. `clock` turns the database's time into the engine's: only demonstrations and tests move it.

    `committed` is called after every unit of work.
    """

    def __init__(self, url: str, *, pool_size: int = 10, clock: Clock = wall_clock, **options: Any) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            poolclass=MeasuredPool,
            pool_timeout=30,
            hide_parameters=True,  # errors end in logs, and values are often somebody's
            json_serializer=encode,
            json_deserializer=decode,
            **options,
        )
        self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._looking = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self.clock = clock
        self.ids = Ids()
        self.committed: Callable[[], None] = unheard

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reader]:
        """A connection for reading; give it back soon."""
        async with self._reading.connect() as connection:
            yield Reader(connection)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Reader]:
        """A connection whose reads all see one moment. Writing with it is refused by the database itself."""
        async with self._looking.connect() as connection, connection.begin():
            yield Reader(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Writer]:
        """One unit of work."""
        async with self.engine.begin() as connection:
            yield Writer(Reader(connection))
        self.committed()

    @asynccontextmanager
    async def rehearse(self) -> AsyncIterator[Writer]:
        """A unit of work that is undone at its end, whatever happens: to see from inside what it would do."""
        async with self.engine.connect() as connection:
            transaction = await connection.begin()
            try:
                yield Writer(Reader(connection))
            finally:
                await transaction.rollback()

    async def now(self, reader: Reader) -> datetime:
        """The one moment that a unit of work takes, once, after its locks."""
        [(now,)] = await driver.fetch(reader, NOW)
        return self.clock(now)

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
