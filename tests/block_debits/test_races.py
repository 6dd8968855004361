"""Blocks that many draw from at once, in a known order where it matters: never a point too many, never one too few."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

import pytest

from domain.blocks import BlockStatus, PointBlock
from domain.partner_transactions import Direction, NewPartnerTransaction, PartnerTransactionKind
from domain.services import batch
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store import block_debits, blocks, locks, partner_transactions
from domain.store.database import Database, Writer
from domain.store.failures import Contended
from tests.support.factories import result_of
from tests.support.members import a_member
from tests.support.stock import Hotel, answer_of
from tests.support.transactions import until_waiting

T = TypeVar("T")
SHORT = ("INSUFFICIENT_POINT_BLOCKS",)


@asynccontextmanager
async def somebody_at(database: Database, *held: PointBlock) -> AsyncIterator[Writer]:
    """Somebody else's unit of work, which has locked blocks first and commits at the end."""
    async with database.write() as writer:
        await locks.blocks(writer, [each.id for each in held])
        yield writer


async def contended(hotel: Hotel, block: PointBlock, work: Awaitable[T], monkeypatch: pytest.MonkeyPatch) -> T:
    """What becomes of work that draws 30 of 100 where somebody leaves 29 just before, and then somebody else puts 100 back.

    The second one has the block before the work is done again: only who waits for the block sees what there is then.
    """
    draw, filling = block_debits.draw, list[asyncio.Task[None]]()

    async def too_late(writer: Writer, need: dict[int, int]) -> None:
        if filling:
            return await draw(writer, need)
        async with somebody_at(hotel.database, block) as other:
            await take(other, block, 71)
        has_it = asyncio.Event()
        filling.append(asyncio.create_task(fill(has_it)))
        await has_it.wait()
        raise Contended

    async def fill(has_it: asyncio.Event) -> None:
        async with somebody_at(hotel.database, block) as writer:
            has_it.set()
            await until_waiting(hotel.database)
            await take(writer, block, 100, Direction.CREDIT)

    monkeypatch.setattr(block_debits, "draw", too_late)
    done = await work
    await filling[0]
    return done


async def take(writer: Writer, block: PointBlock, points: int, direction: Direction = Direction.DEBIT) -> None:
    """An adjustment of a locked block."""
    row = NewPartnerTransaction(
        program_id=block.program_id, partner_id=block.partner_id, kind=PartnerTransactionKind.ADJUSTMENT,
        direction=direction, posted_on=date(2026, 1, 1), points=Decimal(points), block_id=block.id,
    )  # fmt: skip
    await partner_transactions.post(writer, [row])


async def worked(hotel: Hotel) -> tuple[int, int]:
    """How many a worker has processed and rejected when nothing is left for it."""
    processed = rejected = 0
    async for progress in batch.work(hotel.database, EnginePrograms(), hotel.program.id):
        processed, rejected = progress.processed, progress.rejected
    return processed, rejected


async def servers(hotel: Hotel, count: int) -> list[Hotel]:
    """The same hotel at several servers, each with a guest of its own."""
    return [
        replace(
            hotel, desk=Desk(hotel.database, EnginePrograms()), member=await a_member(hotel.database, hotel.program)
        )
        for _ in range(count)
    ]


async def close(several: Sequence[Hotel]) -> None:
    for each in several:
        await each.desk.close()


async def test_who_comes_second_to_a_block_finds_what_the_first_has_left(hotel: Hotel) -> None:
    block, several = await hotel.block(100), await servers(hotel, 2)
    async with somebody_at(hotel.database, block):
        earning = [asyncio.ensure_future(each.earn(60)) for each in several]
        await until_waiting(hotel.database, 2)

    assert sorted(map(answer_of, await asyncio.gather(*earning))) == [(), SHORT]
    assert await hotel.left(block) == 40
    await close(several)


async def test_who_comes_second_goes_on_with_the_next_block(hotel: Hotel) -> None:
    first, second = await hotel.block(100, ends_on=date(2099, 1, 1)), await hotel.block(100)
    several = await servers(hotel, 2)
    async with somebody_at(hotel.database, first):
        earning = [asyncio.ensure_future(each.earn(60)) for each in several]
        await until_waiting(hotel.database, 2)
    stays = [result_of(each) for each in await asyncio.gather(*earning)]

    assert sorted([await hotel.debits(each) for each in stays], key=len) == [
        [(0, first.id, 60)], [(0, first.id, 40), (0, second.id, 20)],
    ]  # fmt: skip
    assert [await hotel.left(first), await hotel.left(second)] == [0, 80]
    await close(several)


