"""Taking back what had to do with vouchers: they follow the points, whole, and nothing is worth anything twice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from domain.decisions import ReturnedVoucher
from domain.engine.rejections import VoucherNotReturned, VouchersDivided
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.moves import Move
from domain.problems import Problem
from domain.programs import Product
from domain.promotions import AssignVoucher, Rule
from domain.receipts import Receipt
from domain.services import batch
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from domain.transactions import Status, Transaction, Type, VoucherWish
from domain.vouchers import VoucherMove, VoucherStatus, VoucherTerms
from tests.refunds.ledgers import violations
from tests.support.factories import result_of
from tests.support.members import at
from tests.support.promotions import a_promotion
from tests.support.transactions import Stage
from tests.vouchers.kit import a_reward, a_type, by_type, held, history, issue, press, redeem, use
from tests.vouchers.test_engine import decision_of


@pytest_asyncio.fixture
async def desk(fresh_database: Database) -> AsyncIterator[Desk]:
    """A desk with a database of its own: everything in it is verified at the end of a test."""
    desk = Desk(fresh_database, EnginePrograms())
    yield desk
    await desk.close()


AVAILABLE, USED, CANCELLED = VoucherStatus.AVAILABLE, VoucherStatus.USED, VoucherStatus.CANCELLED
MONTH = ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.MONTH)


async def statuses(stage: Stage) -> list[VoucherStatus]:
    return [each.status for each in await held(stage)]


async def available(stage: Stage) -> int:
    return int((await stage.balance()).available)


@asynccontextmanager
async def later(stage: Stage, delay: timedelta) -> AsyncIterator[Stage]:
    """The same some time afterwards."""
    database = at(stage.database, datetime.now(UTC) + delay)
    desk = Desk(database, stage.desk.programs)
    yield replace(stage, desk=desk)
    await desk.close()
    await database.close()


def why(receipt: Receipt[Transaction]) -> Problem:
    [problem] = receipt.errors
    return replace(problem, path=())


async def three_bought(stage: Stage, **terms: Any) -> tuple[Product, Transaction]:
    """Vouchers for which the member has paid 300 of 500 points."""
    kind = await a_reward(stage, 100, voucher=VoucherTerms(**terms))
    await stage.earn(500)
    return kind, result_of(await redeem(stage, kind, quantity=Decimal(3)))


async def test_vouchers_that_points_bought_go_back_with_them(stage: Stage) -> None:
    kind, bought = await three_bought(stage)
    cancellation = result_of(await stage.cancel(bought))
    assert (await available(stage), await statuses(stage)) == (500, [CANCELLED] * 3)
    first = (await held(stage))[0]
    told = (await decision_of(stage, cancellation)).reversal
    assert told is not None
    assert ReturnedVoucher(number=first.number, voucher_type=kind.code, move=VoucherMove.CANCEL) in told.vouchers
    moves = await history(stage, first)
    assert [(each.move, each.transaction_id) for each in moves] == [
        (VoucherMove.ISSUE, bought.id),
        (VoucherMove.CANCEL, cancellation.id),
    ]
    assert await violations(stage.database) == []


async def test_a_refund_by_quantity_takes_so_many_vouchers(stage: Stage) -> None:
    _, bought = await three_bought(stage)
    result_of(await stage.refund(bought, quantity=1))
    assert (await available(stage), (await statuses(stage)).count(CANCELLED)) == (300, 1)
    result_of(await stage.refund(bought, points=200))
    assert (await available(stage), await statuses(stage)) == (500, [CANCELLED] * 3)
    assert await stage.status(bought) is Status.CANCELLED


async def test_a_piece_of_a_voucher_is_not_refunded(stage: Stage) -> None:
    _, bought = await three_bought(stage)
    refused = await stage.refund(bought, points=99)
    assert why(refused) == VouchersDivided(bought=3)
    assert (await available(stage), await statuses(stage)) == (200, [AVAILABLE] * 3)


async def test_points_of_a_used_voucher_come_back_only_after_what_it_paid_for(stage: Stage) -> None:
    kind, bought = await three_bought(stage)
    mug = await a_reward(stage, 150)
    paid = result_of(await redeem(stage, mug, voucher=by_type(kind)))
    used = next(each for each in await held(stage) if each.status is USED)

    refused = await stage.cancel(bought)
    assert why(refused) == VoucherNotReturned(number=used.number, status=USED)
    assert (await available(stage), (await statuses(stage)).count(AVAILABLE)) == (200, 2)

    result_of(await stage.refund(bought, quantity=2))
    assert (await available(stage), (await statuses(stage)).count(CANCELLED)) == (400, 2)
    result_of(await stage.cancel(paid))
    result_of(await stage.cancel(bought))
    assert (await available(stage), await statuses(stage)) == (500, [CANCELLED] * 3)
    assert await violations(stage.database) == []


async def test_a_bought_voucher_that_has_lapsed_is_not_paid_back(stage: Stage) -> None:
    _, bought = await three_bought(stage, expiry=MONTH)
    number = (await held(stage))[0].number
    async with later(stage, timedelta(days=40)) as evening:
        refused = await evening.cancel(bought)
    assert why(refused) == VoucherNotReturned(number=number, status=VoucherStatus.EXPIRED)
    assert await available(stage) == 200


async def test_a_reissued_voucher_goes_back_under_its_new_number(stage: Stage) -> None:
    _, bought = await three_bought(stage)
    await press(stage, VoucherMove.REISSUE, (await held(stage))[0])
    result_of(await stage.cancel(bought))
    assert await statuses(stage) == [VoucherStatus.REISSUED, CANCELLED, CANCELLED, CANCELLED]
    assert await available(stage) == 500


async def test_vouchers_that_paid_can_be_used_again(stage: Stage) -> None:
    kind, mug = await a_type(stage), await a_reward(stage, 100)
    await issue(stage, kind, 2)
    await stage.earn(300)
    bought = result_of(await redeem(stage, mug, quantity=Decimal(3), voucher=by_type(kind, 2)))
    assert (await available(stage), await statuses(stage)) == (200, [USED, USED])

    cancellation = result_of(await stage.cancel(bought))

    assert (await available(stage), await statuses(stage)) == (300, [AVAILABLE, AVAILABLE])
    moves = await history(stage, (await held(stage))[0])
    assert (moves[-1].move, moves[-1].transaction_id) == (VoucherMove.RESTORE, cancellation.id)
    result_of(await redeem(stage, mug, voucher=by_type(kind)))
    assert (await statuses(stage)).count(USED) == 1
    assert await violations(stage.database) == []


async def test_a_redemption_that_vouchers_alone_paid_is_cancelled_too(stage: Stage) -> None:
    kind, mug = await a_type(stage), await a_reward(stage, 100)
    await issue(stage, kind)
    bought = result_of(await redeem(stage, mug, voucher=by_type(kind)))
    result_of(await stage.cancel(bought))
    assert (await available(stage), await statuses(stage)) == (0, [AVAILABLE])
    assert await stage.status(bought) is Status.CANCELLED


async def test_each_voucher_is_free_once_its_share_is_back_and_never_twice(stage: Stage) -> None:
    kind, mug = await a_type(stage), await a_reward(stage, 100)
    await issue(stage, kind, 2)
    await stage.earn(200)
    bought = result_of(await redeem(stage, mug, quantity=Decimal(4), voucher=by_type(kind, 2)))
    result_of(await stage.refund(bought, quantity=1))
    assert await statuses(stage) == [USED, USED]
    result_of(await stage.refund(bought, quantity=1))
    assert sorted(each.value for each in await statuses(stage)) == ["AVAILABLE", "USED"]
    again = result_of(await redeem(stage, mug, voucher=by_type(kind)))
    result_of(await stage.cancel(bought))
    [other] = [each for each in await held(stage) if each.status is USED]
    assert other.used_by_id == again.id
    assert (await available(stage), len(await held(stage))) == (200, 2)
    assert await violations(stage.database) == []


async def test_what_a_promotion_gave_is_taken_back_unless_it_was_used(stage: Stage) -> None:
    kind = await a_type(stage)
    await a_promotion(stage.database, stage.program, Rule((AssignVoucher(kind.code, 3),)))
    bought = result_of(await stage.earn(100))
    result_of(await stage.refund(bought, amount=40))
    assert (await statuses(stage)).count(CANCELLED) == 1
    await use(stage, number=next(each.number for each in await held(stage) if each.status is AVAILABLE))
    result_of(await stage.cancel(bought))
    assert sorted(each.value for each in await statuses(stage)) == ["CANCELLED", "CANCELLED", "USED"]
    assert await violations(stage.database) == []


async def test_a_refusal_later_in_the_cancellation_leaves_the_vouchers(stage: Stage) -> None:
    kind = await a_type(stage)
    await a_promotion(stage.database, stage.program, Rule((AssignVoucher(kind.code),)))
    bought = result_of(await stage.earn(100))
    await stage.redeem(100)
    assert (await stage.cancel(bought)).errors != ()
    assert await statuses(stage) == [AVAILABLE]


@pytest.mark.parametrize("first", ["cancel", "use"])
async def test_in_one_chunk_of_the_batch_engine_a_voucher_counts_once(stage: Stage, first: str) -> None:
    """A bought voucher is used and its purchase cancelled in the same commit: whatever comes first, the other is refused."""
    _, bought = await three_bought(stage)
    mug = await a_reward(stage, 100)
    numbers = [each.number for each in await held(stage)]
    wish = VoucherWish(number=numbers[0])
    entry = stage.entry(type=Type.REDEMPTION, product=mug.code, voucher=wish)
    if first == "use":
        await stage.record(entry, queue=True)
    cancellation = result_of(await stage.cancel(bought, record=True))
    result_of(await stage.move(Move.QUEUE, cancellation, stage.director))
    if first == "cancel":
        await stage.record(entry, queue=True)
    async for _ in batch.work(stage.database, stage.desk.programs, stage.program.id):
        pass
    expected = (500, [CANCELLED] * 3) if first == "cancel" else (200, [USED, AVAILABLE, AVAILABLE])
    assert (await available(stage), await statuses(stage)) == expected
    assert await violations(stage.database) == []


async def test_an_ended_reservation_is_released_before_what_follows(stage: Stage) -> None:
    kind, mug = await a_type(stage), await a_reward(stage, 100)
    first, second = await issue(stage, kind, 2)
    for each in (first, second):
        await press(stage, VoucherMove.RESERVE, each)
    async with later(stage, timedelta(hours=1)) as evening:
        await press(evening, VoucherMove.RESERVE, first)
        result_of(await redeem(evening, mug, voucher=by_type(kind)))
    assert (await held(stage))[1].status is USED
    assert await violations(stage.database) == []
