"""What `milepost verify` says about partner programs: nothing of a sound database, and the row at fault of a broken one."""

import pytest
from sqlalchemy import text

from domain.services.verify import verify
from domain.store.database import Database
from tests.partner_programs.guild import Guild, a_guild

BREAKS = {
    "memberships": "update membership set status = 'IN_GRACE_PERIOD' where id = {live}",
    "applications": "update application set status = 'PENDING' where id = {asked}",
    "one membership": "update membership set status = 'APPROVED' where id = {live}",
    "agreements": "update agreement_line set starts_on = '2025-01-20', ends_on = '2025-01-25' where membership_id = {live}",
    "entitlements": "update entitlement set ends_on = '2026-05-01' where membership_id = {live}",
}
"""Invariant -> what breaks it behind the product's back."""


async def violated(database: Database) -> dict[str, list[str]]:
    return {
        each.invariant.name: [violation.place for violation in each.violations]
        async for each in verify(database)
        if each.violations
    }


async def a_story(guild: Guild) -> dict[str, int]:
    """A membership that has expired, one after it, and an application that waits."""
    first = await guild.member()
    guild.on(first.renewal_ends_on)
    await guild.renew(first)
    other = await guild.of_another()
    asked = await other.save()
    return {"live": (await guild.live()).id, "asked": asked.id}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_broken_row_is_found(fresh_database: Database, name: str) -> None:
    async with a_guild(fresh_database) as guild:
        keys = await a_story(guild)
        assert await violated(guild.database) == {}
        broken = BREAKS[name]
        if name == "applications":
            broken = broken.replace("'PENDING'", "'PENDING', submitted_at = now()")
        async with guild.database.write() as writer:
            await writer.execute(text(broken.format(**keys)))
        found = await violated(guild.database)
        assert name in found
        assert len(found[name]) >= 1
