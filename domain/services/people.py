"""People who log in: adding and changing them, and finding who a token is.

Who is bound to one program adds people of that program only, and changes no others. Nobody ends up as their own manager.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.codes import name_problems
from domain.commands.members import MemberReference, Unchanged
from domain.commands.people import PersonCreate, PersonUpdate
from domain.contacts import EMAIL_EXPECTED, normalize_email
from domain.people import ENGINE, Person, Principal, Scope
from domain.people_checks import (
    ManagerCycle,
    binding_problems,
    limit_problems,
    manager_problems,
    role_problems,
)
from domain.problems import AlreadyExists, Invalid, NotAllowed, Problem, Refused
from domain.receipts import Receipt
from domain.services import members
from domain.services.checks import INPUT, Findings, check_version, found
from domain.store import partners, programs
from domain.store import people as store
from domain.store.database import Database, Reader, Writer
from domain.values import shown

MAX_SUBJECT = 200
EVERYWHERE = Scope()


@dataclass(frozen=True, slots=True)
class _Bindings:
    """What a person belongs to, as keys."""

    program_id: int | None
    partner_id: int | None
    member_id: int | None


async def person_of_subject(database: Database, subject: str) -> Person | None:
    """The person whom a token calls by this subject; asked before anybody is known, so without a scope."""
    async with database.read() as reader:
        return await store.find(reader, EVERYWHERE, subject)


async def person_create(database: Database, actor: Principal, command: PersonCreate) -> Receipt[Person]:
    """Add a person."""
    async with database.write() as writer:
        findings = Findings([*_create_problems(command), *_program_problems(actor, command.program)])
        bindings = await _bindings(writer, actor, command, findings)
        manager = await _manager(writer, actor, command.manager, bindings.partner_id, findings)
        findings.refuse()
        person = await store.add(
            writer,
            subject=command.subject,
            name=command.name,
            email=command.email and normalize_email(command.email),
            roles=command.roles,
            program_id=bindings.program_id,
            partner_id=bindings.partner_id,
            member_id=bindings.member_id,
            manager_id=manager.id if manager else None,
            tier_approver=command.tier_approver,
            transaction_approval_limit=command.transaction_approval_limit,
            loan_approval_limit=command.loan_approval_limit,
            active=command.active,
        )
        if person is None:
            raise Refused(AlreadyExists(what="person", key=command.subject, path=(INPUT, "subject")))
        return Receipt(person)


async def person_update(database: Database, actor: Principal, command: PersonUpdate) -> Receipt[Person]:
    """Change a person."""
    async with database.write() as writer:
        if isinstance(command.manager, str):
            await store.lock_reporting_lines(writer)
        person = found(await store.lock(writer, actor.scope, command.person), "person", command.person, "person")
        check_version(command.expected_version, person.version)
        findings = Findings([*_update_problems(command, person), *_reach_problems(actor, person)])
        manager_id = await _new_manager(writer, actor, person, command.manager, findings)
        findings.refuse()
        return Receipt(await store.change(writer, person.id, manager_id=manager_id, **_changes(command)))


async def _bindings(reader: Reader, actor: Principal, command: PersonCreate, findings: Findings) -> _Bindings:
    program = partner = None
    if command.program is not None:
        by_code = await programs.find(reader, actor.scope, command.program)
        program = findings.named(by_code, "program", command.program, "program")
    if command.partner is not None:
        company = await partners.find(reader, actor.scope, command.partner)
        partner = findings.named(company, "partner", command.partner, "partner")
    member_id = None
    if program is not None and command.member is not None:
        member_id = await _member_id(reader, actor, program.id, command.member, findings)
    return _Bindings(program.id if program else None, partner.id if partner else None, member_id)


async def _member_id(
    reader: Reader, actor: Principal, program_id: int, reference: MemberReference, findings: Findings
) -> int | None:
    try:
        return (await members.resolve(reader, actor.scope, program_id, reference, INPUT, "member")).id
    except Refused as refused:
        findings.add(refused.problems)
        return None


async def _manager(
    reader: Reader, actor: Principal, subject: str | None, partner_id: int | None, findings: Findings
) -> Person | None:
    if subject is None:
        return None
    manager = findings.named(await store.find(reader, actor.scope, subject), "person", subject, "manager")
    if manager is not None:
        findings.add(manager_problems(manager, partner_id, INPUT, "manager"))
    return manager


async def _new_manager(
    writer: Writer, actor: Principal, person: Person, subject: str | Unchanged | None, findings: Findings
) -> int | None:
    """The key of the manager after the change."""
    if isinstance(subject, Unchanged):
        return person.manager_id
    manager = await _manager(writer, actor, subject, person.partner_id, findings)
    if manager is None:
        return None
    chain = await store.chain_above(writer, manager.id)
    keys = [key for key, _ in chain]
    if person.id in keys:
        names = [name for _, name in chain[: keys.index(person.id) + 1]]
        findings.add([ManagerCycle(chain=(person.subject, *names), path=(INPUT, "manager"))])
    return manager.id


def _changes(command: PersonUpdate) -> dict[str, Any]:
    named = {
        "name": command.name,
        "roles": command.roles,
        "tier_approver": command.tier_approver,
        "transaction_approval_limit": command.transaction_approval_limit,
        "loan_approval_limit": command.loan_approval_limit,
        "active": command.active,
    }
    changes = {name: value for name, value in named.items() if value is not None}
    if isinstance(command.email, Unchanged):
        return changes
    return {**changes, "email": command.email and normalize_email(command.email)}


def _create_problems(command: PersonCreate) -> Iterator[Problem]:
    yield from name_problems(command.subject, INPUT, "subject", longest=MAX_SUBJECT)
    if command.subject == ENGINE.subject:
        # Keys of idempotency belong to subjects: nobody may meet those of everything automatic.
        yield Invalid(value=command.subject, expected="a subject of a person", path=(INPUT, "subject"))
    yield from _value_problems(command)
    yield from role_problems(command.roles, INPUT, "roles")
    yield from binding_problems(
        command.roles,
        program=command.program is not None,
        partner=command.partner is not None,
        member=command.member is not None,
        path=(INPUT,),
    )


def _update_problems(command: PersonUpdate, person: Person) -> Iterator[Problem]:
    yield from _value_problems(command)
    if command.roles is not None:
        yield from role_problems(command.roles, INPUT, "roles")
        yield from binding_problems(
            command.roles,
            program=person.program_id is not None,
            partner=person.partner_id is not None,
            member=person.member_id is not None,
            path=(INPUT,),
        )


def _value_problems(command: PersonCreate | PersonUpdate) -> Iterator[Problem]:
    yield from name_problems(command.name, INPUT, "name")
    if isinstance(command.email, str) and normalize_email(command.email) is None:
        yield Invalid(value=shown(command.email), expected=EMAIL_EXPECTED, path=(INPUT, "email"))
    yield from limit_problems(command.transaction_approval_limit, command.loan_approval_limit, INPUT)


def _program_problems(actor: Principal, program: str | None) -> Iterator[Problem]:
    if actor.scope.program_id is not None and program is None:
        yield NotAllowed(why="who is bound to a program adds people of that program only", path=(INPUT, "program"))


def _reach_problems(actor: Principal, person: Person) -> Iterator[Problem]:
    """Employees bound to no program are seen by those of every program, but changed only by their like."""
    if actor.scope.program_id not in (None, person.program_id):
        yield NotAllowed(why="this person belongs to no program, you to one", path=(INPUT, "person"))
