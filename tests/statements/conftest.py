"""The shop of these tests."""

from collections.abc import AsyncIterator

import pytest_asyncio

from domain.store.database import Database
from tests.graphql.shop import Shop, open_shop
from tests.graphql.web import Web, serving


@pytest_asyncio.fixture
async def web(database: Database) -> AsyncIterator[Web]:
    """The application."""
    async with serving(database) as web:
        yield web


@pytest_asyncio.fixture
async def shop(web: Web) -> Shop:
    """A shop that is open."""
    return await open_shop(web)
