"""What a member has, all of it, in a form that can be compared before and after."""

from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from domain.members import Member
from domain.services.posting import Desk
from domain.services.verify import verify
from domain.store.database import Database
from domain.transactions import RefundLine
from tests.support.members import at
from tests.support.transactions import Stage

STATE = text("""
    select m.attributes, m.counters,
           coalesce((select jsonb_object_agg(span || '/' || promotion_id, points) from promotion_usage u
                     where u.member_id = m.id and points > 0), '{}') as usage,
           coalesce((select jsonb_agg(jsonb_build_array(transaction_id, position, remaining) order by transaction_id, position)
                     from lot where lot.member_id = m.id and open), '[]') as lots
    from member m where m.id = :member
""")


async def everything(stage: Stage, member: Member | None = None) -> dict[str, Any]:
    """Balances, open lots, attributes, counters and used limits of a member."""
    who = member or stage.member
    async with stage.database.read() as reader:
        row = (await reader.execute(STATE, {"member": who.id})).one()
    return {**asdict(await stage.balance(who)), **row._asdict()}


async def violations(database: Database) -> list[tuple[str, Any]]:
    """Every invariant that is broken."""
    return [(each.invariant.name, each.violations) async for each in verify(database) if each.violations]


def on(stage: Stage, day: date) -> Stage:
    """The same at noon of a day; close its database at the end."""
    database = at(stage.database, datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    return replace(stage, desk=Desk(database, stage.desk.programs))


def line(number: int, **values: int | str) -> RefundLine:
    """A line that comes back."""
    return RefundLine(number, **{name: Decimal(value) for name, value in values.items()})


def ints(*points: Decimal) -> tuple[int, ...]:
    """Whole points, to be compared."""
    return tuple(map(int, points))
