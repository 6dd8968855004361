"""Refunds of fees: one FEE, whole, once, for a reason; and where its points go."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from domain.blocks import BlockKind, BlockStatus
from domain.commands.programs import SettingsChange
from domain.fees import AlreadyRefunded, Booked, NotAFee, UnknownReason
from domain.global_ids import seal
from domain.partner_transactions import Direction, NewPartnerTransaction, PartnerTransactionKind
from domain.people import Role
from domain.problems import NotFound, Problem, Refused
from domain.store import locks, partner_transactions
from domain.store.database import Database
from tests.partner_accounts.kit import REASONS, Books, some_books
from tests.support.factories import a_partner, a_program, result_of, somebody
from tests.support.refusals import places, problems_of
from tests.support.transactions import a_key


def refused_as(refund: Booked) -> AlreadyRefunded:
    row = refund.transaction
    id_ = seal("PartnerTransaction", row.id)
    return AlreadyRefunded(refund=id_, refunded_on=row.posted_on, path=("input", "fee"))


async def test_points_go_back_whole_to_the_block_that_paid(books: Books) -> None:
    block, sooner = await books.block(1000), await books.block(500, ends_on=date(2026, 11, 5))
    fee = await books.fee(block, "120.50")
    books.pass_to(2026, 11, 2)

    refund = await books.refund(fee, "MISTAKE", description="Charged twice")

    row = refund.transaction
    assert (row.kind, row.direction, row.points) == (PartnerTransactionKind.REFUND, Direction.CREDIT, Decimal("120.50"))
    assert (row.refunds_id, row.block_id, row.price) == (fee.transaction.id, block.id, block.price)
    assert (row.reason_code, row.description, row.posted_on) == ("MISTAKE", "Charged twice", date(2026, 11, 2))
    assert [await books.left(block), await books.left(sooner)] == [1000, 500]


async def test_money_is_given_back_without_a_block(books: Books) -> None:
    fee = await books.fee(amount="25.00")
    refund = (await books.refund(fee)).transaction
    assert (refund.points, refund.amount, refund.currency, refund.block_id) == (None, Decimal(25), "EUR", None)


async def test_what_a_closed_block_paid_goes_to_the_active_one_that_ends_first(books: Books) -> None:
    books.pass_to(2026, 10, 31)
    await books.block(10, ends_on=date(2026, 10, 31))
    books.pass_to(2026, 11, 1)
    paid = await books.block(100)
    fee = await books.fee(paid, "90")
    await books.end(paid)
    await books.block(10, starts_on=date(2026, 11, 2), ends_on=date(2026, 11, 3))
    await books.block(10, partner=await a_partner(books.database, books.program), ends_on=date(2026, 11, 1))
    endless, later = await books.block(10), await books.block(10, ends_on=date(2026, 12, 31))
    first = await books.block(10, kind=BlockKind.RESERVE, ends_on=date(2026, 11, 30))

    refund = await books.refund(fee)

    assert refund.transaction.block_id == first.id
    assert [await books.left(each) for each in (first, later, endless, paid)] == [100, 10, 10, 0]


async def test_points_of_a_block_past_its_last_day_go_to_another(books: Books) -> None:
    paid = await books.block(100, ends_on=date(2026, 11, 10))
    other = await books.block(10)
    one, two = await books.fee(paid, "30"), await books.fee(paid, "40")
    books.pass_to(2026, 11, 10)
    assert (await books.refund(one)).transaction.block_id == paid.id
    books.pass_to(2026, 11, 11)
    assert (await books.refund(two)).transaction.block_id == other.id
    assert [await books.left(paid), await books.left(other)] == [60, 50]


async def test_without_an_active_block_a_new_one_of_the_same_price_takes_the_points(books: Books) -> None:
    paid = await books.block(100, ends_on=date(2026, 11, 10), price=Decimal("0.012"), currency="USD")
    await books.overdraft(50)
    fee = await books.fee(paid, "100")
    books.pass_to(2026, 11, 11)

    refund = await books.refund(fee)

    assert refund.block is not None
    made = refund.block
    assert made.id != paid.id
    assert (made.kind, made.status) == (BlockKind.NORMAL, BlockStatus.APPROVED)
    assert [made.original, made.remaining] == [100, 100]
    assert (made.price, made.currency, made.cost) == (paid.price, "USD", Decimal("1.2"))
    assert (made.starts_on, made.ends_on, made.partner_id) == (date(2026, 11, 11), None, books.partner.id)
    await books.fee(made, "100")


async def test_a_second_refund_is_answered_with_the_first(books: Books) -> None:
    block = await books.block()
    fee = await books.fee(block, "100")
    first = await books.refund(fee)

    assert await problems_of(books.try_refund(fee)) == [refused_as(first)]
    assert await problems_of(books.try_refund(fee, "MISTAKE", preview=True)) == [refused_as(first)]
    assert await books.left(block) == 1000


@pytest.mark.parametrize("money", [False, True])
async def test_of_two_people_at_once_one_refunds_and_the_other_is_told(books: Books, money: bool) -> None:
    block = await books.block()
    fee = await (books.fee(amount="5") if money else books.fee(block, "100"))

    answers = await asyncio.gather(*(books.try_refund(fee) for _ in range(4)), return_exceptions=True)

    [won] = [each for each in answers if not isinstance(each, BaseException)]
    lost = [each.problems for each in answers if isinstance(each, Refused)]
    assert lost == [(refused_as(result_of(won)),)] * 3
    assert await books.left(block) == 1000


async def test_who_comes_second_waits_for_the_first_and_is_told(books: Books, migrated_url: str) -> None:
    fee = (await books.fee(amount="5")).transaction
    other = Database(migrated_url, pool_size=1)
    async with other.write() as writer:
        await locks.program(writer, books.program.id)
        await locks.fee(writer, fee.id)
        row = NewPartnerTransaction(
            program_id=fee.program_id, partner_id=fee.partner_id, kind=PartnerTransactionKind.REFUND,
            direction=Direction.CREDIT, posted_on=fee.posted_on, amount=fee.amount, currency=fee.currency,
            reason_code="MISTAKE", refunds_id=fee.id,
        )  # fmt: skip
        [first] = await partner_transactions.post(writer, [row])
        second = asyncio.create_task(problems_of(books.try_refund(fee.id)))
        await _waiting(books, second)
    assert await second == [refused_as(Booked(first, None))]
    await other.close()


async def _waiting(books: Books, second: "asyncio.Task[list[Problem]]") -> None:
    """Until somebody waits for a row of the fee's table, or for what another unit of work will have done to it."""
    waiting = text(
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and wait_event_type = 'Lock' and wait_event in ('transactionid', 'tuple')"
    )
    while True:
        assert not second.done()
        async with books.database.read() as reader:
            if (await reader.execute(waiting)).scalar_one():
                return
        await asyncio.sleep(0.01)


