"""Changing what is known of a member, under its lock; every change leaves a record of which fields, by whom and when.

Employees and the partner that enrolled a member maintain it; a member corrects how it is reached and what it agrees to.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from domain import profiles
from domain.bonuses import of_update
from domain.calendars import business_date
from domain.commands.members import UNCHANGED, MemberUpdate
from domain.member_status import FINAL
from domain.members import Member, MemberChange
from domain.people import Principal, Scope
from domain.problems import NotAllowed, Problem
from domain.profiles import Profile
from domain.programs import Program
from domain.receipts import Receipt
from domain.services import bonuses
from domain.services.checks import INPUT, Findings, check_version
from domain.services.member_profiles import (
    card_problems,
    consent_problems,
    in_stored_order,
    with_attributes,
    with_consents,
)
from domain.services.members import for_maintenance
from domain.store import families, member_writes, programs
from domain.store.conflicts import in_one_go
from domain.store.database import Database, Writer

PROFILE = {
    "kind": "kind", "name": "name", "email": "email", "phone": "phone", "birth_date": "birthDate", "address": "address",
    "language": "language", "identifiers": "identifiers",
}  # fmt: skip
"""What an update replaces, and how the API calls it."""

FIELDS = {**PROFILE, "consents": "consents", "attributes": "attributes"}

BY_THE_MEMBER = ("name", "email", "phone", "address", "language", "consents")
"""What a member may change of itself."""


async def member_update(database: Database, actor: Principal, command: MemberUpdate) -> Receipt[Member]:
    """Change what is known of a member; nothing is written where nothing changes."""

    async def work(writer: Writer) -> Member:
        before = await for_maintenance(writer, actor, command.member, command.program)
        check_version(command.expected_version, before.version)
        now = await database.now(writer)
        after = await _update(writer, actor, command, before, now)
        if after is not before:
            await _reward(database, writer, before, after, now)
        return after

    return Receipt(await in_one_go(database, work))


async def _update(writer: Writer, actor: Principal, command: MemberUpdate, before: Member, now: datetime) -> Member:
    after = _after(command, before, now)
    changed = tuple(name for name in FIELDS if getattr(before, name) != getattr(after, name))
    findings = Findings(_right_problems(actor, before, changed))
    findings.add(consent_problems(command.consents))
    findings.add(await _profile_problems(writer, after, changed, now))
    findings.add(await _kind_problems(writer, before, changed))
    findings.refuse()
    if not changed:
        return before
    after = replace(after, version=before.version + 1)
    record = MemberChange(
        member_id=after.id, version=after.version, person_id=actor.person_id,
        fields=tuple(FIELDS[name] for name in changed), from_status=None, to_status=None, reason=None, created_at=now,
    )  # fmt: skip
    await member_writes.change(writer, before, after, record)
    return after


async def _kind_problems(writer: Writer, before: Member, changed: tuple[str, ...]) -> list[Problem]:
    """Who belongs to a family, or is one, stays of its kind as long as that is so."""
    if "kind" not in changed:
        return []
    if await families.current(writer, before.id) is None and not await families.has_members(writer, before.id):
        return []
    why = "a member that belongs to a household or account, or to whom others belong, keeps its kind"
    return [NotAllowed(why=why, path=(INPUT, "kind"))]


async def _reward(database: Database, writer: Writer, before: Member, after: Member, now: datetime) -> None:
    program = await _program(writer, after)
    await bonuses.give(database, writer, program, of_update(program.settings.bonuses, before, after), now)


async def _program(writer: Writer, member: Member) -> Program:
    [program] = await programs.load_many(writer, Scope(), [member.program_id])
    assert program is not None
    return program


def _after(command: MemberUpdate, before: Member, now: datetime) -> Member:
    said = {name: value for name in PROFILE if (value := getattr(command, name)) is not UNCHANGED}
    profile = profiles.normalize(replace(_profile(before), **said))
    if command.identifiers is not UNCHANGED:
        profile = replace(profile, identifiers=in_stored_order(profile.identifiers))
    return replace(
        before,
        consents=with_consents(before.consents, command.consents, now),
        attributes=with_attributes(before.attributes, command.attributes),
        **{name: getattr(profile, name) for name in said},
    )


def _profile(member: Member) -> Profile:
    return Profile(attributes=member.attributes, **{name: getattr(member, name) for name in PROFILE})


def _right_problems(actor: Principal, before: Member, changed: tuple[str, ...]) -> Iterator[Problem]:
    if before.status in FINAL:
        why = f"the member is {before.status.value}, and nothing about it changes any more"
        yield NotAllowed(why=why, path=(INPUT, "member"))
    others = [FIELDS[name] for name in changed if name not in BY_THE_MEMBER]
    if actor.scope.member_id is not None and others:
        mine = ", ".join(FIELDS[name] for name in BY_THE_MEMBER)
        yield NotAllowed(why=f"members change only {mine}, not {', '.join(others)}", path=(INPUT,))


async def _profile_problems(writer: Writer, after: Member, changed: tuple[str, ...], now: datetime) -> list[Problem]:
    """What is wrong with what is new; what is stored already is not judged again."""
    program = await _program(writer, after)
    new = {FIELDS[name] for name in changed}
    problems = profiles.check(after, business_date(now, program.time_zone), INPUT)
    cards = after.identifiers if "identifiers" in changed else ()
    return [
        *(problem for problem in problems if problem.path[1] in new),
        *await card_problems(writer, after.program_id, cards, after.id),
    ]
