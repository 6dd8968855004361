"""The driver beneath a connection, for rows that come and go by the thousand: asked directly, it takes half the time.

Inside a unit of work it works in the same transaction; its errors look like those of any other statement.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from asyncpg import InterfaceError, PostgresError, Record
from sqlalchemy import Executable, text
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

BEGIN = text("select 1")
DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
INTEGRITY = "23"
"""What the five letters of a violated constraint begin with."""


class Named(Record):
    """A row whose values have names; a plain one has places, and is made faster."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


async def fetch(
    connection: AsyncConnection, statement: str, *values: Any, kind: type[Record] | None = None
) -> list[Any]:
    """The rows of a statement with `$1`, `$2`, …; each can be unpacked."""
    driver = await _driver(connection)
    with _translated(driver):
        rows: list[Any] = await driver.fetch(statement, *values, record_class=kind)
    return rows


class Written:
    """A statement of SQLAlchemy's, written down once for the driver. Its rows come as the driver makes them: text where a column
    is an enumeration, and documents undecoded.
    """

    def __init__(self, statement: Executable) -> None:
        compiled: Any = statement.compile(dialect=DIALECT)  # type: ignore[attr-defined]
        self._text = str(compiled)
        self._names: Sequence[str] = compiled.positiontup
        self._given: Mapping[str, Any] = compiled.params

    async def rows(self, connection: AsyncConnection, **values: Any) -> list[Any]:
        """Its rows; each can be unpacked."""
        given = {**self._given, **values}
        return await fetch(connection, self._text, *[given[name] for name in self._names])


async def execute(connection: AsyncConnection, statement: str, *values: Any) -> None:
    """A statement without rows."""
    driver = await _driver(connection)
    with _translated(driver):
        await driver.execute(statement, *values)


async def copy(connection: AsyncConnection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """New rows, in binary."""
    driver = await _driver(connection)
    with _translated(driver):
        await driver.copy_records_to_table(table, records=rows, columns=columns)


async def _driver(connection: AsyncConnection) -> Any:
    known = connection.sync_connection
    if known is None or known.invalidated:
        driver: Any = (await connection.get_raw_connection()).driver_connection
    else:
        driver = known.connection.driver_connection  # it is there: no need for SQLAlchemy's way to wait for it
    if not driver.is_in_transaction() and not _reads_alone(connection):
        # SQLAlchemy begins with the first statement that it knows of.
        await connection.execute(BEGIN)
    return driver


def _reads_alone(connection: AsyncConnection) -> bool:
    """Whether every statement stands for itself."""
    options = connection.sync_connection.get_execution_options() if connection.sync_connection else {}
    return options.get("isolation_level") == "AUTOCOMMIT"


@contextmanager
def _translated(driver: Any) -> Iterator[None]:
    try:
        yield
    except (PostgresError, InterfaceError) as error:
        state = getattr(error, "sqlstate", None) or ""
        kind = IntegrityError if state.startswith(INTEGRITY) else DBAPIError
        raise kind(None, None, error, hide_parameters=True, connection_invalidated=driver.is_closed()) from error
