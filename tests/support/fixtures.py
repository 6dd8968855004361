"""The migrated database that tests share. Each test makes a program of its own: nothing is ever cleared between them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from domain.store import migrate
from domain.store.database import Database


@pytest.fixture(scope="session")
def migrated_url(database_url: str) -> str:
    """The address of the shared database, with every table."""
    migrate.upgrade(database_url)
    return database_url


@pytest_asyncio.fixture(scope="session")
async def database(migrated_url: str) -> AsyncIterator[Database]:
    """The shared database."""
    database = Database(migrated_url)
    yield database
    await database.close()


@pytest_asyncio.fixture
async def fresh_database(fresh_database_url: str) -> AsyncIterator[Database]:
    """A migrated database for one test alone."""
    migrate.upgrade(fresh_database_url)
    database = Database(fresh_database_url)
    yield database
    await database.close()
