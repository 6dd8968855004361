"""Vouchers by hand: issued, kept for a checkout, used, taken back, and given a new number. Each under its member's lock.

What the engine gives and uses goes another way: it is written in the commit of its transaction (`domain/engine/vouchers.py`).
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from domain.calendars import business_date
from domain.commands.vouchers import (
    OnVoucher,
    VoucherCancel,
    VoucherIssue,
    VoucherReissue,
    VoucherRelease,
    VoucherReserve,
    VoucherUse,
)
from domain.engine import EngineProgram
from domain.engine.program import VoucherType
from domain.engine.rejections import MemberInactive
from domain.expiry import expires_on
from domain.fingerprints import hash_of
from domain.members import BURNS, EARNS, Member
from domain.people import Principal, Scope
from domain.problems import IdempotencyKeyReused, Invalid, Missing, NotAllowed, NotFound, Problem, Refused
from domain.receipts import Receipt
from domain.services import touching
from domain.services.checks import INPUT, found, refuse
from domain.services.engine_programs import EnginePrograms
from domain.services.members import MEMBER_PATH, named
from domain.services.transactions.keys import check_key
from domain.services.transactions.naming import program_id_of
from domain.store import idempotency, locks, members
from domain.store import vouchers as store
from domain.store.database import Database, Reader, Writer
from domain.store.idempotency import Claim
from domain.store.vouchers import Change, Issue
from domain.values import shown, text_problems
from domain.vouchers import (
    MAX_AT_ONCE,
    OPEN,
    TooFewVouchers,
    Voucher,
    VoucherMove,
    VoucherSource,
    VoucherStatus,
    WrongVoucherStatus,
    moved,
    status_on,
)

RESERVED_FOR = timedelta(minutes=15)
"""How long a checkout keeps a voucher that says nothing else."""

LONGEST_RESERVATION = timedelta(days=31)
MAX_COMMENT = 1_000
CHUNK = 500
NUMBER_PATH = (INPUT, "number")
EVERYTHING = Scope()

MUTATIONS = {
    VoucherReserve: "voucherReserve", VoucherRelease: "voucherRelease", VoucherCancel: "voucherCancel",
    VoucherReissue: "voucherReissue",
}  # fmt: skip

Several = Receipt[list[Voucher]]


async def voucher_issue(
    database: Database, programs: EnginePrograms, actor: Principal, command: VoucherIssue, *, preview: bool = False
) -> Several:
    """Give a member vouchers; the same key again gives the same ones again. A preview gives none, and uses up no key."""
    refuse([*_quantity_problems(command.quantity), *_comment_problems(command.comment)])

    async def work(writer: Writer) -> Several:
        [request_id] = await database.ids.take(writer, 1)
        earlier = None if preview else await _claimed(writer, actor, "voucherIssue", command, request_id)
        if earlier is not None:
            return earlier
        program = await _program(writer, programs, actor, command.program)
        kind = _type(program, command.voucher_type)
        member = await _locked(writer, await named(writer, actor, command.member, command.program))
        if member.status not in EARNS:
            raise Refused(NotAllowed(why=f"a member that is {member.status.value} gets no vouchers", path=MEMBER_PATH))
        now = await database.now(writer)
        new = Issue(
            program_id=member.program_id, member_id=member.id, product_id=kind.product_id,
            source=VoucherSource.PERSON, expires_on=_last_day(kind, command.expires_on, _today(program, now)),
            issued_by_id=actor.person_id, comment=command.comment, request_id=request_id,
        )  # fmt: skip
        await store.issue(writer, [new] * command.quantity, now)
        return Receipt(await store.of_request(writer, request_id))

    return await touching.until_settled(database.rehearse if preview else database.write, work)


async def voucher_use(
    database: Database, programs: EnginePrograms, actor: Principal, command: VoucherUse, *, preview: bool = False
) -> Several:
    """Take vouchers for something that the engine does not price; the same key again takes nothing again. A preview takes
    none, and uses up no key.
    """
    refuse([*_use_problems(command), *_quantity_problems(command.quantity), *_comment_problems(command.comment)])

    async def work(writer: Writer) -> Several:
        [request_id] = await database.ids.take(writer, 1)
        earlier = None if preview else await _claimed(writer, actor, "voucherUse", command, request_id)
        if earlier is not None:
            return earlier
        program = await _program(writer, programs, actor, command.program)
        now = await database.now(writer)
        wanted = await _wanted(writer, program, actor, command, now)
        await _check_burns(writer, wanted[0].member_id, NUMBER_PATH if command.number is not None else MEMBER_PATH)
        for voucher in wanted:
            await _move(writer, actor, voucher, VoucherMove.USE, now, comment=command.comment, request_id=request_id)
        return Receipt(await store.of_request(writer, request_id))

    return await touching.until_settled(database.rehearse if preview else database.write, work)


async def voucher_reserve(
    database: Database, programs: EnginePrograms, actor: Principal, command: VoucherReserve
) -> Receipt[Voucher]:
    """Keep a voucher for a checkout."""

    async def keep(held: _Held) -> None:
        until = command.until or held.now + RESERVED_FOR
        if not held.now < until <= held.now + LONGEST_RESERVATION:
            expected = f"a moment within the next {LONGEST_RESERVATION.days} days"
            raise Refused(Invalid(value=until.isoformat(), expected=expected, path=(INPUT, "until")))
        await held.move(VoucherMove.RESERVE, until)

    return await _once(database, programs, actor, command, keep)


async def voucher_release(
    database: Database, programs: EnginePrograms, actor: Principal, command: VoucherRelease
) -> Receipt[Voucher]:
    """Let a reserved voucher go."""
    return await _once(database, programs, actor, command, lambda held: held.move(VoucherMove.RELEASE))


async def voucher_cancel(
    database: Database, programs: EnginePrograms, actor: Principal, command: VoucherCancel
) -> Receipt[Voucher]:
    """Take a voucher back that nothing was paid for; one that points have bought goes back with its redemption."""

    async def take_back(held: _Held) -> None:
        if held.voucher.source is VoucherSource.REDEMPTION and held.voucher.status in OPEN:
            why = "points have bought it: refund its redemption, and the voucher goes with it"
            raise Refused(NotAllowed(why=why, path=NUMBER_PATH))
        await held.move(VoucherMove.CANCEL)

    return await _once(database, programs, actor, command, take_back)


async def voucher_reissue(
    database: Database, programs: EnginePrograms, actor: Principal, command: VoucherReissue
) -> Receipt[Voucher]:
    """Replace a voucher's number; the answer is the new voucher, usable as long as the old one was."""

    async def replace_number(held: _Held) -> None:
        await held.move(VoucherMove.REISSUE, answers=False)
        before = held.voucher
        new = Issue(
            program_id=before.program_id, member_id=before.member_id, product_id=before.product_id,
            source=before.source, expires_on=before.expires_on, issued_by_id=actor.person_id,
            transaction_id=before.transaction_id, promotion_id=before.promotion_id, tier=before.tier,
            replaces_id=before.id, comment=command.comment, request_id=held.request_id,
        )  # fmt: skip
        await store.issue(held.writer, [new], held.now)

    return await _once(database, programs, actor, command, replace_number)


