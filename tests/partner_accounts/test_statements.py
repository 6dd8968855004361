"""Statements of partners: opening, movements, closing; periods that join, and that nothing gets into once they are closed."""

import asyncio
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from domain.billing import ChargeKind
from domain.commands.partner_accounts import AccountPeriod
from domain.partner_statements import ZERO, PeriodClosed, PeriodGap, PeriodNotOver, canonical
from domain.partner_transactions import Direction, PartnerTransactionKind
from domain.people import Role, Scope
from domain.problems import Refused
from domain.services.partner_statements import partner_statement
from domain.store import locks
from domain.store.database import Database
from tests.partner_accounts.kit import Books, some_books
from tests.support.factories import a_partner, somebody
from tests.support.refusals import places, problems_of

Kind = PartnerTransactionKind
NOVEMBER = date(2026, 11, 1), date(2026, 11, 30)
DECEMBER = date(2026, 12, 1), date(2026, 12, 31)


async def a_november(books: Books) -> None:
    """1,000 points are bought, 100 charged and given back, 54.50 corrected; 25 euros are charged, and the clock stands in December."""
    block = await books.block(1000)
    books.pass_to(2026, 11, 15)
    fee = await books.fee(block, "100")
    await books.fee(amount="25.00")
    dear = await books.fee(amount="7.00", currency="USD")
    books.pass_to(2026, 11, 30, 23, 59, 59)
    await books.adjust(block, "54.5")
    await books.refund(fee)
    await books.refund(dear)
    books.pass_to(2026, 12, 1, 0)


def told(movements: object) -> list[tuple[str, int, str, str]]:
    return [(each.kind.value, each.entries, str(each.credited), str(each.debited)) for each in movements]  # type: ignore[attr-defined]


async def test_a_statement_has_what_was_processed_in_its_period(books: Books) -> None:
    await a_november(books)

    said = await books.statement(*NOVEMBER)

    assert (said.opening, said.closing) == (Decimal("0.00"), Decimal("945.50"))
    assert told(said.movements) == [
        ("PURCHASE", 1, "1000.00", "0.00"),
        ("ADJUSTMENT", 1, "0.00", "54.50"),
        ("FEE", 1, "0.00", "100.00"),
        ("REFUND", 1, "100.00", "0.00"),
    ]
    assert [(each.kind, each.entries, each.amount, each.currency) for each in said.charges] == [
        (ChargeKind.PURCHASE, 1, Decimal("10.00"), "EUR"),
        (ChargeKind.FEE, 1, Decimal("25.00"), "EUR"),
        (ChargeKind.FEE, 1, Decimal("7.00"), "USD"),
        (ChargeKind.REFUND, 1, Decimal("-7.00"), "USD"),
    ]
    assert (said.closed, said.number, said.partner and said.partner.name) == (False, None, "Søren's Inn")


async def test_a_part_of_a_period_begins_with_what_was_there(books: Books) -> None:
    await a_november(books)
    said = await books.statement(date(2026, 11, 16), date(2026, 11, 30))
    assert (said.opening, said.closing) == (Decimal("900.00"), Decimal("945.50"))
    assert told(said.movements) == [("ADJUSTMENT", 1, "0.00", "54.50"), ("REFUND", 1, "100.00", "0.00")]
    before = await books.statement(date(2026, 10, 1), date(2026, 10, 31))
    assert (before.opening, before.closing) == (ZERO, ZERO)
    assert (len(before.movements), len(before.charges)) == (0, 0)


async def test_a_closed_period_is_kept_word_by_word(books: Books) -> None:
    await a_november(books)
    open_ = await books.statement(*NOVEMBER)

    closed = await books.close(date(2026, 11, 30))

    assert (closed.number, closed.starts_on, closed.ends_on) == (1, *NOVEMBER)
    assert (closed.opening, closed.movements, closed.charges) == (open_.opening, open_.movements, open_.charges)
    assert (closed.closed_at, closed.closed_by_id) == (books.clock.now, books.manager.person_id)
    async with books.database.write() as writer:
        await writer.execute(text("update partner set name = 'Ritz' where id = :id"), {"id": books.partner.id})
    again = await books.statement(*NOVEMBER)
    assert (again, canonical(again)) == (closed, canonical(closed))
    part = await books.statement(date(2026, 11, 16), date(2026, 11, 30))
    assert (part.partner and part.partner.name, part.closed, part.closing) == ("Ritz", False, closed.closing)


