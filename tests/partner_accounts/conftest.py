"""The books of these tests."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.partner_accounts.kit import Books, some_books


@pytest_asyncio.fixture
async def books(migrated_url: str) -> AsyncIterator[Books]:
    """Of a partner with terms, without any points."""
    async with some_books(migrated_url) as books:
        yield books
