"""The desk and the house of partners of these tests."""

from collections.abc import AsyncIterator

import pytest_asyncio

from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.portal.house import House, a_house


@pytest_asyncio.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """A desk of this test alone."""
    desk = Desk(database, EnginePrograms())
    yield desk
    await desk.close()


@pytest_asyncio.fixture
async def house(desk: Desk) -> House:
    """A program with two partners and their people."""
    return await a_house(desk)
