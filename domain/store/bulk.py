"""Rows by the set: one statement writes any number of them, from one array per column."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

Columns = Sequence[tuple[str, str]]
"""Names and PostgreSQL types of the columns, in the order of the rows' values."""


class BulkInsert:
    """`INSERT … SELECT FROM unnest(…)`: the fastest way to many rows that still answers and obeys constraints."""

    def __init__(self, table: str, columns: Columns, suffix: str = "") -> None:
        self.width = len(columns)
        names = ", ".join(name for name, _ in columns)
        values = ", ".join(_value(index, kind) for index, (_, kind) in enumerate(columns))
        # Names come from the code alone; every value is bound.
        self.statement = text(f"insert into {table} ({names}) select {values} from {_unnest(columns)} {suffix}")  # noqa: S608

    async def __call__(self, connection: AsyncConnection, rows: Iterable[Sequence[Any]]) -> Sequence[Any]:
        """Write the rows; whatever a RETURNING gives."""
        return await _execute(connection, self.statement, rows, self.width)


class BulkUpdate:
    """`UPDATE … FROM unnest(…)`: the first `keys` columns find the row, the others are set; `keep`: but not to null."""

    def __init__(self, table: str, columns: Columns, keys: int, suffix: str = "", keep: Sequence[str] = ()) -> None:
        self.width = len(columns)
        found = " and ".join(f"x.{name} = u.c{index}" for index, (name, _) in enumerate(columns[:keys]))
        values = ", ".join(
            f"{name} = coalesce(u.c{index}, x.{name})" if name in keep else f"{name} = {_value(index, kind)}"
            for index, (name, kind) in enumerate(columns)
            if index >= keys
        )
        self.statement = text(f"update {table} x set {values}{suffix} from {_unnest(columns)} where {found}")  # noqa: S608

    async def __call__(self, connection: AsyncConnection, rows: Iterable[Sequence[Any]]) -> None:
        """Change the rows."""
        await _execute(connection, self.statement, rows, self.width)


def _unnest(columns: Columns) -> str:
    arrays = ", ".join(f"cast(:p{index} as {_array(kind)}[])" for index, (_, kind) in enumerate(columns))
    names = ", ".join(f"c{index}" for index in range(len(columns)))
    return f"unnest({arrays}) as u({names})"


def _array(kind: str) -> str:
    """JSON documents travel as text."""
    return "text" if kind == "jsonb" else kind


def _value(index: int, kind: str) -> str:
    return f"cast(u.c{index} as jsonb)" if kind == "jsonb" else f"u.c{index}"


async def _execute(
    connection: AsyncConnection, statement: TextClause, rows: Iterable[Sequence[Any]], width: int
) -> Sequence[Any]:
    columns = list(zip(*rows, strict=True))
    if not columns:
        return ()
    result = await connection.execute(statement, {f"p{index}": list(columns[index]) for index in range(width)})
    return result.all() if result.returns_rows else ()