async def test_the_same_request_again_is_the_same_refund(books: Books) -> None:
    fee, key = await books.fee(amount="5"), a_key()
    first = await books.try_refund(fee, idempotency_key=key)
    again = await books.try_refund(fee, idempotency_key=key)
    assert (first.replayed, again.replayed) == (False, True)
    assert result_of(first) == result_of(again)


async def test_only_a_fee_can_be_refunded(books: Books) -> None:
    block = await books.block()
    taken = await books.adjust(block, "10")
    refund = await books.refund(await books.fee(block, "10"))
    for other in (taken, refund):
        expected = NotAFee(kind=other.transaction.kind, path=("input", "fee"))
        assert await problems_of(books.try_refund(other)) == [expected]
    assert await books.left(block) == 990


async def test_a_reason_is_one_of_the_programs(books: Books) -> None:
    fee = await books.fee(amount="5")
    expected = UnknownReason(value="BAD", allowed=REASONS, path=("input", "reasonCode"))
    assert await problems_of(books.try_refund(fee, "BAD")) == [expected]
    await books.refund(fee, "MISTAKE")


async def test_a_program_without_reasons_refunds_nothing(migrated_url: str) -> None:
    async with some_books(migrated_url, settings=SettingsChange()) as books:
        fee = await books.fee(amount="5")
        [problem] = await problems_of(books.try_refund(fee))
        assert isinstance(problem, UnknownReason)
        assert "lists no reasons" in problem.message


async def test_a_fee_that_one_may_not_see_is_none(books: Books) -> None:
    fee = await books.fee(amount="5")
    bound = somebody(Role.PARTNER_MANAGER, program=await a_program(books.database))
    for attempt in (books.try_refund(fee, actor=bound), books.try_refund(fee.transaction.id + 100_000)):
        [problem] = await problems_of(attempt)
        assert (type(problem), problem.path) == (NotFound, ("input", "fee"))


async def test_a_preview_of_a_refund_leaves_nothing(books: Books) -> None:
    block = await books.block()
    fee = await books.fee(block, "100")
    seen = result_of(await books.try_refund(fee, preview=True))
    assert seen.block is not None
    assert [seen.block.remaining, await books.left(block)] == [1000, 900]
    await books.refund(fee)


async def test_texts_that_cannot_be_stored_are_refused(books: Books) -> None:
    fee = await books.fee(amount="5")
    found = places(await problems_of(books.try_refund(fee, "A\0", description="B\0")))
    assert found == [("INVALID_INPUT", "input.description"), ("INVALID_INPUT", "input.reasonCode")]


async def test_the_database_itself_refuses_a_second_refund(books: Books) -> None:
    fee = await books.fee(amount="5")
    refund = (await books.refund(fee)).transaction
    again = text(
        "insert into partner_transaction (program_id, partner_id, kind, direction, posted_on, amount, currency, reason_code,"
        " refunds_id) select program_id, partner_id, kind, direction, posted_on, amount, currency, reason_code, refunds_id"
        " from partner_transaction where id = :id"
    )
    with pytest.raises(IntegrityError, match="uq_partner_transaction_refunds_id"):
        async with books.database.write() as writer:
            await writer.execute(again, {"id": refund.id})
