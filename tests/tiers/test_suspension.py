"""Tiers that suspend expiry: nothing lapses while the member holds one, and every figure says the same."""

from datetime import date
from decimal import Decimal

from domain.commands.programs import SettingsChange
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.store.database import Database
from domain.tiers import TierModel
from tests.tiers.club import Club, a_club, a_tier, points

SIX_MONTHS = SettingsChange(expiry=ExpiryPolicy(ExpiryKind.PERIOD, length=6, unit=PeriodUnit.MONTH))
GAINED = date(2025, 2, 1)
FIRST_END = date(2026, 12, 31)
NEW_YEAR = date(2027, 1, 1)


async def a_kind_club(database: Database) -> Club:
    """One whose points lapse after six months, but not for GOLD."""
    return await a_club(database, model=TierModel.FIXED_DATE, settings=SIX_MONTHS, gold={"suspends_expiry": True})


async def test_what_a_member_has_when_the_tier_begins_lasts_through_its_end(database: Database) -> None:
    club = await a_kind_club(database)
    await club.earn(date(2025, 1, 10), 100)
    await club.earn(GAINED, 500)

    assert (await club.balance(FIRST_END)).available == 600
    await club.lapse(FIRST_END)
    assert (await club.balance(FIRST_END)).expired == 0
    await club.verified(FIRST_END)


async def test_what_is_earned_in_the_tier_lasts_through_its_end(database: Database) -> None:
    club = await a_kind_club(database)
    await club.earn(GAINED, 500)
    await club.earn(date(2025, 3, 1), 70)

    assert (await club.balance(date(2026, 3, 1))).available == 570
    assert (await club.balance(date(2026, 12, 31))).available == 570


async def test_what_had_lapsed_before_stays_lapsed(database: Database) -> None:
    club = await a_kind_club(database)
    await club.earn(date(2024, 7, 1), 100)
    await club.earn(GAINED, 500)

    assert (await club.balance(GAINED)).available == 500


async def test_a_late_transaction_keeps_points_that_would_have_lapsed_in_the_tier(database: Database) -> None:
    club = await a_kind_club(database)
    await club.earn(GAINED, 500)
    await club.earn(date(2025, 9, 1), 30, dated=date(2025, 1, 20))
    await club.earn(date(2025, 9, 1), 40, dated=date(2024, 7, 20))

    assert (await club.balance(date(2025, 9, 1))).available == 530


async def test_at_the_end_of_the_tier_everything_lapses_that_it_kept(database: Database) -> None:
    club = await a_kind_club(database)
    await club.earn(GAINED, 500)
    await club.earn(date(2026, 10, 1), 20)

    await club.night(NEW_YEAR)
    await club.lapse(NEW_YEAR)

    balance = await club.balance(NEW_YEAR)
    assert (balance.available, balance.expired) == (Decimal(20), Decimal(500))
    await club.verified(NEW_YEAR)


async def test_a_renewed_tier_keeps_on(database: Database) -> None:
    club = await a_kind_club(database)
    await club.earn(GAINED, 500)
    await club.earn(date(2026, 5, 1), 500)

    await club.night(NEW_YEAR)
    await club.lapse(NEW_YEAR)

    assert (await club.balance(NEW_YEAR)).available == 1000
    assert (await club.balance(date(2027, 12, 31))).available == 1000
    assert (await club.balance(date(2028, 1, 1))).available == 0
    await club.verified(NEW_YEAR)


async def test_the_expiry_of_a_night_waits_for_its_evaluation(database: Database) -> None:
    club = await a_kind_club(database)
    await club.earn(GAINED, 500)
    await club.earn(date(2026, 5, 1), 500)

    await club.lapse(NEW_YEAR)
    await club.night(NEW_YEAR)

    balance = await club.balance(NEW_YEAR)
    assert (balance.available, balance.expired) == (Decimal(1000), Decimal(0))


async def test_kept_points_are_spent_and_the_nearest_end_pays_first(database: Database) -> None:
    club = await a_kind_club(database)
    await club.earn(GAINED, 500)
    await club.earn(date(2026, 10, 1), 20)

    await club.redeem(date(2026, 12, 30), 510)

    await club.night(NEW_YEAR)
    assert (await club.balance(NEW_YEAR)).available == 10
    await club.verified(NEW_YEAR)


async def test_lots_that_were_there_before_the_tier_was_defined_are_kept_too(database: Database) -> None:
    club = await a_club(database, model=TierModel.FIXED_DATE, settings=SIX_MONTHS)
    await club.earn(date(2025, 1, 10), 100)
    await a_tier(database, club.program, "KEEPER", 4, thresholds=points(600), suspends_expiry=True)
    await club.earn(GAINED, 1900)

    assert await club.tier(GAINED) == "KEEPER"
    assert (await club.balance(FIRST_END)).available == 2000
