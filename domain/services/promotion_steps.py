"""Paying what was counted: the day after a stepped promotion's final date, every member's count is closed and what it is worth
queued as a bonus, in one commit. Running it again finds nothing open; nights that were missed are made up for by the next.

A promotion is settled once nobody's count is open, which is asked with the program alone: no chunk of that day can still count.
"""

import logging
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.bonuses import SOURCE
from domain.calendars import business_date
from domain.drafts import Draft
from domain.engine import EngineProgram
from domain.entries import NewTransaction
from domain.points import Units, to_units
from domain.problems import Refused
from domain.programs import PointType, ProgramStatus
from domain.promotion_steps import COUNTERS, type_of
from domain.promotions import Promotion, Step, Steps
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import claims
from domain.store import locks, queue, transactions
from domain.store import promotion_steps as store
from domain.store.database import Database, Writer
from domain.store.failures import is_passing
from domain.store.member_rows import MemberRow
from domain.store.promotion_steps import Closed
from domain.transactions import Status, SubType, Type

CHUNK = 200
"""Members whose counts are closed in one commit."""

PASSES = 2
ONE_DAY = timedelta(1)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Settled:
    """What was closed so far: members, those of them who are given something, and points by point type."""

    members: int = 0
    paid: int = 0
    points: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Due:
    """An active promotion whose final date has passed: what its steps pay, and for which date."""

    promotion: Promotion
    steps: Steps
    final_on: date
    point_type: PointType

    @property
    def paid_on(self) -> date:
        """The date of the bonuses: the day after the final date, whenever the job gets to it."""
        return self.final_on + ONE_DAY


async def settle(database: Database, programs: EnginePrograms, program_id: int) -> AsyncGenerator[Settled, None]:
    """Close every count whose final date has passed; yields the progress after every chunk of members.

    Members on whom somebody else works just then come up once more at the end; whoever is busy still, the next night.
    """
    progress = Settled()
    for due in await _unsettled(database, programs, program_id):
        for _ in range(PASSES):
            after = 0
            while members := await _counted(database, due, after):
                for chunk in await _closed(database, programs, due, members):
                    _count(progress, due, chunk)
                after = members[-1]
                yield progress
        await _settle(database, programs, due)


async def _unsettled(database: Database, programs: EnginePrograms, program_id: int) -> list[Due]:
    async with database.read() as reader:
        try:
            program = await programs.current(reader, program_id)
        except Refused:  # a draft without point types: nobody has counted anything
            return []
        due = _due(program, await database.now(reader))
        settled = await store.settled(reader, [each.promotion.id for each in due]) if due else set()
        return [each for each in due if (each.promotion.id, each.final_on) not in settled]


def _due(program: EngineProgram, now: datetime) -> list[Due]:
    """The promotions that are to be paid by now. A program that is not active gives nothing, until it is again."""
    today = business_date(now, program.program.time_zone)
    if program.program.status is not ProgramStatus.ACTIVE:
        return []
    found = []
    for promotion in program.rules.promotions:
        steps, final_on = promotion.steps, promotion.final_on
        if steps is not None and final_on is not None and final_on < today:
            point_type = type_of(steps, program.by_code)
            assert point_type is not None, "activation has asked"
            found.append(Due(promotion, steps, final_on, point_type))
    return found


async def _counted(database: Database, due: Due, after: int) -> Sequence[int]:
    async with database.read() as reader:
        return await store.counted(reader, due.promotion, after, CHUNK)


async def _closed(
    database: Database, programs: EnginePrograms, due: Due, members: Sequence[int]
) -> list[Sequence[Closed]]:
    """One commit; what the database refuses is halved until the member at fault stands alone, who is left as they are."""
    try:
        async with database.write() as writer:
            return [await _close(database, programs, writer, due, members)]
    except Exception as error:
        if is_passing(error):
            return []
        if len(members) == 1:
            log.exception("what member %s has counted for %s could not be paid", members[0], due.promotion.code)
            return []
    half = len(members) // 2
    first = await _closed(database, programs, due, members[:half])
    return first + await _closed(database, programs, due, members[half:])