async def test_what_comes_late_belongs_to_the_next_period(books: Books) -> None:
    await a_november(books)
    late = await books.fee(await books.block(10), "3")
    november = await books.close(date(2026, 11, 30))
    books.pass_to(2026, 12, 5)
    await books.refund(late)
    books.pass_to(2027, 1, 1)

    december = await books.close(date(2026, 12, 31))

    assert (november.closing, december.opening) == (Decimal("945.50"), Decimal("945.50"))
    assert told(december.movements) == [
        ("PURCHASE", 1, "10.00", "0.00"), ("FEE", 1, "0.00", "3.00"), ("REFUND", 1, "3.00", "0.00"),
    ]  # fmt: skip
    assert (december.number, december.starts_on, december.closing) == (2, date(2026, 12, 1), Decimal("955.50"))
    assert await books.statement(*NOVEMBER) == november


async def test_a_period_is_closed_once_without_a_gap_and_only_when_it_is_over(books: Books) -> None:
    await a_november(books)
    assert await problems_of(books.try_close(date(2026, 12, 1))) == [
        PeriodNotOver(last=date(2026, 11, 30), path=("input", "through"))
    ]
    await books.close(date(2026, 11, 20))
    closed = PeriodClosed(closed_through=date(2026, 11, 20), next_from=date(2026, 11, 21), path=("input", "through"))
    assert await problems_of(books.try_close(date(2026, 11, 20))) == [closed]
    assert await problems_of(books.try_close(date(2026, 11, 1))) == [closed]
    gap = PeriodGap(next_from=date(2026, 11, 21), path=("input", "from"))
    assert await problems_of(books.try_close(date(2026, 11, 30), starts_on=date(2026, 11, 22))) == [gap]
    rest = await books.close(date(2026, 11, 30), starts_on=date(2026, 11, 21))
    assert (rest.number, rest.starts_on, rest.opening) == (2, date(2026, 11, 21), Decimal("900.00"))


async def test_the_first_period_may_begin_on_any_day(books: Books) -> None:
    await a_november(books)
    wrong = await problems_of(books.try_close(date(2026, 11, 20), starts_on=date(2026, 11, 21)))
    assert places(wrong) == [("INVALID_INPUT", "input.through")]
    first = await books.close(date(2026, 11, 30), starts_on=date(2026, 11, 16))
    assert (first.starts_on, first.opening, first.closing) == (date(2026, 11, 16), Decimal(900), Decimal("945.50"))


async def test_an_account_without_any_points_can_be_closed(books: Books) -> None:
    books.pass_to(2026, 12, 3)
    empty = await books.close(date(2026, 11, 30))
    assert (empty.starts_on, empty.opening, empty.closing) == (date(2026, 11, 1), ZERO, ZERO)
    assert len(empty.movements) == 0


async def test_of_two_who_close_the_same_period_one_does(books: Books) -> None:
    await a_november(books)
    answers = await asyncio.gather(*(books.try_close(date(2026, 11, 30)) for _ in range(3)), return_exceptions=True)
    lost = [each.problems[0].code for each in answers if isinstance(each, Refused)]
    assert lost == ["PERIOD_CLOSED"] * 2


async def test_closing_waits_for_bookings_that_were_begun(books: Books, migrated_url: str) -> None:
    """A booking in hand has looked at the clock on the last evening, and commits after midnight: it is in the period."""
    block = await books.block(1000)
    books.pass_to(2026, 11, 30, 23, 59, 59)
    other = Database(migrated_url, pool_size=1)
    async with other.write() as writer:
        await locks.program(writer, books.program.id)
        booked = asyncio.create_task(books.fee(block, "100"))
        await booked
        books.pass_to(2026, 12, 1, 0)
        closing = asyncio.create_task(books.close(date(2026, 11, 30)))
        await _waits_for(books, closing)
    closed = await closing
    await other.close()
    assert told(closed.movements) == [("PURCHASE", 1, "1000.00", "0.00"), ("FEE", 1, "0.00", "100.00")]


