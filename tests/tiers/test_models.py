"""The three models, through the product's doors: when tiers end, which period counts, and what a member falls back to."""

from datetime import date

import pytest

from domain.store.database import Database
from domain.tiers import TierModel
from tests.tiers.club import ENROLLED, a_club

UPGRADED = date(2025, 11, 20)


@pytest.mark.parametrize(
    ("model", "ends_on"),
    [
        (TierModel.ANNIVERSARY, date(2027, 3, 9)),
        (TierModel.FIXED_DATE, date(2026, 12, 31)),
        (TierModel.ROLLING, date(2026, 11, 19)),
    ],
)
async def test_a_tier_ends_aligned_to_its_model_and_not_before_its_minimum_length(
    database: Database, model: TierModel, ends_on: date
) -> None:
    club = await a_club(database, model=model)

    await club.earn(UPGRADED, 500)

    assert await club.history(UPGRADED) == [
        ("GOLD", UPGRADED, ends_on, "THRESHOLD"),
        ("BASIC", ENROLLED, date(2025, 11, 19), None),
    ]
    assert await club.tier(UPGRADED) == "GOLD"


async def test_everybody_begins_in_the_default_tier(database: Database) -> None:
    club = await a_club(database)

    assert await club.history(ENROLLED) == [("BASIC", ENROLLED, None, None)]
    assert await club.tier(ENROLLED) == "BASIC"


async def test_points_of_two_years_do_not_add_up(database: Database) -> None:
    club = await a_club(database, model=TierModel.FIXED_DATE)

    await club.earn(date(2024, 12, 31), 499)
    await club.earn(date(2025, 1, 1), 499)

    assert await club.tier(date(2025, 1, 1)) == "BASIC"


async def test_a_rolling_window_takes_in_the_last_twelve_months(database: Database) -> None:
    club = await a_club(database, model=TierModel.ROLLING)

    await club.earn(date(2024, 5, 20), 300)
    await club.earn(date(2025, 5, 20), 200)
    assert await club.tier(date(2025, 5, 20)) == "BASIC"
    await club.earn(date(2025, 5, 21), 300)

    assert await club.tier(date(2025, 5, 21)) == "GOLD"


async def test_a_late_transaction_counts_in_its_own_period(database: Database) -> None:
    club = await a_club(database, model=TierModel.FIXED_DATE)

    await club.earn(date(2025, 1, 10), 600, dated=date(2024, 12, 20))

    standing = await club.standing(date(2025, 1, 10))
    assert standing.tier is not None
    assert standing.tier.code == "BASIC"


async def test_spending_never_lowers_progress(database: Database) -> None:
    club = await a_club(database)
    await club.earn(date(2025, 4, 1), 400)
    await club.redeem(date(2025, 4, 2), 400)

    await club.earn(date(2025, 4, 3), 100)

    assert await club.tier(date(2025, 4, 3)) == "GOLD"


async def test_an_upgrade_ends_the_old_tier_the_day_before(database: Database) -> None:
    club = await a_club(database)
    await club.earn(date(2025, 4, 1), 500)

    await club.earn(date(2025, 6, 1), 500)

    assert await club.history(date(2025, 6, 1)) == [
        ("PLATINUM", date(2025, 6, 1), date(2027, 3, 9), "THRESHOLD"),
        ("GOLD", date(2025, 4, 1), date(2025, 5, 31), "THRESHOLD"),
        ("BASIC", ENROLLED, date(2025, 3, 31), None),
    ]


async def test_two_upgrades_of_one_day_leave_one_tier(database: Database) -> None:
    club = await a_club(database)
    await club.earn(date(2025, 4, 1), 500)

    await club.earn(date(2025, 4, 1), 500)

    assert [each[0] for each in await club.history(date(2025, 4, 1))] == ["PLATINUM", "BASIC"]
    await club.verified(date(2025, 4, 1))


async def test_bonus_points_bring_nobody_up(database: Database) -> None:
    club = await a_club(database)

    await club.earn(date(2025, 4, 1), 600, qualifying=False)

    assert await club.tier(date(2025, 4, 1)) == "BASIC"
