"""Reading and writing seals: digests are made by the database, from its own rows, a table and a span of time at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from domain.seals import SAFETY, Seal, SealPart
from domain.store import driver
from domain.store import tables as t
from domain.store.bulk import BulkInsert
from domain.store.database import Reader, Writer
from domain.store.sealed_tables import SEALED, SealedTable

ALONE = text("select pg_advisory_xact_lock(3, 0)")
# Whoever took its moment before this one has committed by then, or is still seen here.
HORIZON = text(
    "select least(clock_timestamp() - cast(:safety as interval), min(xact_start)) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null"
)
LAST = select(t.seal).order_by(t.seal.c.number.desc()).limit(1)
ALL = select(t.seal).where(t.seal.c.number > 0).order_by(t.seal.c.number)
PARTS = select(t.seal_part).order_by(t.seal_part.c.table_name)
SEALS = BulkInsert(
    "seal",
    [
        ("number", "bigint"), ("from_at", "timestamptz"), ("through_at", "timestamptz"), ("previous", "bytea"),
        ("hash", "bytea"), ("sealed_at", "timestamptz"),
    ],
)  # fmt: skip
SEAL_PARTS = BulkInsert(
    "seal_part", [("number", "bigint"), ("table_name", "text"), ("rows", "bigint"), ("digests", "bytea")]
)
_EACH = " union all ".join(f"select min({each.written}) as at from {each.name} x" for each in SEALED if not each.source)  # noqa: S608 - names of our own tables
OLDEST = text(f"select min(at) from ({_EACH}) oldest")  # noqa: S608 - likewise
CROWD = "select count(*) from (select from decision x where x.created_at >= $1 and x.created_at < $2 limit $3) x"


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A row as it is now. `erased`: something of it may have been taken away since it was sealed."""

    place: str
    digest: bytes
    erased: bool


async def alone(writer: Writer) -> None:
    """One process seals at a time."""
    await writer.execute(ALONE)


async def horizon(reader: Reader, safety: timedelta = SAFETY) -> datetime:
    """Everything written before this moment can be seen: nobody who has begun earlier is still at work."""
    moment: datetime = (await reader.execute(HORIZON, {"safety": safety})).scalar_one()
    return moment


async def last(reader: Reader) -> Seal | None:
    """The head of the chain."""
    row = (await reader.execute(LAST)).first()
    return None if row is None else seal_of(row)


async def numbered(reader: Reader, number: int) -> Seal | None:
    """A seal by its number."""
    row = (await reader.execute(select(t.seal).where(t.seal.c.number == number))).first()
    return None if row is None else seal_of(row)


async def every(reader: Reader) -> Sequence[Seal]:
    """All seals in their order."""
    return [seal_of(row) for row in await reader.execute(ALL)]


async def parts(reader: Reader, number: int) -> Sequence[SealPart]:
    """The parts of a seal, by table."""
    rows = await reader.execute(PARTS.where(t.seal_part.c.number == number))
    return [SealPart(row.table_name, row.rows, row.digests) for row in rows]


async def first_written(reader: Reader) -> datetime | None:
    """The moment of the oldest row of any sealed table; None if there is none."""
    moment: datetime | None = (await reader.execute(OLDEST)).scalar_one()
    return moment


async def crowd(reader: Reader, from_at: datetime, through_at: datetime, most: int) -> int:
    """How many decisions were written in a span, counted up to `most`: most of what there is to seal comes with them."""
    [row] = await driver.fetch(reader, CROWD, from_at, through_at, most)
    return int(row[0])


async def part(reader: Reader, table: SealedTable, from_at: datetime, through_at: datetime) -> SealPart:
    """What a table holds of a span of time."""
    statement = f"select count(*), coalesce(string_agg({table.digest}, ''::bytea order by {table.key}), ''::bytea) from {table.rows}"  # noqa: S608 - names of our own tables
    [row] = await driver.fetch(reader, statement, from_at, through_at)
    return SealPart(table.name, row[0], row[1])


async def rows(reader: Reader, table: SealedTable, from_at: datetime, through_at: datetime) -> list[SealedRow]:
    """The same row by row, to find the one that no longer fits."""
    statement = f"select {table.place}, {table.digest}, {table.erased} from {table.rows} order by {table.key}"  # noqa: S608 - likewise
    return [SealedRow(*row) for row in await driver.fetch(reader, statement, from_at, through_at)]


async def write(writer: Writer, seal: Seal, made: Sequence[SealPart]) -> None:
    """A new head of the chain."""
    await SEALS(
        writer,
        [(seal.number, seal.from_at, seal.through_at, seal.previous, seal.hash, seal.sealed_at)],
    )
    await SEAL_PARTS(writer, [(seal.number, each.table, each.rows, each.digests) for each in made])


def seal_of(row: Any) -> Seal:
    """A seal from its row."""
    return Seal(row.number, row.from_at, row.through_at, row.previous, row.hash, row.sealed_at)
