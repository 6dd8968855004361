"""Balances as of a past moment, against ledgers whose sums are known."""

from dataclasses import astuple
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from domain.lots import LotOrigin
from domain.members import Balance
from domain.people import Scope
from domain.store import past_balances
from domain.store.database import Database
from domain.transactions import SubType
from tests.members.ledgers import START, Ledger, a_program

SECOND = timedelta(seconds=1)


def day(month: int, of_month: int, hour: int = 12) -> datetime:
    return datetime(2026, month, of_month, hour, tzinfo=UTC)


async def figures(ledger: Ledger, moment: datetime) -> tuple[str, ...]:
    """Available, pending, earned, redeemed, expired of the default point type."""
    found = (await all_of(ledger, moment))[0]
    assert found.earned == found.available + found.held + found.pending + found.redeemed + found.expired
    return tuple(map(str, (found.available, found.pending, found.earned, found.redeemed, found.expired)))


async def all_of(ledger: Ledger, moment: datetime) -> list[Balance]:
    async with ledger.program.database.read() as reader:
        return (await past_balances.load_many(reader, Scope(), [ledger.member_id], moment))[0]


async def test_every_moment_of_a_life_is_found_again(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    first = await ledger.lot(1000, day(1, 10), expires_on=date(2026, 3, 31))
    await ledger.lot(500, day(2, 1), effective_on=date(2026, 2, 15))
    await ledger.take(first, 300, day(2, 10))
    await ledger.take(first, 700, day(4, 1, 3), SubType.EXPIRY)
    assert await figures(ledger, day(1, 10) - SECOND) == ("0.00", "0.00", "0.00", "0.00", "0.00")
    assert await figures(ledger, day(1, 10)) == ("10.00", "0.00", "10.00", "0.00", "0.00")
    assert await figures(ledger, day(2, 1)) == ("10.00", "5.00", "15.00", "0.00", "0.00")
    assert await figures(ledger, day(2, 10)) == ("7.00", "5.00", "15.00", "3.00", "0.00")
    assert await figures(ledger, day(2, 14, 23)) == ("7.00", "5.00", "15.00", "3.00", "0.00")
    assert await figures(ledger, day(2, 15, 0)) == ("12.00", "0.00", "15.00", "3.00", "0.00")
    assert await figures(ledger, day(3, 31, 23)) == ("12.00", "0.00", "15.00", "3.00", "0.00")
    assert await figures(ledger, day(4, 1, 0)) == ("5.00", "0.00", "15.00", "3.00", "7.00")  # before the nightly job
    assert await figures(ledger, day(4, 1, 3)) == ("5.00", "0.00", "15.00", "3.00", "7.00")  # and after it


async def test_a_past_balance_does_not_change_when_more_happens(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    lot = await ledger.lot(1000, day(1, 10))
    before = await figures(ledger, day(1, 31))
    await ledger.take(lot, 1000, day(2, 1))
    await ledger.lot(70, day(2, 1))
    assert await figures(ledger, day(1, 31)) == before == ("10.00", "0.00", "10.00", "0.00", "0.00")


async def test_what_is_put_back_is_no_longer_redeemed(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    lot = await ledger.lot(1000, day(1, 10))
    taken = await ledger.take(lot, 400, day(2, 1))
    await ledger.take(lot, -400, day(2, 5), SubType.CANCELLATION, reverses_transaction_id=taken, reverses_position=0)
    assert await figures(ledger, day(2, 4)) == ("6.00", "0.00", "10.00", "4.00", "0.00")
    assert await figures(ledger, day(2, 5)) == ("10.00", "0.00", "10.00", "0.00", "0.00")


async def test_an_extension_counts_from_the_moment_it_was_written(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    lot = await ledger.lot(1000, day(1, 10), expires_on=date(2026, 2, 10), extends_by="1:MONTH:NONE")
    await ledger.extend(lot, date(2026, 3, 5), day(2, 5))
    await ledger.extend(lot, date(2026, 3, 1), day(2, 6))  # an earlier date never shortens
    assert (await figures(ledger, day(2, 11)))[0] == "10.00"
    assert (await figures(ledger, day(3, 5)))[0] == "10.00"
    assert (await figures(ledger, day(3, 6))) == ("0.00", "0.00", "10.00", "0.00", "10.00")


async def test_the_business_date_of_the_moment_decides(database: Database) -> None:
    moment = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    found = []
    for time_zone in ("Pacific/Auckland", "Pacific/Honolulu"):
        ledger = await (await a_program(database, time_zone)).member()
        await ledger.lot(300, expires_on=date(2026, 2, 28))
        found.append((await figures(ledger, moment))[0])
    assert found == ["0.00", "3.00"]


async def test_qualifying_points_are_counted_for_ever_and_loans_until_repaid(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    qualifying = await ledger.lot(1000, day(1, 10), qualifying=True)
    lent = await ledger.lot(300, day(1, 11), origin=LotOrigin.LOAN)
    await ledger.take(lent, 300, day(1, 12))
    await ledger.take(qualifying, 100, day(1, 20), SubType.LOAN_REPAYMENT)
    [found] = await all_of(ledger, day(1, 15))
    assert (found.lifetime_qualifying, found.loan_outstanding) == (Decimal("10.00"), Decimal("3.00"))
    [later] = await all_of(ledger, day(1, 21))
    assert (later.lifetime_qualifying, later.loan_outstanding) == (Decimal("10.00"), Decimal("2.00"))


async def test_every_point_type_is_told_apart(database: Database) -> None:
    program = await a_program(database)
    miles = await program.point_type("MILES")
    ledger = await program.member()
    await ledger.lot(150)
    lot = await ledger.lot(7, point_type_id=miles)
    await ledger.take(lot, 2, START + SECOND, point_type_id=miles)
    found = await all_of(ledger, START + SECOND)
    assert [(one.point_type, str(one.available)) for one in found] == [("POINTS", "1.50"), ("MILES", "5")]


async def test_before_the_member_was_enrolled_there_is_nothing(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    await ledger.lot(100)
    [found] = await all_of(ledger, datetime(1999, 12, 31, tzinfo=UTC))
    assert set(astuple(found)[2:]) == {Decimal("0.00")}


async def test_many_members_are_answered_at_once(database: Database) -> None:
    program, other = await a_program(database), await a_program(database, "Asia/Tokyo")
    first, nobody, second = await program.member(), await program.member(), await other.member()
    await first.lot(100)
    await second.lot(200)
    async with database.read() as reader:
        ids = [second.member_id, nobody.member_id, first.member_id]
        found = await past_balances.load_many(reader, Scope(), ids, START)
    assert [[str(one.available) for one in mine] for mine in found] == [["2.00"], ["0.00"], ["1.00"]]
