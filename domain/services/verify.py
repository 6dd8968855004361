"""Verification: every invariant of the ledger over the whole database, several at once, with what breaks it; and every seal.

With `since`, what belongs to one member alone is only asked of members to whom something happened from then on, and seals that
end before are only checked as links of the chain: enough for every night. The rest is asked of everything, always.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.services import seals
from domain.store import invariants, recent
from domain.store.database import Database
from domain.store.invariant import Invariant
from domain.store.invariants import Violation

MOST = 100
"""How many violations of one invariant are named."""

AT_ONCE = 2
"""How many invariants the database is asked at once."""

SEALS = Invariant(
    "seals", "What was sealed is as it was: nothing changed, removed or added, and no seal made anew.", "", ""
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one invariant: the rows looked at, and those that break it (the first hundred)."""

    invariant: Invariant
    rows: int
    violations: Sequence[Violation]


async def verify(database: Database, since: datetime | None = None, at_once: int = AT_ONCE) -> AsyncGenerator[Finding]:
    """Check every invariant; a finding for each in their order, as soon as it is done."""
    turns = asyncio.Semaphore(at_once)
    tasks = [asyncio.create_task(_within(turns, database, each, since)) for each in invariants.INVARIANTS]
    tasks.append(asyncio.create_task(_seals(turns, database, since)))
    try:
        for task in tasks:
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def count() -> int:
    """How many findings there will be."""
    return len(invariants.INVARIANTS) + 1


async def _within(
    turns: asyncio.Semaphore, database: Database, invariant: Invariant, since: datetime | None
) -> Finding:
    async with turns, database.rehearse() as reader:
        now = await database.now(reader)
        if since is not None and invariant.name in recent.OF_ONE_MEMBER:
            await recent.look_only_at(reader, since)
        rows = await invariants.count(reader, invariant)
        return Finding(invariant, rows, await invariants.violations(reader, invariant, now, MOST))


async def _seals(turns: asyncio.Semaphore, database: Database, since: datetime | None) -> Finding:
    found = Finding(SEALS, 0, ())
    async with turns:
        async for check in seals.check(database, since):
            violations = (*found.violations, *check.violations)[:MOST]
            found = replace(found, rows=found.rows + check.rows, violations=violations)
    return found
