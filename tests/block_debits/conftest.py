"""The desk and the hotel of these tests."""

from collections.abc import AsyncIterator

import pytest_asyncio

from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.support.stock import Hotel, a_hotel


@pytest_asyncio.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """A desk of this test alone."""
    desk = Desk(database, EnginePrograms())
    yield desk
    await desk.close()


@pytest_asyncio.fixture
async def hotel(desk: Desk) -> Hotel:
    """A hotel that pays point for point, and has bought nothing yet."""
    return await a_hotel(desk)
