"""Adjustments and fees: what is booked by hand, what is refused, once per key, and previews that leave nothing."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text

from domain.block_problems import BlockInactive, InsufficientBlockPoints
from domain.fees import MoreThanOverdrawn, ZeroFee
from domain.partner_transactions import Direction, PartnerTransactionKind
from domain.people import Role
from domain.points import PointsOutOfRange, TooManyDecimals
from domain.problems import IdempotencyKeyReused, NotFound, Refused
from tests.partner_accounts.kit import Books
from tests.support.factories import a_partner, a_person, a_program, result_of, somebody, terms
from tests.support.refusals import places, problems_of
from tests.support.transactions import a_key

Kind = PartnerTransactionKind


async def rows(books: Books) -> list[tuple[str, str, str | None, str | None]]:
    """Kind, direction, points and amount of every partner transaction, in the order in which they were written."""
    async with books.database.read() as reader:
        found = await reader.execute(
            text("select kind, direction, points::text, amount::numeric(20, 2)::text from partner_transaction"
                 " where program_id = :program order by id"), {"program": books.program.id}
        )  # fmt: skip
        return [tuple(row) for row in found]


async def test_a_debit_takes_from_the_block_and_a_credit_adds_to_it_without_a_cap(books: Books) -> None:
    block = await books.block(1000)

    taken = await books.adjust(block, "54.5")
    given = await books.adjust(block, "5000", Direction.CREDIT)

    assert await books.left(block) == Decimal("5945.50")
    assert taken.block is not None
    assert taken.block.remaining == Decimal("945.50")
    row = taken.transaction
    assert (row.kind, row.direction, row.points, row.price) == (
        Kind.ADJUSTMENT,
        Direction.DEBIT,
        Decimal("54.50"),
        Decimal("0.01"),
    )
    assert (row.posted_on, row.created_by_id, row.description) == (
        date(2026, 11, 1), books.manager.person_id, "A count of the shelves",
    )  # fmt: skip
    assert given.transaction.direction is Direction.CREDIT


async def test_a_debit_is_at_most_what_the_block_has(books: Books) -> None:
    block = await books.block(100)

    short = await problems_of(books.try_adjust(block, "100.01"))

    assert short == [
        InsufficientBlockPoints(available=Decimal(100), required=Decimal("100.01"), path=("input", "points"))
    ]
    await books.adjust(block, "100")
    assert await books.left(block) == 0
    assert await rows(books) == [("PURCHASE", "CREDIT", "100.00", None), ("ADJUSTMENT", "DEBIT", "100.00", None)]


async def test_an_overdraft_is_credited_up_to_nothing(books: Books) -> None:
    overdraft = await books.overdraft(50)

    beyond = await problems_of(books.try_adjust(overdraft, "50.01", Direction.CREDIT))
    assert beyond == [MoreThanOverdrawn(overdrawn=Decimal(50), given=Decimal("50.01"), path=("input", "points"))]
    short = await problems_of(books.try_adjust(overdraft, "1"))
    assert short == [InsufficientBlockPoints(available=Decimal(0), required=Decimal(1), path=("input", "points"))]
    await books.adjust(overdraft, "50", Direction.CREDIT)
    assert await books.left(overdraft) == 0


async def test_points_are_more_than_zero_and_have_two_decimals(books: Books) -> None:
    block = await books.block()
    for points, problem in (("0", PointsOutOfRange), ("-1", PointsOutOfRange), ("0.001", TooManyDecimals)):
        assert [type(each) for each in await problems_of(books.try_adjust(block, points))] == [problem]
        assert [type(each) for each in await problems_of(books.try_fee(block, points))] == [problem]
    assert await books.left(block) == 1000


async def test_a_block_of_somebody_else_is_none(books: Books) -> None:
    other = await a_partner(books.database, books.program)
    block = await books.block(partner=other)
    elsewhere = await a_program(books.database)
    own = await books.block()

    for attempt in (
        books.try_adjust(block, "1"),
        books.try_fee(block, "1"),
        books.try_adjust(own, "1", program=elsewhere.code),
        books.try_adjust(own, "1", partner=None),
        books.try_adjust(own.id + 100_000, "1"),
    ):
        [problem] = await problems_of(attempt)
        assert (type(problem), problem.path) == (NotFound, ("input", "block"))
    assert [await books.left(block), await books.left(own)] == [1000, 1000]


async def test_partners_and_programs_that_one_may_not_see_are_none(books: Books) -> None:
    block = await books.block()
    bound = somebody(Role.PARTNER_MANAGER, program=await a_program(books.database))
    assert places(await problems_of(books.try_adjust(block, "1", actor=bound))) == [("NOT_FOUND", "input.program")]
    assert places(await problems_of(books.try_fee(block, "1", actor=bound))) == [("NOT_FOUND", "input.program")]
    assert places(await problems_of(books.try_fee(block, "1", partner="NONE"))) == [("NOT_FOUND", "input.partner")]
    assert places(await problems_of(books.try_fee(block, "1", program="NONE"))) == [("NOT_FOUND", "input.program")]


async def test_an_inactive_block_is_named_as_such(books: Books) -> None:
    books.pass_to(2026, 10, 31)
    past = await books.block(ends_on=date(2026, 10, 31))
    books.pass_to(2026, 11, 1)
    asked = await a_person(books.database, Role.PARTNER_MANAGER)
    waiting = await books.block(submit_to=asked.subject)
    coming = await books.block(starts_on=date(2026, 11, 2))
    for block in (waiting, coming, past):
        expected = BlockInactive(
            status=block.status, starts_on=block.starts_on, ends_on=block.ends_on, today=date(2026, 11, 1),
            path=("input", "block"),
        )  # fmt: skip
        assert await problems_of(books.try_adjust(block, "1", Direction.CREDIT)) == [expected]
        assert await problems_of(books.try_fee(block, "1")) == [expected]
    books.pass_to(2026, 11, 2)
    await books.adjust(coming, "1")


async def test_a_block_is_active_on_its_first_and_on_its_last_day(books: Books) -> None:
    block = await books.block(ends_on=date(2026, 11, 3))
    await books.adjust(block, "1")
    books.pass_to(2026, 11, 3, 23, 59, 59)
    await books.adjust(block, "1")
    books.pass_to(2026, 11, 4, 0)
    assert [each.code for each in await problems_of(books.try_adjust(block, "1"))] == ["BLOCK_INACTIVE"]


async def test_a_fee_in_points_is_at_most_what_the_block_has(books: Books) -> None:
    block = await books.block(100)

    fee = await books.fee(block, "99.99")

    assert (fee.transaction.kind, fee.transaction.direction, fee.transaction.points) == (
        Kind.FEE, Direction.DEBIT, Decimal("99.99"),
    )  # fmt: skip
    assert (fee.transaction.amount, fee.transaction.block_id) == (None, block.id)
    short = await problems_of(books.try_fee(block, "0.02"))
    assert short == [
        InsufficientBlockPoints(available=Decimal("0.01"), required=Decimal("0.02"), path=("input", "points"))
    ]


async def test_a_fee_in_money_is_recorded_and_charged_to_no_block(books: Books) -> None:
    block = await books.block(100)

    fee = await books.fee(amount="25.00")

    row = fee.transaction
    assert (row.points, row.amount, row.currency, row.block_id, row.price) == (None, Decimal(25), "EUR", None, None)
    assert fee.block is None
    assert await books.left(block) == 100


async def test_who_has_no_terms_in_the_program_is_charged_nothing_and_whose_terms_have_ended_is(books: Books) -> None:
    stranger, former = await a_partner(books.database), await a_partner(books.database, books.program)
    await terms(books.database, books.program, former, expected_version=1, active=False)

    refused = await problems_of(books.try_fee(amount="9.90", partner=stranger.code))
    await books.fee(amount="9.90", partner=former.code)

    assert places(refused) == [("PARTNER_INACTIVE", "input.partner")]
    assert await rows(books) == [("FEE", "DEBIT", None, "9.90")]


async def test_a_fee_is_either_points_of_a_block_or_money_above_zero(books: Books) -> None:
    block = await books.block()
    for attempt, expected in (
        (books.try_fee(), ("MISSING_INPUT", "input.points")),
        (books.try_fee(points="1"), ("MISSING_INPUT", "input.block")),
        (books.try_fee(block, "1", amount="1"), ("INVALID_INPUT", "input.points")),
        (books.try_fee(block, amount="1"), ("INVALID_INPUT", "input.block")),
        (books.try_fee(amount="-1"), ("AMOUNT_OUT_OF_RANGE", "input.money.amount")),
        (books.try_fee(amount="0.001"), ("AMOUNT_TOO_FINE", "input.money.amount")),
        (books.try_fee(amount="1", currency="XXX"), ("UNKNOWN_CURRENCY", "input.money.currency")),
        (books.try_fee(amount="1", description=" "), ("INVALID_INPUT", "input.description")),
    ):
        assert places(await problems_of(attempt)) == [expected]
    assert await problems_of(books.try_fee(amount="0.00")) == [ZeroFee(path=("input", "money", "amount"))]
    assert await rows(books) == [("PURCHASE", "CREDIT", "1000.00", None)]


async def test_a_key_books_once_and_answers_again(books: Books) -> None:
    block, key = await books.block(), a_key()

    first = await books.try_fee(block, "100", idempotency_key=key)
    again = await books.try_fee(block, "100", idempotency_key=key)
    reused = await problems_of(books.try_fee(block, "101", idempotency_key=key))

    assert (first.replayed, again.replayed) == (False, True)
    assert result_of(first).transaction == result_of(again).transaction
    assert reused == [IdempotencyKeyReused(path=("input", "idempotencyKey"))]
    assert await books.left(block) == 900


async def test_a_refused_booking_gives_its_key_back(books: Books) -> None:
    block, key = await books.block(100), a_key()
    await problems_of(books.try_fee(block, "101", idempotency_key=key))
    await books.fee(block, "100", idempotency_key=key)
    assert await books.left(block) == 0


async def test_a_preview_shows_the_booking_and_leaves_nothing(books: Books) -> None:
    block, key = await books.block(), a_key()

    seen = result_of(await books.try_adjust(block, "400", idempotency_key=key, preview=True))

    assert seen.block is not None
    assert seen.block.remaining == 600
    assert await books.left(block) == 1000
    assert await rows(books) == [("PURCHASE", "CREDIT", "1000.00", None)]
    short = await problems_of(books.try_adjust(block, "1001", preview=True))
    assert [each.code for each in short] == ["INSUFFICIENT_BLOCK_POINTS"]
    booked = await books.try_adjust(block, "300", idempotency_key=key)
    assert not booked.replayed


async def test_of_bookings_together_just_those_pass_for_which_there_are_points(books: Books) -> None:
    block = await books.block(100)

    answers = await asyncio.gather(*(books.try_fee(block, "30") for _ in range(8)), return_exceptions=True)

    refused = [each for each in answers if isinstance(each, Refused)]
    assert [each.problems[0].code for each in refused] == ["INSUFFICIENT_BLOCK_POINTS"] * 5
    assert await books.left(block) == 10


async def test_a_booking_names_the_members_transaction_that_it_concerns(books: Books) -> None:
    block = await books.block()
    [problem] = await problems_of(books.try_fee(block, "1", transaction=999_999_999))
    assert (type(problem), problem.path) == (NotFound, ("input", "transaction"))


@pytest.mark.parametrize(
    "change",
    [
        "update partner_transaction set points = 1",
        "delete from partner_transaction",
        "truncate partner_transaction cascade",
    ],
)
async def test_raw_sql_changes_no_booking(books: Books, change: str) -> None:
    block = await books.block()
    await books.fee(block, "10")
    before = await rows(books)
    with pytest.raises(Exception, match=r"of (partner_transaction|\w+) is refused"):
        async with books.database.write() as writer:
            await writer.execute(text(change))
    assert await rows(books) == before