async def release_due(database: Database, programs: EnginePrograms, program_id: int) -> AsyncGenerator[int, None]:
    """Let vouchers lapse whose last day has passed, and reservations that have ended; yields how many so far.

    A voucher whose member is busy just then is left to the next time: what has lapsed is unusable meanwhile all the same.
    """
    total, after = 0, 0
    while True:
        async with database.write() as writer:
            program = await programs.current(writer, program_id)
            now = await database.now(writer)
            today = _today(program, now)
            due = await store.due(writer, program_id, now, today, after=after, most=CHUNK)
            if not due:
                return
            free = {row.id for row in await locks.free_members(writer, [member_id for _, member_id in due])}
            mine = [key for key, member_id in due if member_id in free]
            stored = [
                each for each in await store.stored(writer, mine) if each.status in OPEN and each.member_id in free
            ]
            changes = [_let_go(each, now, today) for each in stored]
            await store.change(writer, [each for each in changes if each is not None], now)
            total, after = total + len(changes), due[-1][0]
        yield total


def _let_go(voucher: Voucher, now: datetime, today: date) -> Change | None:
    if status_on(voucher.status, voucher.expires_on, today) is VoucherStatus.EXPIRED:
        return Change(id=voucher.id, move=VoucherMove.EXPIRE, before=voucher.status, after=VoucherStatus.EXPIRED)
    if voucher.reserved_until is not None and voucher.reserved_until <= now:
        return Change(id=voucher.id, move=VoucherMove.RELEASE, before=voucher.status, after=VoucherStatus.AVAILABLE)
    return None


