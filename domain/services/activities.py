"""Closing activities. They are recorded by the use cases that cause them (`domain/store/activities.py`)."""

from domain.activities import Activity, close_problem
from domain.commands.activities import ActivityClose
from domain.people import Principal
from domain.problems import Refused
from domain.receipts import Receipt
from domain.services.checks import INPUT, found, refuse
from domain.store import activities, locks
from domain.store.database import Database
from domain.values import text_problems

MAX_COMMENT = 1_000


async def activity_close(database: Database, actor: Principal, command: ActivityClose) -> Receipt[Activity]:
    """Note that somebody has seen to it."""
    refuse(text_problems(command.comment, MAX_COMMENT, INPUT, "comment", lines=True))
    async with database.write() as writer:
        await locks.patience(writer)
        activity = found(await activities.lock(writer, actor.scope, command.id), "activity", None, "id")
        problem = close_problem(activity, actor)
        if problem is not None:
            raise Refused(problem.at(INPUT, "id"))
        now = await database.now(writer)
        return Receipt(await activities.close(writer, activity.id, actor, now, command.comment))
