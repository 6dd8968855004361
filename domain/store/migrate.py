"""Migrations: bring a database to the tables that this release needs, all or nothing.

Everything happens in one transaction under one lock, so that many processes may start at once and one of them migrates.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text

FOLDER = Path(__file__).parent / "migrations"
DRIVER = "postgresql+psycopg"
LOCK = text("select pg_advisory_xact_lock(hashtext('milepost migrations'))")


def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest revision; does nothing to one that is there."""
    with connected(url) as connection:
        connection.execute(LOCK)
        command.upgrade(config(connection), "head")


def current(url: str) -> str | None:
    """The revision that the database is at; nothing if it is empty."""
    with connected(url) as connection:
        return revision(connection)


def newest() -> str | None:
    """The revision that this release needs."""
    return ScriptDirectory.from_config(config()).get_current_head()


def is_current(url: str) -> bool:
    """Whether the database is at the newest revision."""
    return current(url) == newest()


def revision(connection: Connection) -> str | None:
    """The revision that an open connection finds."""
    return MigrationContext.configure(connection).get_current_revision()


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, with the connection that `env.py` migrates."""
    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """One transaction on a connection of its own, by the synchronous driver that Alembic wants."""
    engine = create_engine(_for_psycopg(make_url(url)), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _for_psycopg(url: URL) -> URL:
    # The other driver's name for the option by which encryption is asked for.
    options = {"sslmode" if name == "ssl" else name: value for name, value in url.query.items()}
    return url.set(drivername=DRIVER, query=options)
