"""Dormancy: active members without a transaction for so many months sleep until an accrual wakes them.

Who is busy just then is left for the next run: whoever does something need not sleep.
"""

from collections.abc import AsyncGenerator

from domain.calendars import add_months, business_date
from domain.programs import Program
from domain.store import dormancy as store
from domain.store import locks
from domain.store.database import Database

CHUNK = 500
"""Members who fall asleep in one commit."""


async def lull(database: Database, program: Program) -> AsyncGenerator[int, None]:
    """Let the members of a program sleep whose time has come; yields how many did so far."""
    months = program.settings.dormant_after_months
    if months == 0:
        return
    reason = f"No transaction for {months} months"
    asleep, after = 0, 0
    while True:
        async with database.write() as writer:
            now = await database.now(writer)
            since = add_months(business_date(now, program.time_zone), -months)
            chunk = await store.upcoming(writer, program.id, since, after, CHUNK)
            if not chunk:
                return
            free = await locks.free_members(writer, chunk)
            ids = await store.still(writer, [row.id for row in free], since)
            await store.sleep(writer, ids, reason, now)
            asleep, after = asleep + len(ids), chunk[-1]
        yield asleep
