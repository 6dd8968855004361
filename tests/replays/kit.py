"""Running everything again, and what is said about it."""

from datetime import datetime

from domain.replays import Replayed
from domain.services.replays import replay
from domain.store.database import Database


async def replayed(database: Database, since: datetime | None = None) -> Replayed:
    """All that was found."""
    return [found async for found in replay(database, since)][-1]


async def named(database: Database) -> list[tuple[int, str]]:
    """What differs: transaction and part."""
    return [(each.transaction_id, each.part) for each in (await replayed(database)).differences]
