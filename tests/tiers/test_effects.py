"""What tiers do to transactions: the tier of the transaction date decides, promotions move members, decisions say so."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from domain.engine.decision import Decision, decode
from domain.promotions import ChangeTier, Criterion, Operator, Rule, TierDirection
from domain.services.member_tiers import load_progress
from domain.store import tables as t
from domain.store.database import Database
from domain.tiers import TierModel
from domain.transactions import Transaction
from tests.support.factories import a_program
from tests.support.members import a_member, at
from tests.support.promotions import a_promotion, gives, over
from tests.tiers.club import ENROLLED, EVERYTHING, Club, a_class, a_club, a_tier, noon, points

GAINED = date(2025, 4, 1)


async def decision(club: Club, transaction: Transaction) -> Decision:
    """What was decided about a transaction."""
    query = select(t.decision.c.body).where(t.decision.c.transaction_id == transaction.id)
    async with club.database.read() as reader:
        return decode((await reader.execute(query)).scalar_one())


async def test_a_promotion_for_a_tier_pays_from_the_day_on_which_the_tier_began(database: Database) -> None:
    club = await a_club(database)
    await a_promotion(database, club.program, gives(25), tiers=("GOLD",))
    reached = await club.earn(GAINED, 500)
    late = await club.earn(date(2025, 5, 1), 10, dated=date(2025, 3, 31))
    after = await club.earn(date(2025, 5, 1), 10)

    assert [total.points for each in (reached, late, after) for total in each.totals] == [500, 10, 35]
    assert [(await decision(club, each)).tier for each in (reached, late, after)] == ["BASIC", "BASIC", "GOLD"]


async def test_the_decision_keeps_the_change_of_tier(database: Database) -> None:
    club = await a_club(database)

    [change] = (await decision(club, await club.earn(GAINED, 500))).tier_changes

    assert (change.tier_class, change.before, change.after, change.ends_on, change.reason) == (
        "STATUS", "BASIC", "GOLD", date(2027, 3, 9), "THRESHOLD",
    )  # fmt: skip


async def test_rules_see_the_tier(database: Database) -> None:
    club = await a_club(database)
    in_gold = Criterion("tier.code", Operator.EQUALS, ("GOLD",))
    await a_promotion(database, club.program, gives(7, in_gold))
    await club.earn(GAINED, 500)

    [total] = (await club.earn(GAINED, 10)).totals

    assert total.points == 17


async def test_a_promotion_moves_a_member_up_and_the_history_names_it(database: Database) -> None:
    club = await a_club(database)
    up = Rule((ChangeTier("STATUS", TierDirection.UP, "PLATINUM"),), (over(99),))
    promotion = await a_promotion(database, club.program, up)

    transaction = await club.earn(GAINED, 100)

    [first, _] = (await club.standing(GAINED)).history
    assert (first.tier, first.starts_on, first.ends_on) == ("PLATINUM", GAINED, date(2027, 3, 9))
    assert (first.promotion_id, first.transaction_id) == (promotion.id, transaction.id)


async def test_a_promotion_keeps_a_tier_for_a_full_term_once_a_day(database: Database) -> None:
    club = await a_club(database, model=TierModel.ROLLING)
    await a_promotion(database, club.program, Rule((ChangeTier("STATUS", TierDirection.KEEP),), (over(99),)))
    await club.earn(GAINED, 500)

    await club.earn(date(2025, 6, 1), 100)
    await club.earn(date(2025, 6, 1), 100)

    assert (await club.history(date(2025, 6, 1)))[:2] == [
        ("GOLD", date(2025, 6, 1), date(2026, 5, 31), "PROMOTION"),
        ("GOLD", GAINED, date(2025, 5, 31), "THRESHOLD"),
    ]


async def test_keeping_the_default_tier_changes_nothing(database: Database) -> None:
    club = await a_club(database)
    await a_promotion(database, club.program, Rule((ChangeTier("STATUS", TierDirection.KEEP),)))

    await club.earn(GAINED, 10)

    assert await club.history(GAINED) == [("BASIC", ENROLLED, None, None)]


async def test_the_most_senior_class_is_dominant_if_its_tier_is_shown(database: Database) -> None:
    program = await a_program(database)
    await a_class(database, program, sequence=2)
    await a_tier(database, program, "BASIC", 1)
    await a_class(database, program, "CLUB", sequence=1)
    await a_tier(database, program, "NONE", 1, tier_class="CLUB", shown=False)
    await a_tier(database, program, "INNER", 2, tier_class="CLUB", thresholds=points(100))
    then = at(database, noon(ENROLLED))
    club = Club(database, program, await a_member(then, program))
    await then.close()

    assert await club.tier(ENROLLED) == "BASIC"
    await club.earn(GAINED, 100)
    assert await club.tier(GAINED) == "INNER"


async def test_progress_says_what_is_missing(database: Database) -> None:
    club = await a_club(database, model=TierModel.FIXED_DATE)
    await club.earn(date(2024, 12, 1), 100)
    await club.earn(GAINED, 120)
    async with database.read() as reader:
        [[progress]] = await load_progress(reader, EVERYTHING, [club.member.id], noon(GAINED))

    assert (progress.tier.code, progress.next_tier and progress.next_tier.code) == ("BASIC", "GOLD")
    assert (progress.period.starts_on, progress.period.ends_on) == (date(2025, 1, 1), date(2025, 12, 31))
    assert [(each.point_type, each.points) for each in progress.points] == [("POINTS", Decimal(120))]
    assert [(each.reached, each.missing) for each in progress.thresholds] == [(Decimal(120), Decimal(380))]
