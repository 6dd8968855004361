"""The desk, the stage, and the shop of these tests."""

from collections.abc import AsyncIterator

import pytest_asyncio

from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.graphql.shop import Shop, open_shop
from tests.graphql.web import Web, serving
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


@pytest_asyncio.fixture
async def web(database: Database) -> AsyncIterator[Web]:
    """The application."""
    async with serving(database) as web:
        yield web


@pytest_asyncio.fixture
async def shop(web: Web) -> Shop:
    """A shop that is open."""
    return await open_shop(web)
