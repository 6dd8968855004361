"""Enrolling a member: everything is checked and all that is wrong is said at once; then it is written once.

It is enrolled on the business date of the program, under its own number or one that no other member of the program has.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from domain import profiles
from domain.bonuses import of_enrollment
from domain.calendars import business_date
from domain.commands.members import MemberEnroll
from domain.events import enrolled
from domain.member_numbers import member_number
from domain.member_status import BEGINNINGS
from domain.members import Member
from domain.people import Principal
from domain.problems import Invalid, NotAllowed, NotFound, Problem, Refused
from domain.profiles import Profile
from domain.programs import Program, ProgramStatus
from domain.receipts import Receipt
from domain.services import bonuses, enrollment_notices
from domain.services.checks import INPUT, Findings, found
from domain.services.member_profiles import (
    card_problems,
    consent_problems,
    in_stored_order,
    number_problems,
    with_attributes,
    with_consents,
)  # fmt: skip
from domain.services.members import resolve
from domain.store import member_writes, outbox, partners, programs, references
from domain.store.conflicts import in_one_go
from domain.store.database import Database, Reader, Writer
from domain.values import shown

BLOCKS = (1, 10, 100, 1_000, 10_000)
"""So many numbers are tried at once, until one is free: others may have been given by hand, or imported."""


async def member_enroll(database: Database, actor: Principal, command: MemberEnroll) -> Receipt[Member]:
    """Enrol a member of a program, for the host or a partner."""

    async def work(writer: Writer) -> Member:
        return await _enroll(database, writer, actor, command, await database.now(writer))

    return Receipt(await in_one_go(database, work))


@dataclass(frozen=True, slots=True)
class Enrollment:
    """A checked enrolment: the profile in the form in which it is stored, and who is who."""

    program: Program
    profile: Profile
    partner_id: int | None
    referrer: Member | None


async def _enroll(database: Database, writer: Writer, actor: Principal, command: MemberEnroll, now: datetime) -> Member:
    checked = await _checked(writer, actor, command, now)
    program, profile = checked.program, checked.profile
    id_, number = await _numbered(writer, program.id, command.number)
    member = Member(
        id=id_, program_id=program.id, number=number, kind=profile.kind, name=profile.name, email=profile.email,
        phone=profile.phone, birth_date=profile.birth_date, address=profile.address, language=profile.language,
        identifiers=in_stored_order(profile.identifiers), consents=with_consents((), command.consents, now),
        referrer_id=None if checked.referrer is None else checked.referrer.id, attributes=with_attributes({}, profile.attributes), status=command.status,
        enrolled_on=business_date(now, program.time_zone), enrolled_by_id=actor.person_id,
        enrolled_by_partner_id=checked.partner_id, created_at=now, version=1,
    )  # fmt: skip
    await member_writes.add(writer, [member])
    await outbox.add_events(writer, enrolled([member]), now)
    await enrollment_notices.tell(writer, actor, program, member, now)
    deeds = of_enrollment(program.settings.bonuses, member, checked.referrer)
    await bonuses.give(database, writer, program, deeds, now)
    return member


async def _checked(reader: Reader, actor: Principal, command: MemberEnroll, now: datetime) -> Enrollment:
    program = await enrolling_program(reader, actor, command.program)
    profile = profiles.normalize(_profile(command))
    findings = Findings(profiles.check(profile, business_date(now, program.time_zone), INPUT))
    findings.add(_own_problems(command))
    findings.add(await number_problems(reader, program.id, command.number))
    findings.add(await card_problems(reader, program.id, profile.identifiers))
    partner_id = await _partner(reader, actor, program, command.enrolled_by_partner, findings)
    referrer = await _referrer(reader, actor, program, command, findings)
    findings.refuse()
    return Enrollment(program, profile, partner_id, referrer)


def _profile(command: MemberEnroll) -> Profile:
    return Profile(
        name=command.name, kind=command.kind, email=command.email, phone=command.phone, birth_date=command.birth_date,
        address=command.address, language=command.language, identifiers=command.identifiers,
        attributes=command.attributes,
    )  # fmt: skip


async def enrolling_program(reader: Reader, actor: Principal, code: str) -> Program:
    """The program, which must take members; whoever is a member cannot enrol another."""
    if actor.scope.member_id is not None:
        raise Refused(NotAllowed(why="a member cannot enrol another member", path=(INPUT,)))
    program = found(await programs.find(reader, actor.scope, code), "program", shown(code), "program")
    if program.status is ProgramStatus.INACTIVE:
        why = f"program {program.code} is INACTIVE and takes no members"
        raise Refused(NotAllowed(why=why, path=(INPUT, "program")))
    return program


def _own_problems(command: MemberEnroll) -> Iterator[Problem]:
    if command.status not in BEGINNINGS:
        expected = " or ".join(sorted(status.value for status in BEGINNINGS))
        yield Invalid(value=command.status.value, expected=expected, path=(INPUT, "status"))
    yield from consent_problems(command.consents)


async def _partner(
    reader: Reader, actor: Principal, program: Program, code: str | None, findings: Findings
) -> int | None:
    """For whom the member is enrolled: a partner's user enrols for its own partner, which must take part in the program."""
    path = (INPUT, "enrolledByPartner")
    if code is None and actor.scope.partner_id is None:
        return None
    if code is None:
        [partner] = await partners.load_many(reader, actor.scope, [actor.scope.partner_id or 0])
    else:
        partner = await partners.find(reader, actor.scope, code)
    if partner is None:
        findings.add([NotFound(what="partner", key=code and shown(code), path=path)])
        return None
    terms = await partners.terms(reader, program.id, partner.id)
    if not partner.active or terms is None or not terms.active:
        why = f"partner {partner.code} has no active terms in program {program.code}"
        findings.add([NotAllowed(why=why, path=path)])
    return partner.id


async def _referrer(
    reader: Reader, actor: Principal, program: Program, command: MemberEnroll, findings: Findings
) -> Member | None:
    """Who brought the member; a partner may name any member of the program by number or card, which people tell each other."""
    if command.referrer is None:
        return None
    told = command.referrer.given[0] in {"number", "card"}
    scope = replace(actor.scope, partner_id=None) if told else actor.scope
    try:
        return await resolve(reader, scope, program.id, command.referrer, INPUT, "referrer")
    except Refused as refused:
        findings.add(refused.problems)
        return None


async def _numbered(writer: Writer, program_id: int, number: str | None) -> tuple[int, str]:
    """A key and a number: the given one, or the first that nobody has."""
    for count in BLOCKS:
        ids = await member_writes.take_ids(writer, count)
        if number is not None:
            return ids[0], number
        made = {member_number(id_): id_ for id_ in ids}
        taken = await references.members(writer, program_id, made)
        if free := [(id_, each) for each, id_ in made.items() if each not in taken]:
            return free[0]
    raise RuntimeError(f"{sum(BLOCKS)} numbers in a row are taken in program {program_id}")
