"""A ledger with something of everything, sealed; and hands that change it behind the triggers' back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy import text

from domain.moves import Move
from domain.services import seals
from domain.services.verify import verify
from domain.store.database import Database, Writer
from tests.holds.kit import hold
from tests.support.factories import result_of
from tests.support.stock import Hotel

AT_ONCE = timedelta(0)


async def busy(hotel: Hotel) -> None:
    """Purchases that a block pays for, redemptions, refunds, a hold, and points by hand with an approval."""
    await hotel.block(10_000)
    first = result_of(await hotel.earn(100))
    await hotel.earn(50)
    spent = result_of(await hotel.redeem(60))
    await hotel.refund(spent, points=10)
    await hotel.refund(first, amount=20)
    await hold(hotel, 5)
    asked = await hotel.record(hotel.credit(40))
    await hotel.moved(Move.SUBMIT, asked)


async def sealed(database: Database) -> int:
    """Seal everything at once; how many rows."""
    rows = 0
    async for rows in seals.seal(database, AT_ONCE):
        assert rows
    return rows


async def broken(database: Database) -> list[str]:
    """What the seals find."""
    return [str(violation) async for check in seals.check(database) for violation in check.violations]


async def violations(database: Database) -> dict[str, list[str]]:
    """What all of verification finds, by invariant."""
    found = {each.invariant.name: [str(violation) for violation in each.violations] async for each in verify(database)}
    return {name: places for name, places in found.items() if places}


@asynccontextmanager
async def by_force(database: Database, *tables: str) -> AsyncIterator[Writer]:
    """A unit of work in which no trigger of the tables fires, as if somebody owned them who should not."""
    async with database.write() as writer:
        for table in tables:
            await writer.execute(text(f"alter table {table} disable trigger user"))
        yield writer
        for table in tables:
            await writer.execute(text(f"alter table {table} enable trigger user"))
