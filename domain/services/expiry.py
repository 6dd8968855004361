"""The nightly expiry: what has lapsed leaves by a REDEMPTION/EXPIRY transaction, and points that have become effective are counted.

Balances say so already before the job; running it twice changes nothing the second time.
"""

import logging
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from domain.calendars import business_date
from domain.drafts import Draft
from domain.engine import EngineProgram, Entry, MemberState, Outcomes
from domain.engine.spend import expires
from domain.entries import NewTransaction
from domain.members import MemberStatus
from domain.points import from_units
from domain.problems import Refused
from domain.services import telling, working
from domain.services.engine_programs import EnginePrograms
from domain.services.engine_programs import load as load_program
from domain.store import holds, lapses, locks, outcomes, transactions, vouchers
from domain.store.database import Database, Writer
from domain.store.failures import is_passing
from domain.store.member_rows import MemberRow
from domain.transactions import Status, SubType, Type

CHUNK = 200
"""Members worked in one commit."""

PASSES = 2

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Expired:
    """What lapsed so far: members looked at, transactions made, and points by point type."""

    members: int = 0
    transactions: int = 0
    points: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What one commit did: the members who were free, and their transactions."""

    members: int
    outcomes: Outcomes


async def expire(database: Database, programs: EnginePrograms, program_id: int) -> AsyncGenerator[Expired, None]:
    """Expire what has lapsed in a program by today; yields the progress after every chunk of members.

    Members on whom somebody else works just then come up once more at the end; whoever is busy still, the next night.
    """
    progress = Expired()
    for _ in range(PASSES):
        after = 0
        while members := await _stale(database, programs, program_id, after):
            for done in await _worked(database, programs, program_id, members):
                _count(progress, done)
            after = members[-1]
            yield progress


async def _stale(database: Database, programs: EnginePrograms, program_id: int, after: int) -> Sequence[int]:
    async with database.read() as reader:
        try:
            program = await programs.current(reader, program_id)
        except Refused:  # a draft without point types, so without points
            return ()
        today = business_date(await database.now(reader), program.program.time_zone)
        return await lapses.stale_members(reader, program_id, today, after, CHUNK)


async def _worked(
    database: Database, programs: EnginePrograms, program_id: int, members: Sequence[int]
) -> list[_Chunk]:
    """One commit; what the database refuses is halved until the member at fault stands alone, who is left as they are."""
    try:
        async with database.write() as writer:
            return [await _expire(database, programs, writer, program_id, members)]
    except Exception as error:
        if is_passing(error):
            return []
        if len(members) == 1:
            log.exception("the lapsed points of member %s could not be taken", members[0])
            return []
    half = len(members) // 2
    first = await _worked(database, programs, program_id, members[:half])
    return first + await _worked(database, programs, program_id, members[half:])


async def _expire(
    database: Database, programs: EnginePrograms, writer: Writer, program_id: int, members: Sequence[int]
) -> _Chunk:
    await locks.program(writer, program_id)
    program = await programs.current(writer, program_id)
    return await _expire_locked(database, writer, program, await locks.free_members(writer, members))


async def expire_all_of(database: Database, writer: Writer, program_id: int, member_id: int) -> None:
    """Whatever a member has left lapses, in the unit of work that cancels the member."""
    try:
        program = await load_program(writer, program_id)
    except Refused:  # a draft without point types, so without points
        return
    rows = await locks.members(writer, [member_id])
    now = await database.now(writer)
    await holds.release_all(writer, member_id, now)
    await vouchers.end_all(writer, member_id, now)
    await _expire_locked(database, writer, program, rows)


async def _expire_locked(
    database: Database, writer: Writer, program: EngineProgram, rows: Sequence[MemberRow]
) -> _Chunk:
    now = await database.now(writer)
    today = business_date(now, program.program.time_zone)
    cancelled = [row.id for row in rows if row.status is MemberStatus.CANCELLED]
    loaded = await working.load(writer, program, rows, cancelled, now, whole=True)
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
    await telling.worked(writer, program, done, now)
    return _Chunk(len(rows), done)


def lapsed_types(state: MemberState, today: date) -> list[int]:
    """The point types of which a member holds something that is for the job to take."""
    mine = (lot for lot in state.lots or () if lot.remaining and expires(state.status, lot, today))
    return sorted({lot.point_type_id for lot in mine})


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


def _count(progress: Expired, done: _Chunk) -> None:
    progress.members += done.members
    progress.transactions += len(done.outcomes.outcomes)
    for total in (total for each in done.outcomes.outcomes for total in each.totals):
        before = progress.points.get(total.point_type, Decimal(0))
        progress.points[total.point_type] = before + from_units(total.points, total.decimals)
