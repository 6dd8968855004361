"""Who is asked for an approval: the person named, else the nearest active manager above; at the end of the chain nobody."""

from domain.approvals import NoApprover, next_approver
from domain.people import Person, Principal, Scope
from domain.problems import Refused
from domain.services.checks import INPUT, found
from domain.store import people
from domain.store.database import Reader
from domain.values import shown

SUBMIT_TO = (INPUT, "submitTo")
EVERYBODY = Scope()


async def person_of(reader: Reader, actor: Principal) -> Person | None:
    """Who the actor is, with their limits as they are now; nobody, for the engine."""
    return None if actor.person_id is None else await person_by_id(reader, actor.person_id)


async def person_by_id(reader: Reader, person_id: int) -> Person | None:
    """Somebody whom a row names."""
    [person] = await people.load_many(reader, EVERYBODY, [person_id])
    return person


async def approver_named(reader: Reader, program_id: int, subject: str) -> Person:
    """Somebody named in `submitTo`: people of other programs do not exist here."""
    return found(await people.find(reader, Scope(program_id), subject), "person", shown(subject), "submitTo")


async def manager_of(reader: Reader, person_id: int | None, actor: Principal) -> Person:
    """The nearest active manager of a person (of the actor, where nobody is known); raises Refused(NoApprover)."""
    start = person_id if person_id is not None else actor.person_id
    chain = [] if start is None else await people.load_many(reader, EVERYBODY, await _chain(reader, start))
    known = {person.id: person for person in chain if person is not None}
    if start is None or start not in known:
        raise Refused(NoApprover(name=actor.subject, path=SUBMIT_TO))
    return next_approver(known[start], known, *SUBMIT_TO)


async def _chain(reader: Reader, person_id: int) -> list[int]:
    return [above for above, _ in await people.chain_above(reader, person_id)]
