"""What has changed since a moment, whoever changed it, and the bell that says that something may have.

A row remembers the transaction that wrote it; a moment remembers which transactions it sees. A row has changed since if the
moment does not see its writer: exact in the order of commits, without a column, a clock or a log. The bell is only a nudge
(NOTIFY after the commit, so that no commit waits for it): one that is lost is made up for by looking now and then.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NewType

from sqlalchemy import Table, Text, bindparam, cast, func, literal_column, select, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.elements import ColumnClause, TextClause

from domain.store.database import Database, Reader

CHANNEL = "milepost_changed"
QUIET_SECONDS = 0.05
"""So long after the bell has rung it does not ring again: what comes meanwhile is told once, at its end."""

Moment = NewType("Moment", str)
"""Which transactions can be seen, in PostgreSQL's own words."""

MOMENT = select(cast(func.pg_current_snapshot(), Text))
RING = select(func.pg_notify(CHANNEL, ""))
_newest = "cast(cast(pg_snapshot_xmax(pg_current_snapshot()) as text) as bigint)"

log = logging.getLogger(__name__)


def writer_of(table: Table) -> ColumnClause[Any]:
    """The column that says who wrote a row: 32 bits of a number of 64."""
    return literal_column(f"cast(cast({table.name}.xmin as text) as bigint)")


def changed(column: str) -> TextClause:
    """Whether a row was written since the moment `since`; `column` is what `writer_of` gave, or its label."""
    # The writer is the newest number with these 32 bits that the reader may know of.
    whole = f"{_newest} - mod({_newest} - {column}, 4294967296)"
    return text(
        f"not pg_visible_in_snapshot(cast(cast({whole} as text) as xid8), cast(cast(:since as text) as pg_snapshot))"
    ).bindparams(bindparam("since", type_=Text))


async def moment(reader: Reader) -> Moment:
    """What this reader sees now; inside `database.snapshot()` also what every other of its reads sees."""
    return Moment((await reader.execute(MOMENT)).scalar_one())


class Bell:
    """Rings after commits of this process: at once, then at most every so often. It never keeps anybody waiting."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ringing: asyncio.Task[None] | None = None
        self._again = False
        self._closed = False

    def __call__(self) -> None:
        """Something was committed."""
        if self._closed:
            return
        self._again = True
        if self._ringing is None:
            self._ringing = asyncio.get_running_loop().create_task(self._ring())

    async def close(self) -> None:
        """Ring for what is still to be told, then never again."""
        self._closed = True
        if self._ringing is not None:
            await self._ringing

    async def _ring(self) -> None:
        while self._again:
            self._again = False
            try:
                async with self._database.read() as reader:
                    await reader.execute(RING)
            except Exception as error:  # noqa: BLE001 - whoever listens looks now and then anyway
                log.warning("could not tell of a change: %s", str(error).partition("\n")[0])
            if not self._closed:
                await asyncio.sleep(QUIET_SECONDS)
        self._ringing = None


@asynccontextmanager
async def listening(database: Database, heard: Callable[[], None]) -> AsyncIterator[asyncio.Event]:
    """Call `heard` whenever a bell rings anywhere, on a connection of its own; the event is set when that is lost."""
    lost = asyncio.Event()
    engine = create_async_engine(database.engine.url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection
            driver.add_termination_listener(lambda *_: lost.set())

            def hear(*_: object) -> None:
                heard()

            await driver.add_listener(CHANNEL, hear)
            try:
                yield lost
            finally:
                if not driver.is_closed():
                    await driver.remove_listener(CHANNEL, hear)
    finally:
        await engine.dispose()
