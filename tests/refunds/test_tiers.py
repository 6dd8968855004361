"""Tier progress falls in the period of the original; the tier itself changes at the next evaluation, not at once."""

from datetime import date
from decimal import Decimal

import domain.commands.transactions as c
from domain.commands.programs import SettingsChange
from domain.people import ENGINE
from domain.services import transactions as services
from domain.store import past_balances
from domain.store.database import Database
from domain.transactions import Transaction
from tests.support.factories import result_of
from tests.support.transactions import a_key
from tests.tiers.club import EVERYTHING, Club, a_club, noon

GAINED, BACK = date(2025, 4, 1), date(2025, 6, 1)
FREE = SettingsChange(approval_above={})


async def refund(club: Club, day: date, transaction: Transaction, amount: int) -> Transaction:
    command = c.TransactionRefund(idempotency_key=a_key(), original=transaction.id, amount=Decimal(amount))
    async with club.on(day) as desk:
        return result_of(await services.transaction_refund(desk, ENGINE, command))


async def test_progress_falls_and_the_tier_stays_until_the_next_evaluation(database: Database) -> None:
    club = await a_club(database, settings=FREE)
    bought = await club.earn(GAINED, 600)
    assert await club.tier(GAINED) == "GOLD"
    await refund(club, BACK, bought, 200)
    assert await club.tier(BACK) == "GOLD"
    assert (await club.balance(BACK)).lifetime_qualifying == 400
    await club.earn(BACK, 599)
    assert await club.tier(BACK) == "GOLD"
    await club.earn(BACK, 1)
    assert await club.tier(BACK) == "PLATINUM"
    await club.verified(BACK)


async def test_a_reversal_counts_in_the_period_of_its_original(database: Database) -> None:
    club = await a_club(database, settings=FREE)
    last_year = await club.earn(date(2025, 1, 10), 450)
    await club.earn(GAINED, 480)
    await refund(club, BACK, last_year, 400)
    await club.earn(BACK, 20)
    assert await club.tier(BACK) == "GOLD"
    await club.verified(BACK)


async def test_past_balances_know_nothing_of_what_came_back_later(database: Database) -> None:
    club = await a_club(database, settings=FREE)
    bought = await club.earn(GAINED, 600)
    await refund(club, BACK, bought, 200)
    async with club.database.read() as reader:
        [[before]] = await past_balances.load_many(reader, EVERYTHING, [club.member.id], noon(date(2025, 5, 1)))
        [[after]] = await past_balances.load_many(reader, EVERYTHING, [club.member.id], noon(date(2025, 6, 2)))
    figures = [(one.available, one.earned, one.redeemed, one.lifetime_qualifying) for one in (before, after)]
    assert figures == [
        (Decimal(600),) * 2 + (Decimal(0), Decimal(600)),
        (Decimal(400),) * 2 + (Decimal(0), Decimal(400)),
    ]
    assert after == await club.balance(date(2025, 6, 2))
