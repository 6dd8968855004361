"""The job that closes calendar months by itself, where the program says so."""

from datetime import date
from decimal import Decimal

import pytest

from domain.commands.programs import SettingsChange
from domain.pages import PageRequest
from domain.people import Scope
from domain.services.partner_statements import close_months
from domain.store import locks, partner_statements
from domain.store.database import Writer
from domain.store.keyset import page_of
from tests.partner_accounts.kit import REASONS, Books, some_books
from tests.support.factories import a_partner

MONTHLY = SettingsChange(refund_reasons=REASONS, close_statements_monthly=True)


async def job(books: Books) -> list[int]:
    return [each async for each in close_months(books.database, books.program)]


async def closed(books: Books, partner_id: int) -> list[tuple[int | None, date, date, Decimal]]:
    """Number, period and closing of each closed statement."""
    listing = partner_statements.listing(Scope(), books.program.code, partner_id)
    page = await page_of(books.database, listing, PageRequest(100, None))
    found = [edge.node for edge in reversed(page.edges)]
    return [(each.number, each.starts_on, each.ends_on, each.closing) for each in found]


async def test_every_month_that_has_passed_is_closed_for_every_partner_once(migrated_url: str) -> None:
    async with some_books(migrated_url, settings=MONTHLY) as books:
        other = await a_partner(books.database, books.program)
        idle = await a_partner(books.database, books.program)
        books.pass_to(2026, 11, 15)
        block = await books.block(1000)
        books.pass_to(2027, 1, 10)
        await books.fee(block, "100")
        await books.block(7, partner=other)
        assert await job(books) == [1, 2]
        books.pass_to(2027, 2, 1, 0)
        assert await job(books) == [1, 2]
        assert await job(books) == []

        assert await closed(books, books.partner.id) == [
            (1, date(2026, 11, 1), date(2026, 11, 30), Decimal("1000.00")),
            (2, date(2026, 12, 1), date(2026, 12, 31), Decimal("1000.00")),
            (3, date(2027, 1, 1), date(2027, 1, 31), Decimal("900.00")),
        ]
        assert await closed(books, other.id) == [(1, date(2027, 1, 1), date(2027, 1, 31), Decimal("7.00"))]
        assert await closed(books, idle.id) == []


async def test_whoever_works_waits_once_however_many_accounts_are_closed(
    migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with some_books(migrated_url, settings=MONTHLY) as books:
        for partner in (books.partner, await a_partner(books.database, books.program)):
            await books.block(10, partner=partner)
        books.pass_to(2027, 2, 1)
        alone, times = locks.program_alone, list[int]()

        async def counted(writer: Writer, program_id: int) -> None:
            times.append(program_id)
            await alone(writer, program_id)

        monkeypatch.setattr(locks, "program_alone", counted)
        assert await job(books) == [1, 2, 3, 4, 5, 6]
        assert times == [books.program.id]
        assert await job(books) == []
        assert times == [books.program.id]


async def test_it_goes_on_after_a_period_that_somebody_closed(migrated_url: str) -> None:
    async with some_books(migrated_url, settings=MONTHLY) as books:
        await books.block(10)
        books.pass_to(2026, 12, 20)
        await books.close(date(2026, 12, 10))
        assert await job(books) == []
        books.pass_to(2027, 1, 1)
        assert await job(books) == [1]
        assert (await closed(books, books.partner.id))[1][1:3] == (date(2026, 12, 11), date(2026, 12, 31))


async def test_a_program_that_does_not_say_so_closes_nothing(books: Books) -> None:
    await books.block(10)
    books.pass_to(2027, 2, 1)
    assert await job(books) == []
