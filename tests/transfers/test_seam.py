"""Everybody whom a transaction touches is locked in one order, in real time and in the batch engine; nobody waits for ever."""

import asyncio
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text

from domain.commands.programs import SettingsChange
from domain.commands.transactions import PointsTransfer
from domain.members import Member
from domain.services import batch
from domain.services.batch import Progress
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store import families
from domain.store.database import Database
from domain.transactions import Status, Transaction
from tests.support.factories import result_of
from tests.support.members import a_member, by_number
from tests.support.transactions import a_stage, holding, until_waiting
from tests.transfers.pair import Pair, broken


async def worked(pair: Pair) -> Progress:
    """The progress at the end of a run by a worker of its own."""
    progress = Progress()
    async for done in batch.work(pair.database, EnginePrograms(), pair.stage.program.id):
        progress = done
    return progress


async def queued(pair: Pair, command: PointsTransfer) -> Transaction:
    receipt = await pair.stage.create(
        pair.stage.command(command.entry, member=command.member, recipient=command.recipient, queue=True)
    )
    return result_of(receipt)


async def test_transfers_both_ways_at_once_do_not_wait_for_each_other_for_ever(pair: Pair) -> None:
    """Two servers: one is on its way from Ada to Grace, the other from Grace to Ada."""
    await pair.stage.earn(100)
    await pair.stage.earn(100, member=pair.grace)
    other = Pair(replace(pair.stage, desk=Desk(pair.database, EnginePrograms())), pair.grace)
    sends = []
    async with holding(pair.database, members=[pair.ada.id, pair.grace.id]):
        sends.append(asyncio.ensure_future(pair.send(pair.sending(30))))
        await until_waiting(pair.database)
        sends.append(asyncio.ensure_future(other.send(pair.sending(50, pair.grace, pair.ada))))
        await until_waiting(pair.database, 2)
    assert [each.errors for each in await asyncio.gather(*sends)] == [(), ()]
    assert await pair.available() == (Decimal(120), Decimal(80))
    await other.stage.desk.close()


async def test_many_transfers_both_ways_by_two_servers_keep_every_point(pair: Pair) -> None:
    await pair.stage.earn(50)
    await pair.stage.earn(50, member=pair.grace)
    other = Pair(replace(pair.stage, desk=Desk(pair.database, EnginePrograms())), pair.grace)
    commands = [(each, pair.sending(1, *way)) for each in (pair, other) for _ in range(20) for way in ways(pair)]
    receipts = await asyncio.gather(*(server.send(command) for server, command in commands))
    assert Counter(receipt.errors for receipt in receipts) == {(): 80}
    assert await pair.available() == (Decimal(50), Decimal(50))
    await other.stage.desk.close()


def ways(pair: Pair) -> list[tuple[Member, Member]]:
    return [(pair.ada, pair.grace), (pair.grace, pair.ada)]


async def test_the_batch_engine_works_transfers_both_ways(pair: Pair) -> None:
    await pair.stage.earn(100)
    await pair.stage.earn(100, member=pair.grace)
    await queued(pair, pair.sending(30))
    await queued(pair, pair.sending(50, pair.grace, pair.ada))
    assert (await worked(pair)).by_sub_status == {"SUCCESS": 2}
    assert await pair.available() == (Decimal(120), Decimal(80))
    assert await pair.stage.queued() == 0


async def test_while_somebody_works_on_the_recipient_the_batch_engine_leaves_the_sender_alone(pair: Pair) -> None:
    await pair.stage.earn(100)
    first = await pair.stage.record(pair.stage.entry(amount=Decimal(7)), queue=True)
    transfer = await queued(pair, pair.sending(30))
    third = await a_member(pair.database, pair.stage.program)
    await pair.stage.record(pair.stage.entry(amount=Decimal(5)), member=by_number(third), queue=True)
    async with holding(pair.database, members=[pair.grace.id]):
        assert (await worked(pair)).processed == 1
        assert {await pair.stage.status(each) for each in (first, transfer)} == {Status.QUEUED}
    assert (await worked(pair)).processed == 2
    assert await pair.available() == (Decimal(77), Decimal(30))


async def test_two_workers_share_a_ring_of_transfers_and_lose_nothing(pair: Pair) -> None:
    members = [pair.ada, pair.grace, *[await a_member(pair.database, pair.stage.program) for _ in range(6)]]
    for member in members:
        await pair.stage.earn(10, member=member)
    for place, member in enumerate(members):
        await queued(pair, pair.sending(10, member, members[place - 1]))
        await queued(pair, pair.sending(10, member, members[place - 3]))
    await asyncio.gather(worked(pair), worked(pair))
    await worked(pair)
    assert await pair.stage.queued() == 0
    assert sum([(await pair.stage.balance(each)).available for each in members], Decimal(0)) == 80
    assert "arrivals" not in await broken(pair.database)


async def test_what_a_redemption_needs_of_nobody_else_locks_nobody_else(pair: Pair) -> None:
    """Grace is busy: Ada's purchases do not care."""
    async with holding(pair.database, members=[pair.grace.id]):
        assert (await pair.stage.earn(10)).errors == ()
        assert (await pair.stage.redeem(4)).errors == ()


async def test_a_transfer_whose_other_side_cannot_be_written_leaves_nothing_of_this_side(
    fresh_database: Database,
) -> None:
    desk = Desk(fresh_database, EnginePrograms())
    stage = await a_stage(desk, settings=SettingsChange(approval_above={}))
    pair = Pair(stage, await a_member(fresh_database, stage.program))
    await stage.earn(100)
    async with fresh_database.write() as writer:
        await writer.execute(text("alter table lot add constraint unlucky check (points <> 13)"))
    receipt = await pair.send(pair.sending(13))
    assert [each.code for each in receipt.errors] == ["ENGINE_ERROR"]
    assert await pair.available() == (Decimal(100), Decimal(0))
    assert await broken(fresh_database) == []
    await desk.close()


async def test_a_program_without_families_is_not_asked_for_any(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    async def asked(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(families, "parents", asked)
    await pair.stage.earn(10)
    await pair.stage.record(pair.stage.entry(amount=Decimal(7)), queue=True)
    assert (await worked(pair)).processed == 1
    assert await pair.available() == (Decimal(17), Decimal(0))
