"""People whom an identity provider describes: made when they first come, changed when their roles or name change there.

What a person is bound to (program, partner, member) never changes: claims that say otherwise than the database name nobody. Who was
made inactive here stays so, whatever the provider says.
"""

import logging

from domain.commands.members import MemberReference
from domain.commands.people import PersonCreate, PersonUpdate
from domain.people import ENGINE, Person, PersonClaims, Scope
from domain.problems import AlreadyExists, Refused, VersionConflict
from domain.services import members
from domain.services.people import person_create, person_of_subject, person_update
from domain.store import partners, programs
from domain.store.database import Database, Reader

log = logging.getLogger(__name__)

EVERYWHERE = Scope()


class OtherBonds(Exception):
    """Claims that bind a person to another program, partner or member than the database does."""

    def __init__(self, what: str) -> None:
        super().__init__(f"they name another {what} than the database does")


async def person_of_claims(database: Database, claims: PersonClaims) -> Person | None:
    """The person whom claims describe; None for nobody who may use the API."""
    if not claims.roles:
        return None
    try:
        person = await person_of_subject(database, claims.subject)
        if person is None:
            return await _made(database, claims)
        return await _as_claimed(database, person, claims) if person.active else None
    except (Refused, OtherBonds) as refused:
        log.warning("the claims of a token name nobody: %s", refused)
        return None


async def _made(database: Database, claims: PersonClaims) -> Person | None:
    command = PersonCreate(
        subject=claims.subject,
        name=claims.name,
        roles=claims.roles,
        program=claims.program,
        partner=claims.partner,
        member=None if claims.member is None else MemberReference(number=claims.member),
    )
    try:
        return (await person_create(database, ENGINE, command)).result
    except Refused as refused:
        # Another process was first; it was told the same by the same provider.
        if any(isinstance(problem, AlreadyExists) for problem in refused.problems):
            return await person_of_subject(database, claims.subject)
        raise


async def _as_claimed(database: Database, person: Person, claims: PersonClaims) -> Person | None:
    async with database.read() as reader:
        await _check_bonds(reader, person, claims)
    if person.roles == claims.roles and person.name == claims.name:
        return person
    command = PersonUpdate(person=person.subject, expected_version=person.version, name=claims.name, roles=claims.roles)
    try:
        return (await person_update(database, ENGINE, command)).result
    except Refused as refused:
        if any(isinstance(problem, VersionConflict) for problem in refused.problems):
            return await person_of_subject(database, claims.subject)
        raise


async def _check_bonds(reader: Reader, person: Person, claims: PersonClaims) -> None:
    if claims.program is not None:
        program = await programs.find(reader, EVERYWHERE, claims.program)
        _same("program", None if program is None else program.id, person.program_id)
    if claims.partner is not None:
        partner = await partners.find(reader, EVERYWHERE, claims.partner)
        _same("partner", None if partner is None else partner.id, person.partner_id)
    if claims.member is not None and person.program_id is not None:
        named = MemberReference(number=claims.member)
        member = await members.resolve(reader, EVERYWHERE, person.program_id, named, "claims", "member")
        _same("member", member.id, person.member_id)


def _same(what: str, claimed: int | None, stored: int | None) -> None:
    if claimed != stored:
        raise OtherBonds(what)