@dataclass(frozen=True, slots=True)
class _Held:
    """A voucher whose member is locked, as it is now, and who asks. `request_id`: under which the answer is found again."""

    writer: Writer
    actor: Principal
    voucher: Voucher
    now: datetime
    comment: str | None
    request_id: int

    async def move(self, move: VoucherMove, reserved_until: datetime | None = None, *, answers: bool = True) -> None:
        """Make the move; raises Refused(WrongVoucherStatus)."""
        await _move(
            self.writer, self.actor, self.voucher, move, self.now, comment=self.comment, reserved_until=reserved_until,
            request_id=self.request_id if answers else None,
        )  # fmt: skip


async def _once(
    database: Database,
    programs: EnginePrograms,
    actor: Principal,
    command: OnVoucher,
    work: Callable[[_Held], Awaitable[None]],
) -> Receipt[Voucher]:
    """Do something with a voucher under the lock of its member; the same key again gives the same answer again."""
    refuse(_comment_problems(command.comment))
    mutation = MUTATIONS[type(command)]

    async def on_voucher(writer: Writer) -> Receipt[Voucher]:
        [request_id] = await database.ids.take(writer, 1)
        if (earlier := await _claimed(writer, actor, mutation, command, request_id)) is not None:
            assert earlier.result, "whatever was answered is there"
            return Receipt(result=earlier.result[0], replayed=True)
        program = await _program(writer, programs, actor, command.program)
        voucher = await _find(writer, program, actor, command.number)
        now = await database.now(writer)
        as_now = await _as_now(writer, program, voucher, now)
        await work(_Held(writer, actor, as_now, now, command.comment, request_id))
        [answer] = await store.of_request(writer, request_id)
        return Receipt(answer)

    return await touching.until_settled(database.write, on_voucher)


async def _find(writer: Writer, program: EngineProgram, actor: Principal, number: str) -> Voucher:
    voucher = await store.find(writer, actor.scope, program.program.id, number)
    return found(voucher, "voucher", shown(number), "number")


async def _as_now(writer: Writer, program: EngineProgram, voucher: Voucher, now: datetime) -> Voucher:
    """The voucher once nobody else works on its member; what time has done to it meanwhile is written first."""
    await locks.patience(writer)
    await locks.members(writer, [voucher.member_id])
    [stored] = await store.stored(writer, [voucher.id])
    if stored.member_id != voucher.member_id:  # it followed whoever stayed after a merge
        raise touching.Moved
    due = _let_go(stored, now, _today(program, now))
    if due is None:
        return stored
    await store.change(writer, [due], now)
    return replace(stored, status=due.after, reserved_until=None)


async def _wanted(
    writer: Writer, program: EngineProgram, actor: Principal, command: VoucherUse, now: datetime
) -> list[Voucher]:
    if command.number is not None:
        return [await _as_now(writer, program, await _find(writer, program, actor, command.number), now)]
    assert command.member is not None
    assert command.voucher_type is not None
    kind = _type(program, command.voucher_type)
    member = await _locked(writer, await named(writer, actor, command.member, command.program))
    free = await store.free(writer, member.id, kind.product_id, now=now, today=_today(program, now), scope=actor.scope)
    if len(free) < command.quantity:
        few = TooFewVouchers(voucher_type=command.voucher_type, available=len(free), required=command.quantity)
        raise Refused(few.at(INPUT, "quantity"))
    return free[: command.quantity]


