"""Drafting partner programs, activating them, and keeping their lists of partners. An active one is read-only."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from domain.calendars import business_date
from domain.codes import code_problems, name_problems
from domain.commands.partner_programs import (
    PartnerProgramActivate,
    PartnerProgramCreate,
    PartnerProgramListChange,
    PartnerProgramUpdate,
)
from domain.partner_program_checks import (
    date_problems,
    entitlement_problems,
    length_problems,
    line_problems,
    place_problems,
)
from domain.partner_program_problems import DatesBackward, PartnerProgramReadOnly
from domain.partner_programs import PartnerProgram, PartnerProgramStatus
from domain.people import HOST, Principal, Scope
from domain.problems import AlreadyExists, Invalid, NotAllowed, NotFound, Problem, Refused, TooMany
from domain.receipts import Receipt
from domain.services.checks import INPUT, Findings, check_version, found
from domain.store import locks, partners, people
from domain.store import partner_programs as store
from domain.store.database import Database, Reader, Writer
from domain.values import shown

MAX_LISTED = 500
EVERYBODY = Scope()
PROGRAM = (INPUT, "partnerProgram")
UPDATED = tuple(
    each.name
    for each in fields(PartnerProgramUpdate)
    if each.name not in ("partner_program", "expected_version", "owner")
)
"""What an update may change, by the names of both."""


async def partner_program_create(
    database: Database, actor: Principal, command: PartnerProgramCreate
) -> Receipt[PartnerProgram]:
    """Draft a partner program."""
    refuse_bound(actor)
    values = {name: getattr(command, name) for name in UPDATED}
    findings = Findings([*code_problems(command.code, INPUT, "code"), *_problems(values)])
    async with database.write() as writer:
        owner_id = actor.person_id if command.owner is None else await _owner(writer, actor, command.owner, findings)
        findings.refuse()
        program = await store.add(writer, code=command.code, owner_id=owner_id, **values)
        if program is None:
            raise Refused(AlreadyExists(what="partner program", key=command.code, path=(INPUT, "code")))
        return Receipt(program)


async def partner_program_update(
    database: Database, actor: Principal, command: PartnerProgramUpdate
) -> Receipt[PartnerProgram]:
    """Change a draft."""
    refuse_bound(actor)
    async with database.write() as writer:
        program = await locked(writer, actor, command.partner_program)
        check_version(command.expected_version, program.version)
        _check_draft(program)
        given = {name: getattr(command, name) for name in UPDATED}
        values = {name: getattr(program, name) if value is None else value for name, value in given.items()}
        findings = Findings(_problems(values))
        owner_id = program.owner_id
        if command.owner is not None:
            owner_id = await _owner(writer, actor, command.owner, findings)
        findings.refuse()
        return Receipt(await store.change(writer, program.id, owner_id=owner_id, **values))


async def partner_program_activate(
    database: Database, actor: Principal, command: PartnerProgramActivate
) -> Receipt[PartnerProgram]:
    """Let a draft take applications between its dates; from then on it is read-only."""
    refuse_bound(actor)
    async with database.write() as writer:
        program = await locked(writer, actor, command.partner_program)
        _check_draft(program)
        today = business_date(await database.now(writer), program.time_zone)
        if program.ends_on < today:
            raise Refused(DatesBackward(starts_on=today, ends_on=program.ends_on, path=PROGRAM))
        return Receipt(await store.change(writer, program.id, status=PartnerProgramStatus.ACTIVE))


async def partner_program_list_change(
    database: Database, actor: Principal, command: PartnerProgramListChange
) -> Receipt[PartnerProgram]:
    """Put partners on a list, and take others off it: lists are about partners, and are kept while a program is active."""
    refuse_bound(actor)
    async with database.write() as writer:
        program = await locked(writer, actor, command.partner_program)
        findings = Findings()
        add = await _partner_ids(writer, command.add, "add", findings)
        remove = await _partner_ids(writer, command.remove, "remove", findings)
        findings.refuse()
        await store.change_list(writer, program.id, command.list, add, remove)
        return Receipt(program)


async def locked(writer: Writer, actor: Principal, code: str) -> PartnerProgram:
    """The partner program that a command names, locked; refuses one that the actor may not see."""
    await locks.patience(writer)
    return found(await store.lock(writer, actor.scope, code), "partner program", code, "partnerProgram")


def refuse_bound(actor: Principal) -> None:
    """Refuse whoever is bound to one loyalty program: partner programs are felt in all of them."""
    if actor.scope.program_id is not None:
        why = "partner programs belong to all programs of the host, and you are bound to one"
        raise Refused(NotAllowed(why=why, path=(INPUT,)))


def _check_draft(program: PartnerProgram) -> None:
    if program.status is not PartnerProgramStatus.PENDING:
        raise Refused(PartnerProgramReadOnly(status=program.status, path=PROGRAM))


def _problems(values: dict[str, Any]) -> Iterator[Problem]:
    months = values["membership_months"]
    yield from name_problems(values["name"], INPUT, "name")
    yield from name_problems(values["kind"], INPUT, "kind")
    yield from place_problems(values["time_zone"], INPUT)
    yield from date_problems(values["starts_on"], values["ends_on"], INPUT)
    yield from length_problems(months, values["renewal_days"], values["grace_days"], INPUT)
    yield from line_problems(values["lines"], months, INPUT, "lines")
    yield from entitlement_problems(values["entitlements"], INPUT, "entitlements")


async def _owner(reader: Reader, actor: Principal, subject: str, findings: Findings) -> int | None:
    """Activities of a program are seen to by an employee of the host."""
    person = findings.named(await people.find(reader, actor.scope, subject), "person", subject, "owner")
    if person is None:
        return None
    if not (person.active and person.roles & HOST):
        expected = "an active employee of the host"
        findings.add([Invalid(value=shown(subject), expected=expected, path=(INPUT, "owner"))])
    return person.id


async def _partner_ids(reader: Reader, codes: Sequence[str], name: str, findings: Findings) -> list[int]:
    if len(codes) > MAX_LISTED:
        findings.add([TooMany(what="partners", limit=MAX_LISTED, found=len(codes), path=(INPUT, name))])
        return []
    known = await partners.by_codes(reader, codes)
    findings.add(
        NotFound(what="partner", key=shown(code), path=(INPUT, name, str(index)))
        for index, code in enumerate(codes)
        if code not in known
    )
    return sorted({each.id for each in known.values()})