async def _waits_for(books: Books, closing: "asyncio.Task[object]") -> None:
    """Until the closing waits for the program's lock: it must not be done before that is free."""
    waiting = text(
        "select count(*) from pg_locks where locktype = 'advisory' and not granted and classid = 1 and objid = :program"
        " and database = (select oid from pg_database where datname = current_database())"
    )
    while True:
        assert not closing.done()
        async with books.database.read() as reader:
            if (await reader.execute(waiting, {"program": books.program.id})).scalar_one():
                return
        await asyncio.sleep(0.01)


async def test_the_days_are_those_of_the_programs_time_zone(migrated_url: str) -> None:
    async with some_books(migrated_url, time_zone="Pacific/Auckland") as books:
        books.pass_to(2026, 11, 30, 11)  # December 1 there
        await books.block(100, starts_on=date(2026, 12, 1))
        books.pass_to(2026, 12, 1, 9)
        fee = await books.fee(amount="5")
        assert fee.transaction.posted_on == date(2026, 12, 1)
        closed = await books.close(date(2026, 11, 30))
        assert (closed.time_zone, closed.ends_on) == ("Pacific/Auckland", date(2026, 11, 30))


async def test_an_open_period_ends_today_at_the_latest(books: Books) -> None:
    for starts_on, ends_on in ((date(2026, 11, 1), date(2026, 11, 2)), (date(2026, 11, 1), date(2026, 10, 31))):
        wrong = await problems_of(books.statement(starts_on, ends_on))
        assert places(wrong) == [("INVALID_INPUT", "through")]


async def test_who_sees_whose_statement(books: Books) -> None:
    await a_november(books)
    other = await a_partner(books.database, books.program)
    asked = AccountPeriod(books.program.code, books.partner.code, *NOVEMBER)
    host = AccountPeriod(books.program.code, None, *NOVEMBER)

    async def seen(scope: Scope, period: AccountPeriod = asked) -> bool:
        return await partner_statement(books.database, scope, period) is not None

    assert await seen(somebody(Role.PARTNER_REPRESENTATIVE, partner=books.partner).scope)
    assert not await seen(somebody(Role.PARTNER_REPRESENTATIVE, partner=other).scope)
    assert not await seen(Scope(member_id=1))
    assert await seen(Scope(), host)
    assert not await seen(Scope(partner_id=books.partner.id), host)
    assert not await seen(Scope(), AccountPeriod("NONE", books.partner.code, *NOVEMBER))
    assert not await seen(Scope(), AccountPeriod(books.program.code, "NONE", *NOVEMBER))


async def test_what_is_overdrawn_is_owed(books: Books) -> None:
    overdraft = await books.overdraft(40)
    await books.adjust(overdraft, "15", Direction.CREDIT)
    books.pass_to(2026, 12, 1)
    assert (await books.statement(*NOVEMBER)).closing == Decimal("-25.00")


@pytest.mark.parametrize(
    "change",
    ["update partner_statement set closing = 0", "delete from partner_statement", "truncate partner_statement"],
)
async def test_raw_sql_changes_no_closed_statement(books: Books, change: str) -> None:
    await a_november(books)
    closed = await books.close(date(2026, 11, 30))
    with pytest.raises(Exception, match="of partner_statement is refused"):
        async with books.database.write() as writer:
            await writer.execute(text(change))
    assert await books.statement(*NOVEMBER) == closed


async def test_the_stored_document_is_what_the_hash_is_of(books: Books) -> None:
    await a_november(books)
    closed = await books.close(date(2026, 11, 30))
    async with books.database.read() as reader:
        row = (await reader.execute(
            text("select document::text as document, hash from partner_statement where id = :id"), {"id": closed.id}
        )).one()  # fmt: skip
    again = json.dumps(json.loads(row.document), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert again == canonical(closed)
    assert row.hash.hex() == closed.sha256


async def test_periods_of_any_length_join(books: Books) -> None:
    await a_november(books)
    cuts = [date(2026, 11, 1) + timedelta(day) for day in (0, 13, 14, 15, 29)]
    closed = [await books.close(through) for through in cuts]
    assert [each.closing for each in closed[:-1]] == [each.opening for each in closed[1:]]
    assert [str(each.closing) for each in closed] == ["1000.00", "1000.00", "900.00", "900.00", "945.50"]
    assert [each.number for each in closed] == [1, 2, 3, 4, 5]
