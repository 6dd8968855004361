"""Databases for tests: empty ones, made on a throw-away server that the whole test run shares, deleted afterwards.

`TEST_DATABASE_URL` names another server to make them on; its user must be allowed to create databases.
"""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql

from app import database_urls, embedded

FOLDERS = "milepost-tests-"


@contextmanager
def server_for(run: str) -> Iterator[str]:
    """The address of a database of the server for this run; every worker of the run gets the same server."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield database_urls.for_asyncpg(given)
        return
    _discard_killed_runs()
    with embedded.server(Path(tempfile.gettempdir()) / f"{FOLDERS}{run}", durable=False) as url:
        yield url


@contextmanager
def empty_database(server: str, purpose: str) -> Iterator[str]:
    """The address of a new, empty database; it is dropped at the end, whoever is still connected."""
    with _database(server, purpose, "template1") as url:
        yield url


@contextmanager
def copy_of(template: str, server: str, purpose: str) -> Iterator[str]:
    """The address of a new database with everything that another one of the server has, to which nobody is connected."""
    with _database(server, purpose, template.partition("?")[0].rpartition("/")[2]) as url:
        yield url


@contextmanager
def _database(server: str, purpose: str, template: str) -> Iterator[str]:
    name = f"test_{purpose}_{secrets.token_hex(4)}"
    making = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    with psycopg.connect(database_urls.for_libpq(server), autocommit=True) as connection:
        connection.execute(making)
    try:
        yield _with_database(server, name)
    finally:
        with psycopg.connect(database_urls.for_libpq(server), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _with_database(url: str, name: str) -> str:
    # By hand: urllib drops the empty host of a socket address.
    address, mark, options = url.partition("?")
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/{name}{mark}{options}"


def _discard_killed_runs() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDERS}*"):
        with suppress(OSError):  # of another user, or just being deleted
            embedded.discard(folder)
