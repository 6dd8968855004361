"""The nightly evaluation: at its end a tier is renewed by the period it was judged by, or followed by a lower one."""

from datetime import date

from domain.store.database import Database
from domain.tiers import TierModel
from tests.support.transactions import holding
from tests.tiers.club import a_club

GAINED = date(2025, 2, 1)
FIRST_END = date(2026, 12, 31)
NEW_YEAR = date(2027, 1, 1)


async def test_while_a_tier_is_valid_nothing_happens(database: Database) -> None:
    club = await a_club(database, model=TierModel.FIXED_DATE)
    await club.earn(GAINED, 500)

    assert (await club.night(FIRST_END)).members == 0
    assert await club.tier(FIRST_END) == "GOLD"


async def test_who_did_not_qualify_again_drops(database: Database) -> None:
    club = await a_club(database, model=TierModel.FIXED_DATE)
    await club.earn(GAINED, 500)
    await club.earn(date(2026, 5, 1), 499)

    done = await club.night(NEW_YEAR)

    assert (done.members, done.renewed, done.changed) == (1, 0, 1)
    assert (await club.history(NEW_YEAR))[:2] == [
        ("BASIC", NEW_YEAR, None, "DOWNGRADE"),
        ("GOLD", GAINED, FIRST_END, "THRESHOLD"),
    ]


async def test_who_qualified_in_the_last_completed_period_is_renewed(database: Database) -> None:
    club = await a_club(database, model=TierModel.FIXED_DATE)
    await club.earn(GAINED, 500)
    await club.earn(date(2026, 5, 1), 500)

    done = await club.night(NEW_YEAR)

    assert (done.members, done.renewed, done.changed) == (1, 1, 0)
    assert (await club.history(NEW_YEAR))[0] == ("GOLD", NEW_YEAR, date(2027, 12, 31), "RENEWAL")


async def test_the_second_run_of_a_night_changes_nothing(database: Database) -> None:
    club = await a_club(database, model=TierModel.FIXED_DATE)
    await club.earn(GAINED, 500)
    await club.night(NEW_YEAR)
    before = await club.history(NEW_YEAR)

    assert (await club.night(NEW_YEAR)).members == 0
    assert await club.history(NEW_YEAR) == before


async def test_missed_nights_are_made_up_for_one_end_after_the_other(database: Database) -> None:
    club = await a_club(database, model=TierModel.FIXED_DATE)
    await club.earn(GAINED, 500)
    await club.earn(date(2026, 5, 1), 500)
    await club.earn(date(2027, 5, 1), 10)

    done = await club.night(date(2029, 6, 1))

    assert (done.members, done.renewed, done.changed) == (1, 1, 1)
    assert (await club.history(date(2029, 6, 1)))[:3] == [
        ("BASIC", date(2028, 1, 1), None, "DOWNGRADE"),
        ("GOLD", NEW_YEAR, date(2027, 12, 31), "RENEWAL"),
        ("GOLD", GAINED, FIRST_END, "THRESHOLD"),
    ]
    await club.verified(date(2029, 6, 1))


async def test_an_anniversary_tier_is_judged_by_the_year_that_its_end_completes(database: Database) -> None:
    club = await a_club(database)
    await club.earn(date(2025, 11, 20), 500)
    await club.earn(date(2026, 3, 9), 400)
    await club.earn(date(2026, 3, 10), 500)

    await club.night(date(2027, 3, 10))

    assert (await club.history(date(2027, 3, 10)))[0] == ("GOLD", date(2027, 3, 10), date(2028, 3, 9), "RENEWAL")


async def test_a_rolling_tier_is_judged_by_the_window_that_trails_its_end(database: Database) -> None:
    club = await a_club(database, model=TierModel.ROLLING)
    await club.earn(date(2025, 5, 20), 500)
    await club.earn(date(2025, 5, 21), 500)

    assert (await club.night(date(2026, 5, 20))).members == 0
    await club.night(date(2026, 5, 21))

    assert (await club.history(date(2026, 5, 21)))[:2] == [
        ("GOLD", date(2026, 5, 21), date(2027, 5, 20), "DOWNGRADE"),
        ("PLATINUM", date(2025, 5, 21), date(2026, 5, 20), "THRESHOLD"),
    ]


async def test_a_tier_falls_to_its_downgrade_target_or_to_what_is_reached(database: Database) -> None:
    club = await a_club(database, model=TierModel.FIXED_DATE, platinum={"downgrade_to": "GOLD"})
    await club.earn(GAINED, 1000)

    await club.night(NEW_YEAR)

    assert (await club.history(NEW_YEAR))[0] == ("GOLD", NEW_YEAR, date(2027, 12, 31), "DOWNGRADE")


async def test_without_a_target_what_is_reached_is_kept(database: Database) -> None:
    club = await a_club(database, model=TierModel.FIXED_DATE)
    await club.earn(GAINED, 1000)
    await club.earn(date(2026, 5, 1), 500)

    await club.night(NEW_YEAR)

    assert (await club.history(NEW_YEAR))[0] == ("GOLD", NEW_YEAR, date(2027, 12, 31), "DOWNGRADE")


async def test_a_tier_that_has_ended_goes_on_until_the_night_has_looked(database: Database) -> None:
    club = await a_club(database, model=TierModel.FIXED_DATE)
    await club.earn(GAINED, 500)

    assert await club.tier(NEW_YEAR) == "GOLD"
    await club.earn(NEW_YEAR, 10)
    await club.night(NEW_YEAR)
    assert await club.tier(NEW_YEAR) == "BASIC"


async def test_an_upgrade_before_the_night_leaves_no_gap(database: Database) -> None:
    club = await a_club(database, model=TierModel.FIXED_DATE)
    await club.earn(GAINED, 500)

    await club.earn(date(2027, 1, 5), 1000)

    assert (await club.history(date(2027, 1, 5)))[:2] == [
        ("PLATINUM", date(2027, 1, 5), date(2028, 12, 31), "THRESHOLD"),
        ("GOLD", GAINED, date(2027, 1, 4), "THRESHOLD"),
    ]
    assert (await club.night(date(2027, 1, 6))).members == 0
    await club.verified(date(2027, 1, 6))


async def test_a_member_on_whom_somebody_works_waits_for_the_next_night(database: Database) -> None:
    club = await a_club(database, model=TierModel.FIXED_DATE)
    await club.earn(GAINED, 500)

    async with holding(database, members=[club.member.id]):
        assert (await club.night(NEW_YEAR)).members == 0
    assert (await club.night(date(2027, 1, 2))).members == 1
    assert (await club.history(date(2027, 1, 2)))[0] == ("BASIC", NEW_YEAR, None, "DOWNGRADE")
