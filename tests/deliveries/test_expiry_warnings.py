"""Warnings of points that lapse soon: in time, once, to those who can still use them."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.commands.members import MemberStatusChange
from domain.commands.programs import ProgramUpdate, SettingsChange
from domain.deliveries import EventType
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.global_ids import seal
from domain.members import MemberStatus
from domain.people import ENGINE
from domain.problems import Invalid
from domain.services.expiry_warnings import warn
from domain.services.member_status import member_status_change
from domain.services.programs import program_update
from domain.store.database import Database
from tests.deliveries.outboxes import told
from tests.deliveries.telling import an_endpoint
from tests.support.factories import a_program, result_of
from tests.support.members import a_member, at, by_number, refusal
from tests.tiers.club import Club, noon

TEN_DAYS = ExpiryPolicy(ExpiryKind.PERIOD, length=10, unit=PeriodUnit.DAY)
EARNED = date(2026, 3, 1)
LAST_DAY = EARNED + timedelta(days=10)


async def a_shop(database: Database, **settings: Any) -> Club:
    """A program whose points lapse after ten days and whose members are warned three days before, and Ada."""
    change = SettingsChange(**{"expiry": TEN_DAYS, "expiry_warning_days": 3, **settings})
    program = await a_program(database, settings=change, name="Corner Shop")
    member = await a_member(database, program, email="ada@example.org")
    return Club(database, program, member)


async def warned(shop: Club, day: date) -> int:
    """How many members are warned on a day."""
    there = at(shop.database, noon(day))
    count = 0
    async for so_far in warn(there, shop.program):
        count = so_far
    await there.close()
    return count


async def emails(shop: Club) -> list[dict[str, Any]]:
    return [body for kind, body in await told(shop.database, shop.program.id) if kind == "email"]


async def test_a_member_is_warned_so_many_days_before_and_once(database: Database) -> None:
    shop = await a_shop(database)
    await an_endpoint(database, shop.program, "https://example.org/", EventType.POINTS_EXPIRING)
    await shop.earn(EARNED, 1200)
    days = [EARNED + timedelta(days=each) for each in (0, 6, 7, 7, 8, 10, 11, 12)]
    assert [await warned(shop, day) for day in days] == [0, 0, 1, 0, 0, 0, 0, 0]
    [(first, letter), (second, event)] = await told(database, shop.program.id)
    assert (first, second) == ("email", "points.expiring")
    assert letter == {
        "to": "ada@example.org", "subject": "Your points at Corner Shop lapse soon",
        "text": "Hello Ada Lovelace,\n\nsome of your points at Corner Shop lapse soon. They can be used up to and including "
        "the day named here:\n\n    1,200 POINTS: until 2026-03-11\n\nCorner Shop\n",
    }  # fmt: skip
    named = {"id": seal("Member", shop.member.id), "number": shop.member.number}
    assert event["data"] == {
        "member": named, "pointType": "POINTS", "points": "1200", "expiresOn": LAST_DAY.isoformat(),
    }  # fmt: skip


async def test_each_day_is_warned_of_once(database: Database) -> None:
    shop = await a_shop(database)
    await shop.earn(EARNED, 10)
    await shop.earn(EARNED + timedelta(days=2), 20)
    days = [EARNED + timedelta(days=each) for each in range(14)]
    assert [await warned(shop, day) for day in days] == [0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0]
    texts = [letter["text"] for letter in await emails(shop)]
    assert ["10 POINTS: until 2026-03-11" in texts[0], "20 POINTS: until 2026-03-13" in texts[1]] == [True, True]


async def test_what_was_missed_is_made_up_for_as_long_as_it_is_of_use(database: Database) -> None:
    shop = await a_shop(database)
    await shop.earn(EARNED, 10)
    assert await warned(shop, LAST_DAY) == 1
    later = await a_shop(database)
    await later.earn(EARNED, 10)
    assert await warned(later, LAST_DAY + timedelta(days=1)) == 0


async def test_who_has_spent_them_is_not_warned(database: Database) -> None:
    shop = await a_shop(database)
    await shop.earn(EARNED, 10)
    await shop.redeem(EARNED, 10)
    assert await warned(shop, LAST_DAY) == 0


async def test_who_has_no_address_is_told_of_by_event_alone(database: Database) -> None:
    shop = await a_shop(database)
    shop = replace(shop, member=await a_member(database, shop.program))
    await an_endpoint(database, shop.program, "https://example.org/", EventType.POINTS_EXPIRING)
    await shop.earn(EARNED, 10)
    assert await warned(shop, LAST_DAY) == 1
    assert [kind for kind, _ in await told(database, shop.program.id)] == ["points.expiring"]


@pytest.mark.parametrize(("status", "count"), [(MemberStatus.SUSPENDED, 1), (MemberStatus.INACTIVE, 0)])
async def test_who_can_never_use_them_is_not_warned(database: Database, status: MemberStatus, count: int) -> None:
    shop = await a_shop(database)
    await shop.earn(EARNED, 10)
    command = MemberStatusChange(program=shop.program.code, member=by_number(shop.member), status=status, reason="test")
    result_of(await member_status_change(database, ENGINE, command))
    assert await warned(shop, LAST_DAY) == count


async def test_nobody_is_warned_where_the_program_does_not_want_it(database: Database) -> None:
    shop = await a_shop(database, expiry_warning_days=0)
    await shop.earn(EARNED, 10)
    assert await warned(shop, LAST_DAY) == 0
    assert await told(database, shop.program.id) == []


async def test_two_runs_at_once_warn_once(database: Database) -> None:
    shop = await a_shop(database)
    await shop.earn(EARNED, 10)
    counts = await asyncio.gather(*(warned(shop, LAST_DAY) for _ in range(3)))
    assert sorted(counts) == [0, 0, 1]
    assert len(await emails(shop)) == 1


@pytest.mark.parametrize("days", [-1, 367])
async def test_a_warning_comes_within_a_year(database: Database, days: int) -> None:
    program = await a_program(database)
    command = ProgramUpdate(
        program=program.code, expected_version=program.version, settings=SettingsChange(expiry_warning_days=days)
    )
    path = ("input", "settings", "expiryWarningDays")
    with refusal(Invalid(value=str(days), expected="0 to 366 days", path=path)):
        await program_update(database, ENGINE, command)
