"""What has changed since a moment: what was committed after it, in the order of commits, and nothing else."""

import asyncio

from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store import changes, transaction_changes
from domain.store.changes import Bell, Moment, listening
from domain.store.database import Database
from domain.store.transactions import DELETE, change
from domain.transactions import Transaction
from tests.support.transactions import Stage, a_stage

PATIENCE_S = 120


async def seen(database: Database) -> Moment:
    async with database.snapshot() as reader:
        return await changes.moment(reader)


async def since(database: Database, moment: Moment, *made: Transaction) -> list[int]:
    async with database.snapshot() as reader:
        return await transaction_changes.of_ids(reader, moment, [each.id for each in made])


async def staged(database: Database) -> Stage:
    return await a_stage(Desk(database, EnginePrograms()))


async def test_what_was_written_since_is_found_and_what_was_before_is_not(database: Database) -> None:
    stage = await staged(database)
    before = await stage.record(stage.credit(1))
    moment = await seen(database)
    assert await since(database, moment, before) == []
    after = await stage.record(stage.credit(2))
    assert await since(database, moment, before, after) == [after.id]
    async with database.write() as writer:
        await change(writer, before.id, comment="changed")
    assert await since(database, moment, before, after) == [before.id, after.id]
    async with database.snapshot() as reader:
        assert await transaction_changes.of_members(reader, moment, [stage.member.id, -1]) == [
            (stage.member.id, before.id), (stage.member.id, after.id),
        ]  # fmt: skip
    assert await since(database, await seen(database), before, after) == []


async def test_what_began_before_and_was_committed_after_is_found(database: Database) -> None:
    stage = await staged(database)
    made = await stage.record(stage.credit(1))
    async with database.write() as writer:
        await change(writer, made.id, comment="slow")
        moment = await seen(database)
        await stage.record(stage.credit(2))
        later = await seen(database)
        assert await since(database, moment, made) == []
    assert await since(database, moment, made) == [made.id]
    assert await since(database, later, made) == [made.id]
    assert await since(database, await seen(database), made) == []


async def test_what_was_undone_is_no_change(database: Database) -> None:
    stage = await staged(database)
    made = await stage.record(stage.credit(1))
    moment = await seen(database)
    async with database.rehearse() as writer:
        await writer.execute(DELETE, {"key": made.id})
    assert await since(database, moment, made) == []


async def test_a_bell_is_heard_once_for_what_comes_at_once_and_again_for_what_comes_later(database: Database) -> None:
    heard = asyncio.Event()
    bell = Bell(database)
    async with listening(database, heard.set):
        for _ in range(3):
            bell()
        await asyncio.wait_for(heard.wait(), PATIENCE_S)
        heard.clear()
        bell()
        await asyncio.wait_for(heard.wait(), PATIENCE_S)
    await bell.close()
    bell()
    assert bell._ringing is None
