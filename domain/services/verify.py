"""Verification: every invariant of the ledger over the whole database, one after another, with what breaks it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from domain.store import invariants
from domain.store.database import Database
from domain.store.invariant import Invariant
from domain.store.invariants import Violation

MOST = 100
"""How many violations of one invariant are named."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one invariant: the rows looked at, and those that break it."""

    invariant: Invariant
    rows: int
    violations: Sequence[Violation]


async def verify(database: Database) -> AsyncIterator[Finding]:
    """Check every invariant; a finding for each as it is done."""
    async with database.read() as reader:
        now = await database.now(reader)
        for invariant in invariants.INVARIANTS:
            rows = await invariants.count(reader, invariant)
            yield Finding(invariant, rows, await invariants.violations(reader, invariant, now, MOST))
