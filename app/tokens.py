"""Whom a token is made for: a token names a person who is in the database, whose roles and bonds decide what it may do."""

from dataclasses import dataclass

from domain.commands.members import MemberReference
from domain.commands.people import PersonFilter, PersonOrder
from domain.commands.programs import ProgramFilter, ProgramOrder
from domain.pages import PageRequest
from domain.people import LOG_INS, Person, Role, Scope
from domain.problems import NotFound, Problem, Refused
from domain.store import member_references, people, programs
from domain.store.database import Database
from domain.store.keyset import page_of

EVERYBODY = Scope()
MOST_PROGRAMS = PageRequest(first=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class NobodyFound(Problem):
    """Nobody has the role that a token is asked for."""

    code = "NOBODY_FOUND"
    who: str

    @property
    def message(self) -> str:
        return (
            f"There is no active person who is {self.who}: add one by `milepost person create`, "
            "or the sample by `milepost seed`."
        )


async def subject_of(
    database: Database, role: Role, *, partner: str | None = None, member: str | None = None, program: str | None = None
) -> str:
    """The subject of the first person with a role; of a partner, or the log-in of a member. Raises Refused."""
    scope = EVERYBODY if member is None else Scope(member_id=await _member_id(database, member, program))
    wanted = PersonFilter(roles=frozenset({role}), partner=partner, active=True)
    if person := await _first(database, scope, wanted):
        return person.subject
    bonds = (f"of partner {partner}" if partner else "", f"with the log-in of member {member}" if member else "")
    raise Refused(NobodyFound(who=" ".join([role.value, *filter(None, bonds)])))


async def active(database: Database, subject: str) -> str:
    """The subject, if it is that of an active person. Raises Refused."""
    async with database.read() as reader:
        person = await people.find(reader, EVERYBODY, subject)
    if person is None or not person.active:
        raise Refused(NotFound(what="active person", key=subject))
    return person.subject


async def subjects_by_role(database: Database) -> dict[Role, str]:
    """One subject per role that somebody has: of several, whoever was added first."""
    found = {role: await _first(database, EVERYBODY, _with(role)) for role in LOG_INS}
    return {role: person.subject for role, person in found.items() if person is not None}


def _with(role: Role) -> PersonFilter:
    return PersonFilter(roles=frozenset({role}), active=True)


async def _first(database: Database, scope: Scope, wanted: PersonFilter) -> Person | None:
    listing = people.listing(scope, wanted, PersonOrder.CREATED_AT, descending=False)
    edges = (await page_of(database, listing, PageRequest(first=1))).edges
    return edges[0].node if edges else None


async def _member_id(database: Database, number: str, program: str | None) -> int:
    """The member with a number; without a program, of whichever program has one."""
    reference = MemberReference(number=number)
    listing = programs.listing(EVERYBODY, ProgramFilter(), ProgramOrder.CODE, descending=False)
    page = await page_of(database, listing, MOST_PROGRAMS)
    async with database.read() as reader:
        for edge in page.edges:
            found = (await member_references.find(reader, edge.node.id, [reference]))[reference]
            if isinstance(found, int) and program in {None, edge.node.code}:
                return found
    raise Refused(NotFound(what="member", key=number))
