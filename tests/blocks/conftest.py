"""The market of these tests."""

from collections.abc import AsyncIterator

import pytest_asyncio

from domain.store.database import Database
from tests.blocks.market import Market, a_market


@pytest_asyncio.fixture
async def market(database: Database) -> AsyncIterator[Market]:
    """A program that sells points to a hotel."""
    async with a_market(database) as market:
        yield market
