"""The nightly expiry: what has lapsed leaves by a REDEMPTION/EXPIRY transaction, and points that have become effective are counted.

Balances say so already before the job; running it twice changes nothing the second time.
"""

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from domain.calendars import business_date
from domain.drafts import Draft
from domain.engine import EngineProgram, Entry, MemberState, Outcomes
from domain.engine.book import has_lapsed
from domain.entries import NewTransaction
from domain.points import from_units
from domain.services import working
from domain.services.engine_programs import EnginePrograms
from domain.store import lapses, locks, outcomes, transactions
from domain.store.database import Database, Writer
from domain.transactions import Status, SubType, Type

CHUNK = 200
"""Members worked in one commit."""


@dataclass(slots=True)
class Expired:
    """What lapsed so far: members looked at, transactions made, and points by point type."""

    members: int = 0
    transactions: int = 0
    points: dict[str, Decimal] = field(default_factory=dict)


async def expire(database: Database, programs: EnginePrograms, program_id: int) -> AsyncGenerator[Expired, None]:
    """Expire what has lapsed in a program by today; yields the progress after every chunk of members."""
    progress, after = Expired(), 0
    while True:
        async with database.write() as writer:
            await locks.program(writer, program_id)
            program = await programs.current(writer, program_id)
            today = business_date(await database.now(writer), program.program.time_zone)
            members = await lapses.stale_members(writer, program_id, today, after, CHUNK)
            done = await _expire(database, writer, program, members)
        if not members:
            return
        after = members[-1]
        _count(progress, program, len(members), done)
        yield progress


async def _expire(
    database: Database, writer: Writer, program: EngineProgram, members: Sequence[int]
) -> Outcomes | None:
    if not members:
        return None
    rows = await locks.free_members(writer, members)
    now = await database.now(writer)
    today = business_date(now, program.program.time_zone)
    loaded = await working.load(writer, program, rows, (), now)
    lapsed = [
        (state, point_type_id) for state in loaded.states.values() for point_type_id in lapsed_types(state, today)
    ]
    numbers = await database.ids.take(writer, len(lapsed))
    drafts = [
        _draft(program, state, point_type_id, number, now)
        for (state, point_type_id), number in zip(lapsed, numbers, strict=True)
    ]
    done = await working.worked(database, writer, loaded, [_entry(draft) for draft in drafts])
    await transactions.insert(writer, drafts, {each.transaction_id: each for each in done.outcomes}, now)
    await outcomes.write(writer, program.program.id, done, now, {draft.id for draft in drafts})
    return done


def lapsed_types(state: MemberState, today: date) -> list[int]:
    """The point types of which a member holds something that has lapsed."""
    return sorted({lot.point_type_id for lot in state.lots or () if lot.remaining and has_lapsed(lot, today)})


def _draft(program: EngineProgram, state: MemberState, point_type_id: int, number: int, now: datetime) -> Draft:
    today = business_date(now, program.program.time_zone)
    said = NewTransaction(
        program=program.program.code,
        member=state.facts["number"],
        type=Type.REDEMPTION,
        sub_type=SubType.EXPIRY,
        transaction_date=today,
        point_type=program.point_types[point_type_id].code,
    )
    return Draft(
        id=number,
        program_id=program.program.id,
        member_id=state.id,
        entry=said,
        transaction_date=today,
        status=Status.PROCESSED,
        created_at=now,
        created_by_id=None,
        product_id=None,
        partner_id=None,
        point_type_id=point_type_id,
        points=None,
    )


def _entry(draft: Draft) -> Entry:
    return Entry(
        id=draft.id,
        member_id=draft.member_id,
        type=draft.entry.type,
        sub_type=draft.entry.sub_type,
        status=draft.status,
        transaction_date=draft.transaction_date,
        reported_on=draft.transaction_date,
        attributes={},
        point_type_id=draft.point_type_id,
    )


def _count(progress: Expired, program: EngineProgram, members: int, done: Outcomes | None) -> None:
    progress.members += members
    totals: Iterable[tuple[int, int]] = (
        (total.point_type_id, total.points) for each in (done.outcomes if done else ()) for total in each.totals
    )
    progress.transactions += len(done.outcomes) if done else 0
    for point_type_id, units in totals:
        point_type = program.point_types[point_type_id]
        before = progress.points.get(point_type.code, Decimal(0))
        progress.points[point_type.code] = before + from_units(units, point_type.decimals)
