"""Holds for a checkout: keep points, capture them (over the desk, as a redemption), or let them go.

Everything happens under the member's lock; what a hold keeps is chosen as a redemption would choose it.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.calendars import business_date
from domain.commands.holds import PointsCapture, PointsHold, PointsRelease
from domain.commands.members import MemberReference
from domain.engine import EngineProgram, HoldState, Outcomes, run
from domain.engine.book import Book
from domain.engine.limits import Stock
from domain.engine.rejections import MemberInactive, ProgramInactive, Rejected
from domain.engine.spend import take
from domain.fingerprints import hash_of
from domain.holds import CaptureExceedsHold, HoldEnded, HoldStatus, PointHold, status_at
from domain.members import BURNS
from domain.people import Principal, Scope
from domain.points import Units, to_units
from domain.problems import IdempotencyKeyReused, Invalid, NotFound, Refused
from domain.programs import PointType, ProgramStatus
from domain.receipts import Receipt
from domain.services import touching, working
from domain.services.checks import INPUT, found, refuse
from domain.services.engine_programs import EnginePrograms
from domain.services.members import as_stored, resolve
from domain.services.posting.desk import Desk
from domain.services.transactions.keys import check_key
from domain.services.transactions.moving import Answer
from domain.services.transactions.naming import program_id_of
from domain.services.transactions.pressing import posting_of
from domain.services.working import Loaded
from domain.store import holds as store
from domain.store import idempotency, locks, outcomes
from domain.store import programs as programs_store
from domain.store.database import Database, Reader, Writer
from domain.store.idempotency import Claim
from domain.values import shown, text_problems

MAX_COMMENT = 1_000
CHUNK = 500
EVERYTHING = Scope()
ID = (INPUT, "id")


@dataclass(frozen=True, slots=True)
class _Keeping:
    """A locked member who is to hold points."""

    program: EngineProgram
    loaded: Loaded
    book: Book

    @property
    def now(self) -> datetime:
        return self.loaded.now


async def points_hold(
    database: Database, programs: EnginePrograms, actor: Principal, command: PointsHold, *, preview: bool = False
) -> Receipt[PointHold]:
    """Keep points; the same key again gives the same hold again. A preview keeps nothing and uses up no key."""
    refuse(text_problems(command.comment, MAX_COMMENT, INPUT, "comment", lines=True))
    check_key(command.idempotency_key)

    async def work(writer: Writer) -> Receipt[PointHold]:
        [number] = await database.ids.take(writer, 1)
        if not preview and (earlier := await _claimed(database, writer, actor, command, number)) is not None:
            return earlier
        keeping = await _keeping(database, programs, writer, actor, command)
        point_type = _point_type(keeping.program, command.point_type)
        hold = _hold(keeping, number, point_type, command)
        until = keeping.now + _length(keeping.program, command.minutes)
        keeping.book.keep(hold)
        await _write(writer, keeping, point_type)
        await store.add(
            writer, hold, program_id=keeping.program.program.id, member_id=keeping.book.member.id,
            partner_id=actor.scope.partner_id, status=HoldStatus.HELD, held_until=until, created_at=keeping.now,
            created_by_id=actor.person_id, comment=command.comment,
        )  # fmt: skip
        return Receipt(await _one(writer, number, keeping.now))

    return await touching.until_settled(database.rehearse if preview else database.write, work)


async def points_capture(desk: Desk, actor: Principal, hold_id: int, command: PointsCapture) -> Answer:
    """Redeem what a hold keeps; of less than all of it, the rest is free again."""
    return await desk.submit(await posting_of(desk, actor, await capture_of(desk.database, actor, hold_id, command)))


async def capture_of(database: Database, actor: Principal, hold_id: int, command: PointsCapture) -> PointsCapture:
    """The redemption that captures a hold; raises Refused for one that the actor may not see, or more than it holds."""
    async with database.read() as reader:
        hold = await _seen(reader, actor, hold_id)
        [program] = await programs_store.load_many(reader, EVERYTHING, [hold.program_id])
    assert program is not None, "programs are never deleted"
    points = command.entry.points
    if points is not None and points > hold.points:
        exceeds = CaptureExceedsHold(held=hold.points, asked=points, point_type=hold.point_type)
        raise Refused(exceeds.at(INPUT, "points"))
    if points is None and command.entry.product is None:
        points = hold.points
    entry = replace(command.entry, program=program.code, hold=hold.id, points=points, point_type=hold.point_type)
    return replace(command, member=MemberReference(id=hold.member_id), entry=entry)


async def points_release(
    database: Database, programs: EnginePrograms, actor: Principal, command: PointsRelease
) -> Receipt[PointHold]:
    """Let a hold go; raises Refused for one that has ended."""
    async with database.write() as writer:
        seen = await _seen(writer, actor, command.id)
        await locks.patience(writer)
        await locks.program(writer, seen.program_id)
        program = await programs.current(writer, seen.program_id)
        rows = await locks.members(writer, [seen.member_id])
        now = await database.now(writer)
        hold = await _one(writer, seen.id, now)
        if (status := status_at(hold.status, hold.held_until, now)) is not HoldStatus.HELD:
            raise Refused(HoldEnded(status=status, held_until=hold.held_until, path=ID))
        await store.release(writer, hold.id, now)
        loaded = await working.load(writer, program, rows, (), now)
        await outcomes.write(writer, seen.program_id, run(program, loaded.states, [], now), now)
        return Receipt(await _one(writer, seen.id, now))


async def release_due(database: Database, programs: EnginePrograms, program_id: int) -> AsyncGenerator[int, None]:
    """Write down that holds have run out; yields for how many members so far. Who is busy just then has it done there."""
    total, after = 0, 0
    while True:
        async with database.write() as writer:
            await locks.program(writer, program_id)
            program = await programs.current(writer, program_id)
            due = await store.due(writer, program_id, await database.now(writer), after, CHUNK)
            if not due:
                return
            rows = await locks.free_members(writer, due)
            now = await database.now(writer)
            loaded = await working.load(writer, program, rows, (), now)
            await outcomes.write(writer, program_id, run(program, loaded.states, [], now), now)
            total, after = total + len(rows), due[-1]
        yield total


async def _keeping(
    database: Database, programs: EnginePrograms, writer: Writer, actor: Principal, command: PointsHold
) -> _Keeping:
    program_id = await program_id_of(writer, programs, actor, command.program)
    member = await resolve(writer, actor.scope, program_id, as_stored(command.member), INPUT, "member")
    await locks.patience(writer)
    await locks.program(writer, program_id)
    program = await programs.current(writer, program_id)
    rows = await locks.members(writer, [member.id])
    if member.merged_into_id is None:
        touching.check_merged([member.id], rows)
    now = await database.now(writer)
    loaded = await working.load(writer, program, rows, [member.id], now, whole=True)
    today = business_date(now, program.program.time_zone)
    return _Keeping(program, loaded, Book(loaded.states[member.id], today, Stock({})))


def _hold(keeping: _Keeping, number: int, point_type: PointType, command: PointsHold) -> HoldState:
    """What the hold keeps: the lots that a redemption would take now; raises Refused."""
    program, book = keeping.program, keeping.book
    units = to_units(command.points, point_type.decimals, INPUT, "points")
    if units <= 0:
        raise Refused(Invalid(value=f"{command.points:f}", expected="more than 0 points", path=(INPUT, "points")))
    if program.program.status is not ProgramStatus.ACTIVE:
        raise Refused(ProgramInactive(status=program.program.status.value, path=(INPUT, "program")))
    if book.status not in BURNS:
        allowed = tuple(sorted(each.value for each in BURNS))
        raise Refused(MemberInactive(status=book.status.value, allowed=allowed, path=(INPUT, "member")))
    try:
        taken = take(program, book, point_type.id, Units(units))
    except Rejected as rejected:
        raise Refused(rejected.rejection.at(INPUT, "points")) from None
    return HoldState(number, point_type.id, tuple(taken.items()))


async def _write(writer: Writer, keeping: _Keeping, point_type: PointType) -> None:
    member = keeping.book.member
    balances = {(member.id, point_type.id): keeping.book.balance(point_type.id)}
    ended = Outcomes((), balances, {}, frozenset(), ended_holds=member.ended_holds)
    await outcomes.write(writer, keeping.program.program.id, ended, keeping.now)


def _point_type(program: EngineProgram, code: str | None) -> PointType:
    if code is None:
        return program.default
    return found(program.by_code.get(code), "point type", shown(code), "pointType")


def _length(program: EngineProgram, minutes: int | None) -> timedelta:
    settings = program.program.settings
    if minutes is not None and not 1 <= minutes <= settings.longest_hold_minutes:
        expected = f"1 to {settings.longest_hold_minutes} minutes"
        raise Refused(Invalid(value=str(minutes), expected=expected, path=(INPUT, "minutes")))
    return timedelta(minutes=minutes or settings.hold_minutes)


async def _claimed(
    database: Database, writer: Writer, actor: Principal, command: PointsHold, number: int
) -> Receipt[PointHold] | None:
    claim = Claim(actor.subject, "pointsHold", command.idempotency_key, hash_of(command), "PointHold", number)
    earlier = (await idempotency.claim(writer, [claim])).get(claim.name)
    if earlier is None:
        return None
    if earlier.input_hash != claim.input_hash:
        raise Refused(IdempotencyKeyReused(path=(INPUT, "idempotencyKey")))
    return Receipt(await _one(writer, earlier.answer_id, await database.now(writer)), replayed=True)


async def _seen(reader: Reader, actor: Principal, hold_id: int) -> PointHold:
    [hold] = await store.load_many(reader, actor.scope, [hold_id])
    if hold is None:
        raise Refused(NotFound(what="hold", path=ID))
    return hold


async def _one(reader: Reader, hold_id: int, now: datetime) -> PointHold:
    [hold] = await store.load_many(reader, EVERYTHING, [hold_id], now)
    assert hold is not None
    return hold