async def _close(
    database: Database, programs: EnginePrograms, writer: Writer, due: Due, members: Sequence[int]
) -> Sequence[Closed]:
    await locks.program(writer, due.promotion.program_id)
    program = await programs.current(writer, due.promotion.program_id)
    now = await database.now(writer)
    if due not in _due(program, now):  # deactivated or changed since: it pays when it is due again
        return ()
    rows = await locks.free_members(writer, members)
    paid = await store.paid(writer, due.promotion.id, due.final_on, [row.id for row in rows])
    return await _pay(database, writer, program, due, [row for row in rows if row.id not in paid], now=now)


async def close_apart(
    database: Database, writer: Writer, program: EngineProgram, member: MemberRow, into: int, *, now: datetime
) -> None:
    """Before a locked member is merged into another, close its counts that cannot be added to those of the other any more:
    of promotions that are due, for which the other was paid already.
    """
    for due in _due(program, now):
        paid = await store.paid(writer, due.promotion.id, due.final_on, [member.id, into])
        if paid == {into}:
            await _pay(database, writer, program, due, [member], now=now)


async def _pay(
    database: Database, writer: Writer, program: EngineProgram, due: Due, members: Sequence[MemberRow], *, now: datetime
) -> Sequence[Closed]:
    """Close the counts of locked members, and queue what they are worth."""
    counter = due.steps.counter.removeprefix(COUNTERS)
    rows = {row.id: row for row in members if counter in row.counters}
    open_ = list(rows.values())
    numbers = await database.ids.take(writer, len(open_))
    counts = [_worth(due, row, row.counters[counter], number, now) for row, number in zip(open_, numbers, strict=True)]
    await _queue(writer, [_draft(program, due, rows[each.member_id], each) for each in counts if each.transaction_id])
    await store.close(writer, due.steps.counter, counts)
    return counts


def _worth(due: Due, row: MemberRow, counted: Any, number: int, now: datetime) -> Closed:
    count = Decimal(counted)
    place = due.steps.reached(count)
    step: Step | None = None if place is None else due.steps.steps[place]
    units = Units(0) if step is None else to_units(step.points, due.point_type.decimals)
    return Closed(
        due.promotion.id, due.final_on, row.id, due.promotion.version, count, None if place is None else place + 1,
        due.point_type.id, units, None if step is None else number, now,
    )  # fmt: skip


async def _queue(writer: Writer, drafts: Sequence[Draft]) -> None:
    """Record the bonuses, each under a name that no other can ever have."""
    before = await claims.by_external_id(writer, dict(enumerate(drafts)))
    assert not before, "a count that is closed is never closed again"
    await transactions.insert(writer, drafts, {}, drafts[0].created_at) if drafts else None
    await queue.add(
        writer, [(each.program_id, each.member_id, each.transaction_date, each.id, None) for each in drafts]
    )


def _draft(program: EngineProgram, due: Due, row: MemberRow, count: Closed) -> Draft:
    assert count.step is not None
    assert count.transaction_id is not None
    steps, code = due.steps, due.promotion.code
    entry = NewTransaction(
        program=program.program.code, member=row.number, type=Type.ACCRUAL, sub_type=SubType.ACTION_BASED_BONUS,
        transaction_date=due.paid_on, point_type=due.point_type.code, points=steps.steps[count.step - 1].points,
        qualifying=steps.qualifying or None, source=SOURCE, external_id=f"STEPS:{code}:{due.final_on}:{row.number}",
    )  # fmt: skip
    return Draft(
        id=count.transaction_id, program_id=program.program.id, member_id=row.id, entry=entry,
        transaction_date=due.paid_on, status=Status.QUEUED, created_at=count.created_at, created_by_id=None,
        product_id=None, partner_id=None, point_type_id=due.point_type.id, points=count.points,
    )  # fmt: skip


async def _settle(database: Database, programs: EnginePrograms, due: Due) -> None:
    async with database.write() as writer:
        await locks.program_alone(writer, due.promotion.program_id)
        now = await database.now(writer)
        program = await programs.current(writer, due.promotion.program_id)
        left = await store.counted(writer, due.promotion, 0, 1)
        if not left and due in _due(program, now):
            await store.settle(writer, due.promotion.id, due.final_on, due.promotion.version, now)


def _count(progress: Settled, due: Due, chunk: Sequence[Closed]) -> None:
    for each in chunk:
        progress.members += 1
        if each.step is not None:
            code = due.point_type.code
            progress.paid += 1
            progress.points[code] = progress.points.get(code, Decimal(0)) + due.steps.steps[each.step - 1].points
