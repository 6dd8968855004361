"""From the codes of a command to what the caller may see: programs by code, a partner's user's own partner, approvers."""

from domain.engine import EngineProgram
from domain.entries import NewTransaction
from domain.people import Person, Principal, Scope
from domain.problems import NotFound, Refused
from domain.services.checks import INPUT, found
from domain.services.engine_programs import EnginePrograms
from domain.services.posting.drafting import for_partner
from domain.store import partners, people, programs
from domain.store.database import Reader
from domain.values import shown


async def program_id_of(reader: Reader, compiled: EnginePrograms, actor: Principal, code: str) -> int:
    """The key of a program that the actor may see; raises Refused(NotFound)."""
    if actor.scope.partner_id is not None:
        return found(await programs.find(reader, actor.scope, code), "program", shown(code), "program").id
    program_id = await compiled.id_of(reader, code, INPUT, "program")
    if actor.scope.program_id not in (None, program_id):
        raise Refused(NotFound(what="program", key=shown(code), path=(INPUT, "program")))
    return program_id


async def of_own_partner(reader: Reader, actor: Principal, entry: NewTransaction) -> NewTransaction:
    """The entry; of a partner's user, that of its own partner."""
    partner_id = actor.scope.partner_id
    if partner_id is None:
        return entry
    [partner] = await partners.load_many(reader, Scope(), [partner_id])
    return for_partner(entry, actor, partner.code if partner else None)


async def person_of(reader: Reader, actor: Principal) -> Person | None:
    """Who the actor is, with their limits as they are now; nobody, for the engine."""
    return None if actor.person_id is None else await person_by_id(reader, actor.person_id)


async def person_by_id(reader: Reader, person_id: int) -> Person | None:
    """Somebody whom a row names."""
    [person] = await people.load_many(reader, Scope(), [person_id])
    return person


async def approver_named(reader: Reader, program: EngineProgram, subject: str) -> Person:
    """Somebody named in `submitTo`: people of other programs do not exist here."""
    person = await people.find(reader, Scope(program.program.id), subject)
    return found(person, "person", shown(subject), "submitTo")
