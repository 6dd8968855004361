"""What is in an account, told apart, and for how many days it lasts at the rate of the last ones."""

from datetime import date
from decimal import Decimal

from domain.blocks import BlockKind, PointBlock
from domain.commands.blocks import PointBlockCarve
from domain.partner_balances import PartnerBalance
from domain.partner_transactions import Direction, NewPartnerTransaction, PartnerTransactionKind
from domain.people import Scope
from domain.services.block_carving import point_block_carve
from domain.services.partner_balances import partner_balance, partner_runway
from domain.store import locks, partner_transactions
from tests.partner_accounts.kit import Books
from tests.support.factories import a_partner, result_of, terms
from tests.support.promotions import a_draft_promotion
from tests.support.transactions import a_key

Kind = PartnerTransactionKind


async def used(books: Books, block: PointBlock, points: int, kind: Kind = Kind.ACCRUAL_DEBIT) -> None:
    """What accruals take of a block, or cancellations give back to it."""
    direction = Direction.DEBIT if kind is Kind.ACCRUAL_DEBIT else Direction.CREDIT
    row = NewPartnerTransaction(
        program_id=books.program.id, partner_id=books.partner.id, kind=kind, direction=direction,
        posted_on=books.today, points=Decimal(points), block_id=block.id,
    )  # fmt: skip
    async with books.database.write() as writer:
        await locks.program(writer, books.program.id)
        await partner_transactions.post(writer, [row])


async def carved(books: Books, block: PointBlock, points: int) -> PointBlock:
    promotion = await a_draft_promotion(books.database, books.program)
    command = PointBlockCarve(idempotency_key=a_key(), id=block.id, promotion=promotion.code, points=Decimal(points))
    return result_of(await point_block_carve(books.database, books.manager, command))


async def runway(books: Books) -> int | None:
    return await partner_runway(books.database, Scope(), books.program.code, books.partner.code)


async def test_what_is_in_an_account_is_told_apart(books: Books) -> None:
    await terms(books.database, books.program, books.partner, expected_version=1, credit_limit=Decimal(100))
    past = await books.block(7, ends_on=date(2026, 11, 1))
    books.pass_to(2026, 11, 2)
    block = await books.block(1000)
    await books.block(200, kind=BlockKind.RESERVE)
    await books.block(30, starts_on=date(2026, 12, 1))
    await carved(books, block, 150)
    await books.overdraft(40)
    await books.block(5, partner=await a_partner(books.database, books.program))

    found = await partner_balance(books.database, Scope(), books.program.code, books.partner.code)

    assert past.remaining == 7
    assert found == PartnerBalance(
        available=Decimal(1050), promotions=Decimal(150), idle=Decimal(37), overdrawn=Decimal(40),
        credit_limit=Decimal(100),
    )  # fmt: skip
    assert (found.total, found.credit_left) == (Decimal(1197), Decimal(60))
    assert (await books.statement(books.today, books.today)).closing == found.total


async def test_points_last_as_long_as_they_are_used_as_in_the_last_thirty_days(books: Books) -> None:
    block = await books.block(10_000)
    await used(books, block, 600)
    assert await runway(books) == 15  # 600 a day, for today is the first one
    books.pass_to(2026, 11, 20)
    assert await runway(books) == 313  # 9,400 at 600 in 20 days
    books.pass_to(2026, 11, 30)
    assert await runway(books) == 470
    books.pass_to(2026, 12, 1)
    assert await runway(books) is None
    await used(books, block, 300)
    await used(books, block, 200, Kind.ACCRUAL_REVERSAL)
    assert await runway(books) == 2790  # 9,300 at 100 in 30 days


async def test_promotions_fees_and_what_lies_idle_play_no_part(books: Books) -> None:
    block = await books.block(1000)
    child = await carved(books, block, 500)
    await used(books, block, 100)
    await used(books, child, 400)
    await books.fee(block, "100")
    await books.block(5000, starts_on=date(2026, 12, 1))
    assert await runway(books) == 3


async def test_an_account_that_one_may_not_see_has_neither(books: Books) -> None:
    await used(books, await books.block(1000), 100)
    for scope in (Scope(partner_id=0), Scope(member_id=1), Scope(program_id=0)):
        assert await partner_balance(books.database, scope, books.program.code, books.partner.code) is None
        assert await partner_runway(books.database, scope, books.program.code, books.partner.code) is None
