"""The desk and the lending stage of these tests."""

from collections.abc import AsyncIterator

import pytest_asyncio

from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.loans.lending import Lending
from tests.support.transactions import a_stage


@pytest_asyncio.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """A desk of this test alone."""
    desk = Desk(database, EnginePrograms())
    yield desk
    await desk.close()


@pytest_asyncio.fixture
async def lending(desk: Desk) -> Lending:
    """A program with a member, an MSR, a manager and a director; nobody may borrow yet."""
    return Lending(await a_stage(desk))
