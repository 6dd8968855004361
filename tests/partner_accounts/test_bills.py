"""Bills of partners on postpaid terms: points at the rate in force on each transaction's date, by the day of processing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import pytest_asyncio

from domain.billing import Bill, BillLine, BillTooLong, ChargeKind
from domain.commands.partner_accounts import AccountPeriod, PartnerFeeCharge
from domain.commands.programs import SettingsChange
from domain.partners import Billing
from domain.people import ENGINE
from domain.services import partner_bills
from domain.services.engine_programs import EnginePrograms
from domain.services.partner_accounts import partner_fee_charge
from domain.services.partner_bills import partner_bill
from domain.services.partner_statements import partner_statement
from domain.services.posting import Desk
from domain.store.database import Database
from domain.transactions import Money
from tests.partner_accounts.kit import Clock
from tests.support.factories import result_of
from tests.support.partners import a_rate
from tests.support.refusals import problems_of
from tests.support.stock import Hotel, a_hotel
from tests.support.transactions import a_key

RATES = (
    a_rate("POINTS", "2026-01-01", "2026-10-31", price=Decimal("0.012"), currency="EUR"),
    a_rate("POINTS", "2026-11-01", price=Decimal("0.010"), currency="EUR", percentage=Decimal(50)),
)
POSTPAID = {"billing": Billing.POSTPAID, "rates": RATES}


@dataclass
class Accounts:
    """A postpaid hotel, and the clock."""

    hotel: Hotel
    clock: Clock

    def pass_to(self, month: int, day: int) -> None:
        """Noon of a day of 2026."""
        self.clock.now = datetime(2026, month, day, 12, tzinfo=UTC)

    async def bill(self, starts_on: date, ends_on: date) -> Bill:
        asked = AccountPeriod(self.hotel.program.code, self.hotel.hotel.code, starts_on, ends_on)
        found = await partner_bill(self.hotel.database, ENGINE.scope, asked)
        assert found is not None
        return found

    async def fee(self, amount: str) -> None:
        command = PartnerFeeCharge(
            idempotency_key=a_key(), program=self.hotel.program.code, partner=self.hotel.hotel.code,
            description="Listing", money=Money(Decimal(amount), "EUR"),
        )  # fmt: skip
        result_of(await partner_fee_charge(self.hotel.database, ENGINE, command))


@pytest_asyncio.fixture
async def accounts(migrated_url: str) -> AsyncIterator[Accounts]:
    clock = Clock()
    database = Database(migrated_url, pool_size=3, clock=lambda _: clock.now)
    desk = Desk(database, EnginePrograms())
    hotel = await a_hotel(desk, settings=SettingsChange(refund_reasons=("MISTAKE",)), agreed=POSTPAID)
    yield Accounts(hotel, clock)
    await desk.close()
    await database.close()


def lines(bill: Bill) -> list[tuple[int, int, str, str, str]]:
    def line(each: BillLine) -> tuple[int, int, str, str, str]:
        return each.entries, int(each.points), str(each.price), str(each.percentage), f"{each.amount} {each.currency}"

    return [line(each) for each in bill.lines]


async def test_points_are_billed_at_the_rate_of_their_transactions_date(accounts: Accounts) -> None:
    hotel = accounts.hotel
    accounts.pass_to(11, 2)
    result_of(await hotel.earn(545, transaction_date=date(2026, 10, 31)))
    result_of(await hotel.earn(100, transaction_date=date(2026, 11, 1)))
    result_of(await hotel.earn(101))
    await accounts.fee("25.00")
    accounts.pass_to(12, 1)

    november = await accounts.bill(date(2026, 11, 1), date(2026, 11, 30))

    assert lines(november) == [(2, 201, "0.01", "50", "1.01 EUR"), (1, 545, "0.012", "100", "6.54 EUR")]
    assert [(each.kind, each.amount) for each in november.fees] == [(ChargeKind.FEE, Decimal("25.00"))]
    assert november.totals == (Money(Decimal("32.55"), "EUR"),)
    assert (november.complete, (await accounts.bill(date(2026, 10, 1), date(2026, 10, 31))).lines) == (True, ())


async def test_what_is_taken_back_is_on_the_bill_of_the_day_on_which_it_was(accounts: Accounts) -> None:
    hotel = accounts.hotel
    accounts.pass_to(10, 5)
    stay = result_of(await hotel.earn(1000))
    accounts.pass_to(11, 3)
    result_of(await hotel.refund(stay, amount=400))
    accounts.pass_to(12, 1)

    assert lines(await accounts.bill(date(2026, 10, 1), date(2026, 10, 31))) == [(1, 1000, "0.012", "100", "12.00 EUR")]
    assert lines(await accounts.bill(date(2026, 11, 1), date(2026, 11, 30))) == [(1, -400, "0.012", "100", "-4.80 EUR")]
    assert lines(await accounts.bill(date(2026, 10, 1), date(2026, 11, 30))) == [(2, 600, "0.012", "100", "7.20 EUR")]


async def test_a_statement_charges_what_a_bill_bills(accounts: Accounts) -> None:
    accounts.pass_to(11, 2)
    result_of(await accounts.hotel.earn(545, transaction_date=date(2026, 10, 31)))
    result_of(await accounts.hotel.earn(201))
    asked = AccountPeriod(accounts.hotel.program.code, accounts.hotel.hotel.code, date(2026, 11, 1), date(2026, 11, 2))

    said = await partner_statement(accounts.hotel.database, ENGINE.scope, asked)

    assert said is not None
    assert (said.movements, said.closing) == ((), Decimal("0.00"))
    charged = [(each.kind, each.entries, each.amount, each.currency) for each in said.charges]
    assert charged == [(ChargeKind.POINTS, 2, Decimal("7.55"), "EUR")]


async def test_a_bill_of_too_many_fees_asks_for_shorter_periods(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.pass_to(11, 2)
    for _ in range(3):
        await accounts.fee("1.00")
    day = date(2026, 11, 2)
    monkeypatch.setattr(partner_bills, "MAX_FEES", 3)
    assert len((await accounts.bill(day, day)).fees) == 3
    monkeypatch.setattr(partner_bills, "MAX_FEES", 2)
    assert await problems_of(accounts.bill(day, day)) == [BillTooLong(limit=2, path=("through",))]


async def test_a_bill_ends_today_at_the_latest(accounts: Accounts) -> None:
    accounts.pass_to(11, 2)
    [problem] = await problems_of(accounts.bill(date(2026, 11, 1), date(2026, 11, 3)))
    assert (problem.code, problem.path) == ("INVALID_INPUT", ("through",))
