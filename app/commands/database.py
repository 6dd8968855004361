"""`milepost migrate` and `seed`: what is done to a whole database."""

from typing import TYPE_CHECKING

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
