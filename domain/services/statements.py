"""A member's statement of a period, read in one snapshot: for the host's people and the member itself.

A partner's user gets none: a member's statement tells of what it did elsewhere.
"""

from datetime import date, datetime, timedelta

from domain.calendars import business_date, start_of_day
from domain.people import Scope
from domain.problems import Refused
from domain.statement_lines import Period, accounts
from domain.statements import MAX_LINES, Statement, StatementTooLong, period_problems
from domain.store import statements
from domain.store.database import Database

INSTANT = timedelta(microseconds=1)
"""The finest time that the ledger knows."""


async def member_statement(
    database: Database, scope: Scope, member_id: int, starts_on: date, ends_on: date
) -> Statement | None:
    """The statement of the days from `starts_on` through `ends_on`, in the program's time zone; None: none that one may see."""
    if scope.partner_id is not None:
        return None
    async with database.snapshot() as reader:
        time_zone = await statements.time_zone(reader, scope, member_id)
        if time_zone is None:
            return None
        now = await database.now(reader)
        if problems := period_problems(starts_on, ends_on, business_date(now, time_zone)):
            raise Refused(*problems)
        period = _period(starts_on, ends_on, time_zone, now)
        days = (starts_on - timedelta(1), ends_on)
        found = await statements.load(reader, member_id, period, days, MAX_LINES)
    if not found.whole:
        raise Refused(StatementTooLong(limit=MAX_LINES, path=("to",)))
    return Statement(
        member_id=member_id,
        starts_on=starts_on,
        ends_on=ends_on,
        time_zone=time_zone,
        complete=period.until < now,
        accounts=accounts(found.accounts, found.movements, found.lots, period),
    )


def _period(starts_on: date, ends_on: date, time_zone: str, now: datetime) -> Period:
    """From the beginning of the first day to the end of the last one; of today, until now."""
    end = start_of_day(ends_on + timedelta(1), time_zone) - INSTANT
    return Period(before=start_of_day(starts_on, time_zone) - INSTANT, until=min(end, now), time_zone=time_zone)
