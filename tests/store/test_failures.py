"""What passes by itself is told from what speaks against the data: only the latter may ever reject a transaction."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from domain.store.database import Database
from domain.store.failures import has_waited, is_outage, is_passing, sqlstate

ENDS = text("select pg_terminate_backend(pg_backend_pid())")


@pytest_asyncio.fixture
async def narrow(migrated_url: str) -> AsyncIterator[Database]:
    """A database with one connection, for which nobody waits long."""
    database = Database(migrated_url, pool_size=1)
    database.engine.sync_engine.pool._timeout = 0.01  # type: ignore[attr-defined]
    yield database
    await database.close()


async def carry_out(database: Database, *statements: str) -> None:
    async with database.write() as writer:
        for statement in statements:
            await writer.execute(text(statement))


async def error_of(database: Database, *statements: str) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one it is, is what the test is about
        await carry_out(database, *statements)
    return caught.value


async def test_a_server_that_does_not_answer_is_an_outage() -> None:
    nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    error = await error_of(nowhere, "select 1")
    assert isinstance(error, OSError)
    assert (is_outage(error), is_passing(error), has_waited(error)) == (True, True, False)


async def test_a_connection_lost_in_the_middle_is_an_outage(narrow: Database) -> None:
    error = await error_of(narrow, ENDS.text)
    assert (is_outage(error), is_passing(error), has_waited(error)) == (True, True, False)


async def test_no_free_connection_is_an_outage_after_a_wait(narrow: Database) -> None:
    async with narrow.read():
        error = await error_of(narrow, "select 1")
    assert isinstance(error, NoConnectionFree)
    assert (is_outage(error), is_passing(error), has_waited(error)) == (True, True, True)


async def test_a_lock_that_does_not_come_is_contention_after_a_wait(database: Database, narrow: Database) -> None:
    async with database.rehearse() as holder:
        await holder.execute(text("select pg_advisory_xact_lock(77)"))
        error = await error_of(narrow, "set local lock_timeout = '1ms'", "select pg_advisory_xact_lock(77)")
    assert sqlstate(error) == "55P03"
    assert (is_outage(error), is_passing(error), has_waited(error)) == (False, True, True)


@pytest.mark.parametrize("statement", ["select 1 / 0", "select 'x'::int", "select 1 from nothing"])
async def test_what_the_database_refuses_for_its_content_does_not_pass(narrow: Database, statement: str) -> None:
    error = await error_of(narrow, statement)
    assert (is_outage(error), is_passing(error), has_waited(error)) == (False, False, False)


async def test_a_mistake_of_our_own_does_not_pass() -> None:
    assert (is_outage(KeyError("x")), is_passing(KeyError("x"))) == (False, False)