async def _check_burns(writer: Writer, member_id: int, path: tuple[str, ...]) -> None:
    """Raises Refused for a locked member who may not spend: neither points nor vouchers."""
    [member] = await members.load_many(writer, EVERYTHING, [member_id])
    assert member is not None, "members are never deleted"
    if member.status not in BURNS:
        allowed = tuple(sorted(each.value for each in BURNS))
        raise Refused(MemberInactive(status=member.status.value, allowed=allowed, path=path))


async def _move(
    writer: Writer,
    actor: Principal,
    voucher: Voucher,
    move: VoucherMove,
    now: datetime,
    *,
    comment: str | None = None,
    reserved_until: datetime | None = None,
    request_id: int | None = None,
) -> None:
    after = moved(voucher, move)
    if isinstance(after, WrongVoucherStatus):
        raise Refused(after.at(*NUMBER_PATH))
    change = Change(
        id=voucher.id, move=move, before=voucher.status, after=after, person_id=actor.person_id, comment=comment,
        reserved_until=reserved_until, request_id=request_id,
    )  # fmt: skip
    await store.change(writer, [change], now)


async def _claimed(
    writer: Writer, actor: Principal, mutation: str, command: VoucherIssue | VoucherUse | OnVoucher, request_id: int
) -> Several | None:
    """The first answer, if the key was used before; else it is this request's."""
    check_key(command.idempotency_key)
    claim = Claim(actor.subject, mutation, command.idempotency_key, hash_of(command), "Vouchers", request_id)
    earlier = (await idempotency.claim(writer, [claim])).get(claim.name)
    if earlier is None:
        return None
    if earlier.input_hash != claim.input_hash:
        raise Refused(IdempotencyKeyReused(path=(INPUT, "idempotencyKey")))
    return Receipt(await store.of_request(writer, earlier.answer_id), replayed=True)


async def _program(reader: Reader, programs: EnginePrograms, actor: Principal, code: str) -> EngineProgram:
    return await programs.current(reader, await program_id_of(reader, programs, actor, code))


def _type(program: EngineProgram, code: str) -> VoucherType:
    kind = program.vouchers.get(code)
    if kind is None or not kind.active:
        raise Refused(NotFound(what="active voucher type", key=shown(code), path=(INPUT, "voucherType")))
    return kind


async def _locked(writer: Writer, member: Member) -> Member:
    await locks.patience(writer)
    rows = await locks.members(writer, [member.id])
    if member.merged_into_id is None:
        touching.check_merged([member.id], rows)
    [locked] = await members.load_many(writer, EVERYTHING, [member.id])
    assert locked is not None, "members are never deleted"
    return locked


def _today(program: EngineProgram, now: datetime) -> date:
    return business_date(now, program.program.time_zone)


def _last_day(kind: VoucherType, asked: date | None, today: date) -> date | None:
    if asked is None:
        return expires_on(kind.terms.expiry, today)
    if asked < today:
        raise Refused(Invalid(value=asked.isoformat(), expected=f"{today} or later", path=(INPUT, "expiresOn")))
    return asked


def _quantity_problems(quantity: int) -> list[Problem]:
    if 1 <= quantity <= MAX_AT_ONCE:
        return []
    return [Invalid(value=str(quantity), expected=f"1 to {MAX_AT_ONCE} vouchers", path=(INPUT, "quantity"))]


def _use_problems(command: VoucherUse) -> list[Problem]:
    by_type = command.member is not None and command.voucher_type is not None
    either = command.member is not None or command.voucher_type is not None
    if (command.number is not None and either) or (command.number is None and not by_type):
        why = "name a voucher by its number alone, or a member and a voucher type"
        return [Missing(why=why, path=NUMBER_PATH)]
    return []


def _comment_problems(comment: str | None) -> list[Problem]:
    return list(text_problems(comment, MAX_COMMENT, INPUT, "comment", lines=True))
