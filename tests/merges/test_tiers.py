"""The highest tier stays, and what both have earned counts once: spent or not, before the merge or after it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.commands.members import MemberReference
from domain.commands.merges import MemberMerge
from domain.people import ENGINE
from domain.services.member_tiers import load_progress
from domain.services.merges import member_merge
from domain.store.database import Database
from tests.support.factories import result_of
from tests.support.members import a_member, at
from tests.support.transactions import a_key
from tests.tiers.club import ENROLLED, EVERYTHING, Club, a_club, noon

DAY = date(2025, 11, 20)
NEXT = date(2025, 11, 21)
END = date(2027, 3, 9)
"""Of a tier of that year, for who enrolled on 10 March 2024."""


async def a_pair(database: Database) -> tuple[Club, Club]:
    """Two members of one club who joined on the same day: the first is merged into the second."""
    duplicate = await a_club(database)
    then = at(database, noon(ENROLLED))
    other = await a_member(then, duplicate.program)
    await then.close()
    return duplicate, replace(duplicate, member=other)


async def merged(duplicate: Club, stays: Club, day: date) -> None:
    command = MemberMerge(
        idempotency_key=a_key(), member=MemberReference(id=duplicate.member.id),
        into=MemberReference(id=stays.member.id), reason="enrolled twice",
    )  # fmt: skip
    async with stays.on(day) as desk:
        result_of(await member_merge(desk.database, desk.programs, ENGINE, command))


async def progress(club: Club, day: date) -> Decimal:
    """The points that count towards a tier, as they are shown."""
    async with club.database.read() as reader:
        [[one]] = await load_progress(reader, EVERYTHING, [club.member.id], noon(day))
    return one.points[0].points


async def test_progress_is_that_of_both_whatever_was_spent_and_counted_once(database: Database) -> None:
    duplicate, stays = await a_pair(database)
    await duplicate.earn(DAY, 300)
    await duplicate.redeem(DAY, 200)
    await stays.earn(DAY, 150)
    await merged(duplicate, stays, NEXT)
    assert (await stays.balance(NEXT)).available == 250
    assert await progress(stays, NEXT) == 450
    assert await stays.tier(NEXT) == "BASIC"
    await stays.earn(NEXT, 49)
    assert await stays.tier(NEXT) == "BASIC"
    await stays.earn(NEXT, 1)
    assert await stays.tier(NEXT) == "GOLD"
    await stays.verified(NEXT)


async def test_what_both_have_earned_reaches_a_tier_at_once(database: Database) -> None:
    duplicate, stays = await a_pair(database)
    await duplicate.earn(DAY, 300)
    await stays.earn(DAY, 200)
    await merged(duplicate, stays, NEXT)
    assert (await stays.history(NEXT))[0] == ("GOLD", NEXT, END, "THRESHOLD")


async def test_the_highest_tier_stays_with_its_end(database: Database) -> None:
    duplicate, stays = await a_pair(database)
    await duplicate.earn(DAY, 1000)
    await stays.earn(DAY, 500)
    assert (await stays.tier(DAY), await duplicate.tier(DAY)) == ("GOLD", "PLATINUM")
    await merged(duplicate, stays, NEXT)
    assert (await stays.history(NEXT))[:2] == [("PLATINUM", NEXT, END, "MERGE"), ("GOLD", DAY, DAY, "THRESHOLD")]
    await stays.verified(NEXT)
    await duplicate.verified(NEXT)


async def test_a_lower_tier_changes_nothing(database: Database) -> None:
    duplicate, stays = await a_pair(database)
    await stays.earn(DAY, 600)
    await merged(duplicate, stays, NEXT)
    assert (await stays.history(NEXT))[0] == ("GOLD", DAY, END, "THRESHOLD")


async def test_a_tier_is_renewed_by_what_the_merged_member_had_earned(database: Database) -> None:
    """The evaluation at its end asks for the whole period, whoever of the two earned in it."""
    duplicate, stays = await a_pair(database)
    await duplicate.earn(DAY, 300)
    await stays.earn(DAY, 500)
    await duplicate.earn(date(2026, 4, 1), 400)
    await merged(duplicate, stays, date(2026, 5, 1))
    await stays.earn(date(2026, 6, 1), 100)
    await stays.night(date(2027, 3, 10))
    assert (await stays.history(date(2027, 3, 10)))[0][:2] == ("GOLD", date(2027, 3, 10))
    assert (await stays.history(date(2027, 3, 10)))[0][3] == "RENEWAL"
