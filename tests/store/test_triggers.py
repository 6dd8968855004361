"""What is written once stays: PostgreSQL itself refuses raw SQL that would change it, whoever sends it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from domain.store.database import Database, Writer
from domain.store.tables import APPEND_ONLY, metadata
from tests.support.guards import CHANGING, fixed_columns

LOT = """
insert into lot (member_id, transaction_id, position, program_id, point_type_id, qualifying, origin, points, remaining, open,
                 transaction_date)
values (1, nextval('transaction_id_seq'), 0, 1, 1, true, 'BASE', 500, 500, true, '2026-01-01') returning transaction_id
"""
GUARDED = [*APPEND_ONLY, *CHANGING]


@pytest_asyncio.fixture
async def writer(database: Database) -> AsyncIterator[Writer]:
    """A unit of work that leaves nothing behind."""
    async with database.write() as writer:
        yield writer
        await writer.rollback()


def any_column(table: str) -> str:
    return metadata.tables[table].columns.keys()[0]


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_an_update_of_an_append_only_table_is_refused(writer: Writer, table: str) -> None:
    with pytest.raises(IntegrityError, match=f"UPDATE of {table} is refused: its rows are append-only"):
        await writer.execute(text(f"update {table} set {any_column(table)} = {any_column(table)}"))


@pytest.mark.parametrize("table", GUARDED)
async def test_a_delete_is_refused(writer: Writer, table: str) -> None:
    with pytest.raises(IntegrityError, match=f"DELETE of {table} is refused: its rows are append-only"):
        await writer.execute(text(f"delete from {table}"))


@pytest.mark.parametrize("table", GUARDED)
async def test_a_truncate_is_refused(writer: Writer, table: str) -> None:
    with pytest.raises(IntegrityError, match=f"TRUNCATE of {table} is refused: its rows are append-only"):
        await writer.execute(text(f"truncate {table} cascade"))


async def test_a_truncate_of_everything_is_refused(writer: Writer) -> None:
    with pytest.raises(IntegrityError, match=r"TRUNCATE of \w+ is refused"):
        await writer.execute(text("truncate program cascade"))


async def test_a_session_in_replica_mode_is_refused_too(writer: Writer) -> None:
    await writer.execute(text("set local session_replication_role = replica"))

    with pytest.raises(IntegrityError, match="DELETE of lot_use is refused"):
        await writer.execute(text("delete from lot_use"))


async def test_what_remains_of_a_lot_may_change(writer: Writer) -> None:
    lot = (await writer.execute(text(LOT))).scalar_one()

    await writer.execute(text(f"update lot set remaining = 0, open = false where transaction_id = {lot}"))

    row = (await writer.execute(text(f"select points, remaining, open from lot where transaction_id = {lot}"))).one()
    assert tuple(row) == (500, 0, False)


@pytest.mark.parametrize("column", fixed_columns("lot"))
async def test_nothing_else_of_a_lot_may_change(writer: Writer, column: str) -> None:
    with pytest.raises(
        IntegrityError, match="UPDATE of lot is refused: only remaining and open and extended may change"
    ):
        await writer.execute(text(f"update lot set remaining = 0, open = false, {column} = {column}"))


async def test_an_insert_cannot_become_an_update_of_a_lot(writer: Writer) -> None:
    with pytest.raises(IntegrityError, match="UPDATE of lot is refused"):
        await writer.execute(
            text(
                LOT.replace(
                    "returning", "on conflict (member_id, transaction_id, position) do update set points = 9 returning"
                )
            )
        )


async def test_a_lot_never_has_more_than_it_was_made_with(writer: Writer) -> None:
    lot = (await writer.execute(text(LOT))).scalar_one()

    with pytest.raises(IntegrityError, match="ck_lot_remaining"):
        await writer.execute(text(f"update lot set remaining = 501 where transaction_id = {lot}"))
