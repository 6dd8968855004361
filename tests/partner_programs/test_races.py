"""At the same moment: two approvals, a removal beside a renewal, the job beside itself. The program's lock puts them in an order."""

import asyncio
from datetime import date

from domain.partner_programs import ApprovalMethod
from domain.services import jobs
from domain.services.engine_programs import EnginePrograms
from domain.store.database import Database
from tests.partner_programs.guild import APPROVED, CURRENT, EXPIRED, TERMINATED, a_guild

OPENS, AFTER = date(2025, 11, 15), date(2026, 1, 15)


async def test_two_approvals_at_once_give_one_membership(database: Database) -> None:
    async with a_guild(database, approval_method=ApprovalMethod.MANUAL) as guild:
        taken = [await guild.accept(await guild.apply()) for _ in range(3)]
        approved = await asyncio.gather(*map(guild.approve, taken))
        assert len({each.membership_id for each in approved}) == 1
        assert await guild.statuses() == [CURRENT]


async def test_a_removal_beside_a_renewal_leaves_no_member_or_no_renewal(database: Database) -> None:
    async with a_guild(database) as guild:
        membership = await guild.member()
        guild.on(OPENS)
        await asyncio.gather(guild.remove(), guild.renew(membership), return_exceptions=True)
        assert await guild.statuses() in ([TERMINATED], [TERMINATED, TERMINATED])


async def test_the_same_mass_update_at_once_adds_everybody_once(database: Database) -> None:
    async with a_guild(database) as guild:
        done = await asyncio.gather(*(guild.add() for _ in range(3)))
        assert sorted(row.outcome.value for update in done for row in update.rows) == ["DONE", "UNCHANGED", "UNCHANGED"]
        assert await guild.statuses() == [CURRENT]


async def test_the_job_beside_itself_makes_every_move_once(database: Database) -> None:
    async with a_guild(database) as guild:
        old = await guild.member()
        await guild.on(OPENS).renew(old)
        guild.on(AFTER)
        nights = await asyncio.gather(*(guild.night() for _ in range(3)))
        assert sum(night.left for night in nights) == 0
        assert await guild.trail(old) == [(CURRENT, old.begins_on), (EXPIRED, AFTER)]
        assert await guild.trail(await guild.live()) == [(APPROVED, OPENS), (CURRENT, AFTER)]


async def test_the_job_is_one_of_the_installation_and_says_what_it_did(fresh_database: Database) -> None:
    async with a_guild(fresh_database) as guild:
        membership = await guild.member()
        await guild.on(OPENS).renew(membership)
        guild.on(AFTER)
        assert "PARTNER_PROGRAMS" in {each.name for each in await jobs.claim_due(guild.database)}
        said = await jobs.perform(guild.database, EnginePrograms(), "PARTNER_PROGRAMS", lambda: True)
        assert said == "2 memberships moved, 0 partners asked to renew"
        assert await guild.statuses() == [EXPIRED, CURRENT]
