"""Erasing a member, under its lock and in one commit: it leaves the program first, then everything personal goes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from domain.commands.erasure import MemberErase
from domain.erasure import remaining_problems
from domain.families import MemberFinal
from domain.fingerprints import hash_of
from domain.members import Member, MemberChange, MemberStatus
from domain.people import Principal, Scope
from domain.problems import IdempotencyKeyReused, Missing, Problem, Refused
from domain.receipts import Receipt
from domain.services import touching
from domain.services.checks import INPUT, refuse
from domain.services.expiry import expire_all_of
from domain.services.members import named
from domain.services.transactions.keys import check_key
from domain.store import balances, idempotency, locks, member_writes, members, programs
from domain.store import erasure as store
from domain.store.database import Database, Writer
from domain.store.idempotency import Claim
from domain.values import text_problems

MAX_REASON = 1_000
EVERYTHING = Scope()
MUTATION = "memberErase"


async def member_erase(database: Database, actor: Principal, command: MemberErase) -> Receipt[Member]:
    """Remove everything personal of a member, and of those who were merged into it; of one who is erased there is nothing left to do."""
    refuse(_reason_problems(command))

    async def work(writer: Writer) -> Receipt[Member]:
        return await _once(database, writer, actor, command)

    return await touching.until_settled(database.write, work)


async def _once(database: Database, writer: Writer, actor: Principal, command: MemberErase) -> Receipt[Member]:
    """The key comes before the name: by the second time nobody is found by an email any more."""
    check_key(command.idempotency_key)
    claim = Claim(actor.subject, MUTATION, command.idempotency_key, hash_of(command), "Member", 0)
    earlier = (await idempotency.claim(writer, [claim])).get(claim.name)
    if earlier is None:
        erased = await _erase(database, writer, actor, command)
        await idempotency.answer(writer, claim._replace(answer_id=erased.id))
        return Receipt(erased)
    if earlier.input_hash != claim.input_hash:
        raise Refused(IdempotencyKeyReused(path=(INPUT, "idempotencyKey")))
    return Receipt(await _one(writer, earlier.answer_id), replayed=True)


async def _erase(database: Database, writer: Writer, actor: Principal, command: MemberErase) -> Member:
    found = await named(writer, actor, command.member, command.program)
    ids = await store.person(writer, found.id)
    await locks.patience(writer)
    await locks.members(writer, ids)
    if await store.person(writer, found.id) != ids:
        raise touching.Moved
    before, now = await _one(writer, found.id), await database.now(writer)
    if before.erased_at is not None:
        return before
    if before.status is MemberStatus.MERGED:
        raise Refused(MemberFinal(status=before.status, path=(INPUT, "member")))
    if before.status is not MemberStatus.CANCELLED:
        await _leave(database, writer, actor, before, now, forfeit=command.forfeit)
    [program] = await programs.load_many(writer, EVERYTHING, [before.program_id])
    assert program is not None
    declared, reason = sorted(program.attributes), command.reason.strip()
    await store.erase(writer, ids, declared, now, by=actor.person_id, reason=reason)
    return await _one(writer, found.id)


async def _leave(
    database: Database, writer: Writer, actor: Principal, before: Member, now: datetime, *, forfeit: bool
) -> None:
    """As if somebody had cancelled the member: what it still has lapses, if that was said."""
    if not forfeit:
        [held] = await balances.load_many(writer, EVERYTHING, [before.id], now)
        refuse(remaining_problems(list(held or ()), INPUT, "forfeit"))
    after = replace(before, status=MemberStatus.CANCELLED, version=before.version + 1)
    record = MemberChange(
        member_id=after.id, version=after.version, person_id=actor.person_id, fields=(), from_status=before.status,
        to_status=after.status, reason=None, created_at=now,
    )  # fmt: skip
    await member_writes.change(writer, before, after, record)
    await expire_all_of(database, writer, after.program_id, after.id)


def _reason_problems(command: MemberErase) -> Iterator[Problem]:
    if not command.reason.strip():
        yield Missing(why="an erasure needs a reason", path=(INPUT, "reason"))
    else:
        yield from text_problems(command.reason, MAX_REASON, INPUT, "reason", lines=True)


async def _one(writer: Writer, member_id: int) -> Member:
    [member] = await members.load_many(writer, EVERYTHING, [member_id])
    assert member is not None
    return member
