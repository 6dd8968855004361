"""What had lapsed before a merge, and no nightly job had taken yet, stays behind and is nothing."""

from datetime import date

from sqlalchemy import text

from domain.commands.merges import MemberMerge
from domain.commands.programs import SettingsChange
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.people import ENGINE
from domain.services.merges import member_merge
from domain.services.verify import verify
from domain.store.database import Database
from tests.support.factories import a_program, result_of
from tests.support.members import a_member, by_number
from tests.tiers.club import Club

MONTH = ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.MONTH)


async def broken(database: Database) -> list[str]:
    return [each.invariant.name async for each in verify(database) if each.violations]


async def test_lapsed_points_that_nobody_has_taken_do_not_follow_and_are_no_fault(fresh_database: Database) -> None:
    program = await a_program(fresh_database, settings=SettingsChange(expiry=MONTH))
    club = Club(fresh_database, program, await a_member(fresh_database, program))
    other = await a_member(fresh_database, program)
    await club.earn(date(2026, 1, 10), 133)
    async with club.on(date(2026, 3, 1)) as desk:
        command = MemberMerge(
            idempotency_key="merge", program=program.code, member=by_number(club.member), into=by_number(other),
            reason="enrolled twice",
        )  # fmt: skip
        assert result_of(await member_merge(desk.database, desk.programs, ENGINE, command)).moved == ()
    assert await broken(fresh_database) == []
    assert (await Club(fresh_database, program, other).balance(date(2026, 3, 1))).available == 0
    async with fresh_database.write() as writer:
        await writer.execute(text("update balance set changes_on = null where member_id = :id"), {"id": club.member.id})
    assert "merges" in await broken(fresh_database)
