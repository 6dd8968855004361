"""Seals find what was changed, removed or added behind the triggers' back, and nothing where all is as it was."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text

from domain.services import seals
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.seals.kit import AT_ONCE, broken, busy, by_force, sealed, violations
from tests.support.factories import result_of
from tests.support.stock import Hotel, a_hotel


@pytest_asyncio.fixture
async def hotel(fresh_database: Database) -> AsyncIterator[Hotel]:
    desk = Desk(fresh_database, EnginePrograms())
    made = await a_hotel(desk)
    await busy(made)
    yield made
    await desk.close()


async def test_what_is_sealed_verifies_and_is_sealed_only_once(hotel: Hotel) -> None:
    rows = await sealed(hotel.database)
    assert rows > 20
    assert await sealed(hotel.database) == 0
    assert await violations(hotel.database) == {}
    found = [each async for each in seals.check(hotel.database)]
    assert sum(each.rows for each in found) == rows


async def test_seals_are_a_chain_that_grows_with_the_ledger(hotel: Hotel) -> None:
    await sealed(hotel.database)
    first = await seals.head(hotel.database)
    assert first is not None
    result_of(await hotel.earn(7))
    assert await sealed(hotel.database) >= 3  # a lot, a decision, a transaction; and what its block paid
    second = await seals.head(hotel.database)
    assert second is not None
    assert (first.number, second.number) == (1, 2)
    assert await seals.holds(hotel.database, first)
    assert await seals.holds(hotel.database, second)
    assert await broken(hotel.database) == []


async def test_nothing_is_sealed_while_somebody_who_began_before_is_still_at_work(hotel: Hotel) -> None:
    async with hotel.database.write() as writer:
        await writer.execute(text("select 1"))
        before = await sealed(hotel.database)
        result_of(await hotel.earn(3))
        assert await sealed(hotel.database) == 0
    assert before > 0
    assert await sealed(hotel.database) >= 3


async def test_what_is_younger_than_the_safe_age_waits(hotel: Hotel) -> None:
    assert [rows async for rows in seals.seal(hotel.database)] == []
    assert [rows async for rows in seals.seal(hotel.database, AT_ONCE)] != []


async def test_a_changed_row_is_named(hotel: Hotel) -> None:
    await sealed(hotel.database)
    async with by_force(hotel.database, "lot") as writer:
        number = (await writer.execute(text("select min(transaction_id) from lot"))).scalar_one()
        await writer.execute(text(f"update lot set promotion_id = 4711 where transaction_id = {number}"))
    [found] = await broken(hotel.database)
    assert found == (
        f"lot of member id {hotel.member.id}, transaction id {number}, position 0: expected as seal 1 has it,"
        " found changed since, or added"
    )


async def test_a_removed_row_is_located_behind_its_neighbour(hotel: Hotel) -> None:
    await sealed(hotel.database)
    async with by_force(hotel.database, "lot_use") as writer:
        await writer.execute(text("delete from lot_use where points < 0"))
    [found] = await broken(hotel.database)
    assert found.startswith(f"lot use after lot use of member id {hotel.member.id}, transaction id ")
    assert found.endswith("expected 1 more as seal 1 has them, found removed since")


async def test_a_row_added_into_sealed_time_is_named(hotel: Hotel) -> None:
    await sealed(hotel.database)
    copied = "select member_id, transaction_id, 9, lot_transaction_id, lot_position, point_type_id, points,"
    async with by_force(hotel.database, "lot_use") as writer:
        await writer.execute(
            text(f"insert into lot_use {copied} null, null, created_at from lot_use where points = 60")
        )
    [found] = await broken(hotel.database)
    assert ", position 9: expected as seal 1 has it, found changed since, or added" in found


async def test_a_seal_made_anew_no_longer_fits_its_parts_and_one_with_new_parts_no_checkpoint(hotel: Hotel) -> None:
    await sealed(hotel.database)
    seen = await seals.head(hotel.database)
    assert seen is not None
    async with by_force(hotel.database, "seal_part") as writer:
        await writer.execute(text("update seal_part set rows = rows - 1 where table_name = 'lot'"))
    assert any(found.startswith("seal 1: expected the hash of its parts") for found in await broken(hotel.database))
    async with by_force(hotel.database, "lot", "seal", "seal_part") as writer:
        await writer.execute(text("update lot set promotion_id = 4711"))
        await writer.execute(text("delete from seal_part"))
        await writer.execute(text("delete from seal"))
    await sealed(hotel.database)
    assert await broken(hotel.database) == []
    assert not await seals.holds(hotel.database, seen)


async def test_a_seal_that_is_missing_breaks_the_chain(hotel: Hotel) -> None:
    await sealed(hotel.database)
    result_of(await hotel.earn(3))
    await sealed(hotel.database)
    async with by_force(hotel.database, "seal", "seal_part") as writer:
        await writer.execute(text("delete from seal_part where number = 1"))
        await writer.execute(text("delete from seal where number = 1"))
    assert "seal 2: expected seal 1 after seal 0, found seal 2" in await broken(hotel.database)


async def test_many_rows_are_sealed_in_parts(hotel: Hotel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "MOST", 2)
    counts = [rows async for rows in seals.seal(hotel.database, AT_ONCE)]
    assert len(counts) >= 3
    assert await broken(hotel.database) == []


async def test_seals_are_append_only(hotel: Hotel) -> None:
    await sealed(hotel.database)
    for table in ("seal", "seal_part"):
        for statement in (f"update {table} set number = number", f"delete from {table}", f"truncate {table}"):
            with pytest.raises(Exception, match="append-only"):
                async with hotel.database.write() as writer:
                    await writer.execute(text(statement))
