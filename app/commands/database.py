"""`milepost migrate`, `seed` and `verify`: what is done to a whole database."""

import sys
from typing import TYPE_CHECKING

import typer

from app.commands.common import begin, with_runtime

if TYPE_CHECKING:
    from app.runtime import Runtime


def migrate() -> None:
    """Bring the database, and the broker's queues, to what this release needs. Safe to run again, and by many at once.

    Example: DATABASE_URL=postgresql://owner@db/points milepost migrate
    """
    settings = begin()
    from app.addresses import database_url
    from app.set_up import set_up

    with database_url(settings) as url:
        set_up(settings, url)
    print("The database is up to date.")


def seed() -> None:
    """Make the sample program CITRUS, with members, people and points, where it is missing.

    Example: milepost seed
    """

    async def make(runtime: "Runtime") -> bool:
        from app.seed import is_complete
        from app.seed import seed as make_sample

        if await is_complete(runtime):
            return False
        await make_sample(runtime)
        return True

    print("The sample program CITRUS is made." if with_runtime(make) else "The sample program CITRUS is there already.")


def verify() -> None:
    """Check every invariant of the ledger, over all rows. Exit code 1 if one is broken.

    Example: milepost verify
    """

    async def check(runtime: "Runtime") -> int:
        from domain.services.verify import verify as findings

        broken = 0
        async for finding in findings(runtime.database):
            broken += bool(finding.violations)
            print(f"{'BROKEN' if finding.violations else 'ok':<7}{finding.rows:>12,} rows  {finding.invariant.says}")
            for violation in finding.violations:
                print(f"       {violation}", file=sys.stderr)
        return broken

    if with_runtime(check):
        raise typer.Exit(1)
