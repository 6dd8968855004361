"""The desk and the stage of these tests."""

from collections.abc import AsyncIterator

import pytest_asyncio

from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.support.transactions import Stage, a_stage


@pytest_asyncio.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """A desk of this test alone."""
    desk = Desk(database, EnginePrograms())
    yield desk
    await desk.close()


@pytest_asyncio.fixture
async def stage(desk: Desk) -> Stage:
    """A program with a member, an MSR, a manager and a director."""
    return await a_stage(desk)
