"""For every column of every table of the ledger: one value changed by hand, and verification names the row; or says why it cannot."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Boolean, Column, Date, DateTime, Integer, LargeBinary, Numeric, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DBAPIError

from domain.services import seals
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store import invariants
from domain.store import seals as store
from domain.store import tables as t
from domain.store.database import Database, Reader
from domain.store.sealed_tables import SEALED, UNSEALED
from tests.seals.kit import busy, sealed
from tests.support.stock import Hotel, a_hotel

CACHES = (t.balance, t.voucher)
"""Tables that are not sealed because all of them changes: what they say follows from rows that are."""

NOT_FOUND = {
    "lot": {"extended"},
    "approval": {"comment"},
    "member_change": {"reason"},
    "transaction": {"version", "comment", "submit_to_id"},
    "point_hold": {"comment", "captured"},
    "point_block": {"version", "approved_at"},
    "balance": {"changes_on"},
}
"""Texts that people wrote and erasure may take away; versions and states of requests; and `extended`, `changes_on`, which only
say where to look: too often changes nothing."""


@pytest_asyncio.fixture
async def hotel(fresh_database: Database) -> AsyncIterator[Hotel]:
    desk = Desk(fresh_database, EnginePrograms())
    made = await a_hotel(desk)
    await busy(made)
    await sealed(made.database)
    yield made
    await desk.close()


def changed(column: Column[Any]) -> str:
    """Another value than a column has."""
    name, kind = f'"{column.name}"', column.type
    if isinstance(kind, Boolean):
        return f"not coalesce({name}, false)"
    if isinstance(kind, DateTime):
        return f"coalesce({name}, now()) + interval '1 microsecond'"
    if isinstance(kind, Date):
        return f"coalesce({name}, current_date) + 1"
    if isinstance(kind, Numeric | Integer):
        return f"coalesce({name}, 0) + 1"
    if isinstance(kind, JSONB):
        return "'{\"changed\": 1}'"
    if isinstance(kind, LargeBinary):
        return f"set_byte({name}, 0, (get_byte({name}, 0) + 1) % 256)"
    if isinstance(kind, ARRAY):
        return f"array_append({name}, 'x')"
    return f"coalesce({name}, '') || 'x'"


async def finds(reader: Reader, database: Database) -> list[str]:
    """What verification finds, seals first: within a unit of work that is undone."""
    for seal in await store.every(reader):
        _, found = await seals.compare(reader, seal)
        if found:
            return [str(each) for each in found]
    now = await database.now(reader)
    for invariant in invariants.INVARIANTS:
        if broken := await invariants.violations(reader, invariant, now, 5):
            return [str(each) for each in broken]
    return []


async def not_found(database: Database, table: Any) -> set[str]:
    """The columns in which a change of one value is neither refused by a constraint nor found."""
    silent = set()
    for column in table.columns:
        async with database.rehearse() as writer:
            await writer.execute(text(f"alter table {table.name} disable trigger user"))
            one = f"ctid = (select ctid from {table.name} order by ctid limit 1)"
            try:
                await writer.execute(text(f'update {table.name} set "{column.name}" = {changed(column)} where {one}'))
            except DBAPIError:
                continue
            if not await finds(writer, database):
                silent.add(column.name)
    return silent


async def test_a_change_of_any_value_is_found(hotel: Hotel) -> None:
    looked, silent = set(), {}
    async with hotel.database.read() as reader:
        for table in (*(each.table for each in SEALED), *CACHES):
            rows = (await reader.execute(text(f"select count(*) from {table.name}"))).scalar_one()
            if rows:
                looked.add(table.name)
    for table in (*(each.table for each in SEALED), *CACHES):
        if table.name in looked and (found := await not_found(hotel.database, table)):
            silent[table.name] = found
    assert looked >= {
        "lot",
        "lot_use",
        "lot_reversal",
        "decision",
        "transaction",
        "approval",
        "balance",
        "partner_transaction",
        "block_debit",
        "point_hold",
    }
    assert silent == {name: columns for name, columns in NOT_FOUND.items() if name in looked and columns}


def test_every_append_only_table_is_sealed() -> None:
    assert set(t.APPEND_ONLY) - {each.name for each in SEALED} == set(UNSEALED)


@pytest.mark.parametrize("table", SEALED, ids=lambda each: each.name)
def test_what_is_not_sealed_of_a_table_is_there_to_change(table: Any) -> None:
    assert table.changing <= set(table.table.columns.keys())
