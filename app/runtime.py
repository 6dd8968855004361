"""The wiring: from settings to a database, compiled programs and the desk that commits in groups.

Everything that is opened here is closed here, in reverse order, whatever happens in between.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from app.addresses import database_url
from app.settings import Settings
from app.signals import cancel_on_sigterm
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store import health
from domain.store.changes import Bell
from domain.store.database import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Runtime:
    """What one process works with."""

    settings: Settings
    database: Database
    programs: EnginePrograms
    desk: Desk


@asynccontextmanager
async def opened(settings: Settings, url: str) -> AsyncIterator[Runtime]:
    """A runtime on a migrated database; raises DatabaseUnusable. What the desk accepted is finished at the end."""
    database = Database(url, pool_size=settings.pool_size)
    try:
        await health.check(database)
        programs = EnginePrograms()
        desk = Desk(database, programs)
        database.committed = bell = Bell(database)
        try:
            yield Runtime(settings, database, programs, desk)
        finally:
            await desk.close()
            await bell.close()
    finally:
        await database.close()


def run(settings: Settings, do: Callable[[Runtime], Awaitable[T]]) -> T:
    """Do something with a runtime, from a command that is not asynchronous."""

    async def doing(url: str) -> T:
        cancel_on_sigterm()
        async with opened(settings, url) as runtime:
            return await do(runtime)

    with database_url(settings) as url:
        return asyncio.run(doing(url))
