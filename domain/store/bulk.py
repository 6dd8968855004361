"""Rows by the set: one statement writes any number of them, from one array per column."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.store import driver

Columns = Sequence[tuple[str, str]]
"""Names and PostgreSQL types of the columns, in the order of the rows' values."""


class BulkInsert:
    """`INSERT … SELECT FROM unnest(…)`: the fastest way to many rows that still answers and obeys constraints."""

    def __init__(self, table: str, columns: Columns, suffix: str = "") -> None:
        names = ", ".join(name for name, _ in columns)
        values = ", ".join(_value(index, kind) for index, (_, kind) in enumerate(columns))
        # Names come from the code alone; every value is bound.
        self.statement = f"insert into {table} ({names}) select {values} from {_unnest(columns)} {suffix}"  # noqa: S608

    async def __call__(self, connection: AsyncConnection, rows: Iterable[Sequence[Any]]) -> Sequence[Any]:
        """Write the rows; whatever a RETURNING gives."""
        columns = list(zip(*rows, strict=True))
        return await driver.fetch(connection, self.statement, *columns, kind=driver.Named) if columns else ()


class BulkCopy:
    """`COPY`: the fastest way of all, for rows that are new and ask nothing."""

    def __init__(self, table: str, columns: Sequence[str]) -> None:
        self.table = table
        self.columns = columns

    async def __call__(self, connection: AsyncConnection, rows: Sequence[Sequence[Any]]) -> None:
        """Write the rows."""
        if rows:
            await driver.copy(connection, self.table, self.columns, rows)


class BulkUpdate:
    """`UPDATE … FROM unnest(…)`: the first `keys` columns find the row, the others are set; `keep`: but not to null."""

    def __init__(self, table: str, columns: Columns, keys: int, suffix: str = "", keep: Sequence[str] = ()) -> None:
        found = " and ".join(f"x.{name} = u.c{index}" for index, (name, _) in enumerate(columns[:keys]))
        values = ", ".join(
            f"{name} = coalesce(u.c{index}, x.{name})" if name in keep else f"{name} = {_value(index, kind)}"
            for index, (name, kind) in enumerate(columns)
            if index >= keys
        )
        self.statement = f"update {table} x set {values}{suffix} from {_unnest(columns)} where {found}"  # noqa: S608

    async def __call__(self, connection: AsyncConnection, rows: Iterable[Sequence[Any]]) -> None:
        """Change the rows."""
        columns = list(zip(*rows, strict=True))
        if columns:
            await driver.execute(connection, self.statement, *columns)


def _unnest(columns: Columns) -> str:
    arrays = ", ".join(f"cast(${index} as {_array(kind)}[])" for index, (_, kind) in enumerate(columns, 1))
    names = ", ".join(f"c{index}" for index in range(len(columns)))
    return f"unnest({arrays}) as u({names})"


def _array(kind: str) -> str:
    """JSON documents travel as text."""
    return "text" if kind == "jsonb" else kind


def _value(index: int, kind: str) -> str:
    return f"cast(u.c{index} as jsonb)" if kind == "jsonb" else f"u.c{index}"
