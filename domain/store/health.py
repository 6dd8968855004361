"""Whether the database can be used: it answers, and has exactly the tables that this release needs; or getting it there."""

from functools import cache

from alembic.util import CommandError
from asyncpg import PostgresError
from sqlalchemy import URL, Select, Text, column, make_url, select, table
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from domain.store import migrate
from domain.store.database import Database
from domain.store.failures import sqlstate

REVISION: Select[str] = select(column("version_num", Text)).select_from(table("alembic_version"))
UNDEFINED_TABLE = "42P01"
NO_PRIVILEGE = "42501"


class DatabaseUnusable(Exception):
    """The database cannot be used; the message says why, and what would help."""


class DatabaseUnreachable(DatabaseUnusable):
    """Nobody answers there, or not to us."""


class MigrationsMissing(DatabaseUnusable):
    """Its tables are not those of this release."""


def upgrade(url: str) -> None:
    """Bring the database to the newest revision; raises DatabaseUnusable."""
    try:
        migrate.upgrade(url)
    except CommandError as error:
        raise MigrationsMissing(f"the database was made by a newer release: {error}") from error
    except DBAPIError as error:
        if not isinstance(error, OperationalError) and sqlstate(error) not in {None, NO_PRIVILEGE}:
            raise
        raise DatabaseUnreachable(_said(make_url(url), error)) from error


async def check(database: Database) -> None:
    """Raises DatabaseUnusable."""
    found, needed = await _revision(database), _newest()
    if found is None:
        raise MigrationsMissing("the database has no tables yet: run `milepost migrate`")
    if found != needed:
        raise MigrationsMissing(
            f"the database is at revision {found}, this release needs {needed}: run `milepost migrate`"
        )


@cache
def _newest() -> str | None:
    return migrate.newest()


async def _revision(database: Database) -> str | None:
    try:
        async with database.read() as reader:
            return (await reader.execute(REVISION)).scalar_one_or_none()
    except DBAPIError as error:
        if sqlstate(error) == UNDEFINED_TABLE:
            return None
        raise DatabaseUnreachable(_said(database.engine.url, error)) from error
    except (OSError, PostgresError, SQLAlchemyError, TypeError) as error:  # TypeError: an option it does not know
        raise DatabaseUnreachable(_said(database.engine.url, error)) from error


def _said(url: URL, error: BaseException) -> str:
    where = url.set(drivername="postgresql").render_as_string(hide_password=True)
    cause = error.orig if isinstance(error, DBAPIError) else error
    # Libraries put their own name before what the server said.
    reason = str(cause).strip().partition("\n")[0].rpartition(">: ")[2] or type(error).__name__
    return f"the database {where} cannot be used: {reason}"
