"""Joining and leaving a household or account, under the locks of both members: from then on nobody works with the old ties."""

from datetime import date, datetime

from domain.calendars import business_date
from domain.commands.families import HouseholdJoin, HouseholdLeave
from domain.commands.members import MemberReference
from domain.families import AlreadyInFamily, FamilyMembership, NotInFamily, join_problems
from domain.members import Member, MemberChange
from domain.people import Principal, Scope
from domain.problems import Problem, Refused
from domain.receipts import Receipt
from domain.services.checks import INPUT, refuse
from domain.services.members import named
from domain.store import families, locks, member_writes, members, programs
from domain.store.database import Database, Writer
from domain.transfers import AcrossPrograms

FIELD = "family"
"""What a change of a member names when it joins or leaves."""


async def household_join(database: Database, actor: Principal, command: HouseholdJoin) -> Receipt[FamilyMembership]:
    """An individual joins; what it earns from now on flows as the membership says, and nothing that it has."""
    async with database.write() as writer:
        member, family = await _both(writer, actor, command.member, command.family, command.program)
        flows = command.rolls_up_from is not None or command.twin_percent is not None
        if flows and not await families.flow_somewhere(writer, member.program_id):
            # Programs are locked before members: from this version on the engine looks for families.
            await programs.publish(writer, member.program_id, actor)
        member, family = await _locked(writer, member.id, family.id)
        belongs = await families.current(writer, member.id)
        refuse([
            *join_problems(member, family, command.twin_percent, INPUT),
            *([] if belongs is None else [AlreadyInFamily(since=belongs.starts_on, path=(INPUT, "member"))]),
        ])  # fmt: skip
        now = await database.now(writer)
        membership = await families.add(
            writer, actor, program_id=member.program_id, family_id=family.id, member_id=member.id,
            starts_on=await _today(writer, member, now), rolls_up_from=command.rolls_up_from,
            twin_percent=command.twin_percent, created_at=now,
        )  # fmt: skip
        await _record(database, writer, actor, member)
        return Receipt(membership)


async def household_leave(database: Database, actor: Principal, command: HouseholdLeave) -> Receipt[FamilyMembership]:
    """An individual leaves: today is its last day."""
    async with database.write() as writer:
        member = await named(writer, actor, command.member, command.program)
        await locks.patience(writer)
        await locks.members(writer, [member.id])
        [locked] = await members.load_many(writer, Scope(), [member.id])
        belongs = await families.current(writer, member.id)
        if belongs is None or locked is None:
            raise Refused(NotInFamily(path=(INPUT, "member")))
        today = await _today(writer, member, await database.now(writer))
        membership = await families.close(writer, actor, belongs, max(today, belongs.starts_on))
        await _record(database, writer, actor, locked)
        return Receipt(membership)


async def _today(writer: Writer, member: Member, now: datetime) -> date:
    [program] = await programs.load_many(writer, Scope(), [member.program_id])
    assert program is not None
    return business_date(now, program.time_zone)


async def _both(
    writer: Writer, actor: Principal, member: MemberReference, family: MemberReference, program: str | None
) -> tuple[Member, Member]:
    """Two members of one program, as the actor may see them."""
    one = await named(writer, actor, member, program, INPUT, "member")
    other = await named(writer, actor, family, program, INPUT, "family")
    problems: list[Problem] = []
    if one.program_id != other.program_id:
        problems.append(AcrossPrograms(path=(INPUT, "family")))
    refuse(problems)
    return one, other


async def _locked(writer: Writer, *ids: int) -> list[Member]:
    await locks.patience(writer)
    await locks.members(writer, ids)
    found = await members.load_many(writer, Scope(), ids)
    return [each for each in found if each is not None]


async def _record(database: Database, writer: Writer, actor: Principal, member: Member) -> None:
    await member_writes.record(
        writer,
        MemberChange(
            member_id=member.id, version=member.version + 1, person_id=actor.person_id, fields=(FIELD,),
            from_status=None, to_status=None, reason=None, created_at=await database.now(writer),
        ),
    )  # fmt: skip
