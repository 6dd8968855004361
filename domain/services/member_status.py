"""Giving a member another status, under its lock: as far as the table in `domain/member_status.py` allows, and with a reason."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from domain.bonuses import of_enrollment
from domain.commands.members import MemberStatusChange
from domain.member_status import status_refused
from domain.members import Member, MemberChange, MemberStatus
from domain.people import Principal, Scope
from domain.problems import Missing, Problem
from domain.receipts import Receipt
from domain.services import bonuses
from domain.services.checks import INPUT, refuse
from domain.services.expiry import expire_all_of
from domain.services.members import for_maintenance
from domain.store import member_writes, members, programs
from domain.store.conflicts import in_one_go
from domain.store.database import Database, Writer
from domain.values import text_problems

MAX_REASON = 1_000


async def member_status_change(database: Database, actor: Principal, command: MemberStatusChange) -> Receipt[Member]:
    """Give a member another status, and keep who did it, when and why. The points of a cancelled member lapse."""

    async def work(writer: Writer) -> Member:
        before = await for_maintenance(writer, actor, command.member, command.program)
        refuse(_problems(command, before))
        now = await database.now(writer)
        after = await _change(writer, actor, command, before, now)
        if before.status is MemberStatus.PENDING:
            await _reward(database, writer, after, now)
        if after.status is MemberStatus.CANCELLED:
            await expire_all_of(database, writer, after.program_id, after.id)
        return after

    return Receipt(await in_one_go(database, work))


async def _reward(database: Database, writer: Writer, member: Member, now: datetime) -> None:
    """What the enrolment is worth, now that the member may earn."""
    [program] = await programs.load_many(writer, Scope(), [member.program_id])
    [referrer] = await members.load_many(writer, Scope(), [member.referrer_id or 0])
    assert program is not None
    await bonuses.give(database, writer, program, of_enrollment(program.settings.bonuses, member, referrer), now)


def _problems(command: MemberStatusChange, before: Member) -> Iterator[Problem]:
    if refused := status_refused(before.status, command.status, INPUT, "status"):
        yield refused
    if not command.reason.strip():
        yield Missing(why="a change of status needs a reason", path=(INPUT, "reason"))
    else:
        yield from text_problems(command.reason, MAX_REASON, INPUT, "reason", lines=True)


async def _change(
    writer: Writer, actor: Principal, command: MemberStatusChange, before: Member, now: datetime
) -> Member:
    after = replace(before, status=command.status, version=before.version + 1)
    record = MemberChange(
        member_id=after.id, version=after.version, person_id=actor.person_id, fields=(), from_status=before.status,
        to_status=after.status, reason=command.reason.strip(), created_at=now,
    )  # fmt: skip
    await member_writes.change(writer, before, after, record)
    return after
