"""The migrated database that tests share. Each test makes a program of its own: nothing is ever cleared between them."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from domain.store import migrate
from domain.store.database import Database
from tests import databases


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


@pytest.fixture(scope="session")
def template_url(database_server: str, worker_id: str) -> Iterator[str]:
    """A migrated database to which nobody ever connects: copying it takes a fraction of migrating another."""
    with databases.empty_database(database_server, f"{worker_id}_template") as url:
        migrate.upgrade(url)
        yield url


@pytest.fixture
def fresh_database_url(template_url: str, database_server: str, worker_id: str) -> Iterator[str]:
    """The address of a migrated database for one test alone."""
    with databases.copy_of(template_url, database_server, f"{worker_id}_fresh") as url:
        yield url


@pytest_asyncio.fixture
async def fresh_database(fresh_database_url: str) -> AsyncIterator[Database]:
    """A migrated database for one test alone."""
    database = Database(fresh_database_url)
    yield database
    await database.close()
