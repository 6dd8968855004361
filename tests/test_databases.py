"""The databases that tests get are real, empty, their own, and gone afterwards."""

import psycopg

from app import database_urls
from tests.databases import empty_database


def tables(url: str) -> list[tuple[str]]:
    with psycopg.connect(database_urls.for_libpq(url)) as connection:
        return connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()


def names(url: str) -> set[str]:
    with psycopg.connect(database_urls.for_libpq(url)) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def test_a_fresh_database_is_empty_and_not_the_shared_one(empty_database_url: str, database_url: str) -> None:
    assert empty_database_url != database_url
    assert tables(empty_database_url) == []


def test_a_database_is_gone_after_its_use(database_server: str) -> None:
    with empty_database(database_server, "gone") as url:
        assert len(gone(database_server)) == 1
        connection = psycopg.connect(database_urls.for_libpq(url))
    connection.close()
    assert gone(database_server) == []


def gone(url: str) -> list[str]:
    """Databases of this test alone: others come and go beside it on the same server."""
    return [name for name in names(url) if name.startswith("test_gone")]