async def test_an_adjustment_that_comes_first_is_seen(hotel: Hotel) -> None:
    block = await hotel.block(100)
    async with somebody_at(hotel.database, block) as writer:
        earning = asyncio.ensure_future(hotel.earn(30))
        await until_waiting(hotel.database)
        await take(writer, block, 71)

    assert answer_of(await earning) == SHORT
    assert await hotel.left(block) == 29


async def test_the_desk_locks_what_was_contended_before_it_looks_again(
    hotel: Hotel, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = await hotel.block(100)

    result_of(await contended(hotel, block, hotel.earn(30), monkeypatch))

    assert await hotel.left(block) == 99


async def test_the_batch_engine_locks_what_was_contended_before_it_looks_again(
    hotel: Hotel, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = await hotel.block(100)
    for _ in range(3):
        await hotel.record(queue=True)

    done = await contended(hotel, block, worked(hotel), monkeypatch)

    assert done == (3, 0)
    assert await hotel.left(block) == 99


async def test_a_block_that_is_closed_meanwhile_pays_no_more(hotel: Hotel) -> None:
    closing, other = await hotel.block(100, ends_on=date(2099, 1, 1)), await hotel.block(100)
    async with somebody_at(hotel.database, closing) as writer:
        earning = asyncio.ensure_future(hotel.earn(30))
        await until_waiting(hotel.database)
        await take(writer, closing, 100)
        now = await hotel.database.now(writer)
        await blocks.change(writer, closing.id, status=BlockStatus.CLOSED, closed_at=now)

    stay = result_of(await earning)
    assert await hotel.debits(stay) == [(0, other.id, 30)]
    assert [await hotel.left(closing), await hotel.left(other)] == [0, 70]


async def test_a_cancellation_whose_block_is_closed_meanwhile_finds_another(hotel: Hotel) -> None:
    closing = await hotel.block(100)
    stay = result_of(await hotel.earn(30))
    other = await hotel.block(100)
    async with somebody_at(hotel.database, closing) as writer:
        cancelling = asyncio.ensure_future(hotel.cancel(stay))
        await until_waiting(hotel.database)
        await take(writer, closing, 70)
        now = await hotel.database.now(writer)
        await blocks.change(writer, closing.id, status=BlockStatus.CLOSED, closed_at=now)

    back = result_of(await cancelling)
    assert await hotel.debits(back) == [(0, other.id, -30)]
    assert [await hotel.left(closing), await hotel.left(other)] == [0, 130]


async def test_the_credit_is_kept_by_two_who_overdraw_at_once(hotel: Hotel) -> None:
    await hotel.agree(credit_limit=Decimal(100))
    result_of(await hotel.earn(1))
    [overdraft], several = await hotel.blocks(), await servers(hotel, 2)
    async with somebody_at(hotel.database, overdraft):
        earning = [asyncio.ensure_future(each.earn(60)) for each in several]
        await until_waiting(hotel.database, 2)

    assert sorted(map(answer_of, await asyncio.gather(*earning))) == [(), SHORT]
    assert await hotel.left(overdraft) == -61
    await close(several)


async def test_of_200_at_once_150_get_what_a_block_has_and_50_are_refused(hotel: Hotel) -> None:
    block, several = await hotel.block(150), await servers(hotel, 4)

    answers = await asyncio.gather(*(several[place % 4].earn(1) for place in range(200)))

    assert sorted(map(answer_of, answers)) == [()] * 150 + [SHORT] * 50
    assert await hotel.left(block) == 0
    assert sum([(await hotel.balance(each.member)).available for each in several]) == 150
    await close(several)


async def test_two_workers_on_one_block_end_at_the_exact_figure(hotel: Hotel) -> None:
    block, guests = await hotel.block(1_700), [await a_member(hotel.database, hotel.program) for _ in range(20)]
    several = [replace(hotel, member=guest) for guest in guests]
    for _ in range(10):
        for each in several:
            await each.record(queue=True)

    done = await asyncio.gather(worked(hotel), worked(hotel))

    assert [sum(each) for each in zip(*done, strict=True)] == [170, 30]
    assert await hotel.left(block) == 0
    assert sum(points for _, _, points in await hotel.postings(PartnerTransactionKind.ACCRUAL_DEBIT)) == 1_700
