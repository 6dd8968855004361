"""Finding members: one by what is known of it, or a page of a list. What the caller may not see does not exist.

`resolve` is the one way from a reference in an input to a member; an email or phone that several share is not guessed at.
"""

from domain.commands.members import MemberFilter, MemberOrder, MemberReference
from domain.contacts import normalize_email, normalize_phone
from domain.member_status import FINAL
from domain.members import Member, MemberChange
from domain.pages import Page, PageRequest
from domain.people import Principal, Scope
from domain.problems import Missing, NotAllowed, NotFound, Refused
from domain.services.checks import refuse
from domain.store import locks, members, programs
from domain.store.database import Database, Reader, Writer
from domain.store.keyset import page_of
from domain.store.member_references import AmbiguousMember
from domain.values import shown, text_problems

MAX_SEARCH = 100
MEMBER_PATH = ("input", "member")


async def member_find(
    database: Database, actor: Principal, reference: MemberReference, program: str | None
) -> Member | None:
    """The member whom a reference means, or None; raises Refused(AmbiguousMember, Missing)."""
    async with database.read() as reader:
        try:
            return await named(reader, actor, reference, program, "reference")
        except Refused as refused:
            if isinstance(refused.problems[0], NotFound):
                return None
            raise


async def members_list(
    database: Database,
    scope: Scope,
    filter: MemberFilter,
    order: MemberOrder,
    request: PageRequest,
    *,
    descending: bool = False,
) -> Page[Member]:
    """A page of the members that somebody may see."""
    refuse(text_problems(filter.search, MAX_SEARCH, "filter", "search"))
    return await page_of(database, members.listing(scope, filter, order, descending=descending), request)


async def member_changes(database: Database, scope: Scope, member_id: int, request: PageRequest) -> Page[MemberChange]:
    """What was changed about a member, newest first, for those who maintain it."""
    return await page_of(database, members.changes(scope, member_id), request)


async def named(
    reader: Reader, actor: Principal, reference: MemberReference, program: str | None, *path: str
) -> Member:
    """The member of a program named by its code; an id needs none, and whoever is bound to a program means that one."""
    path = path or MEMBER_PATH
    if reference.id is not None and program is None:
        member = await members.load(reader, actor.scope, reference.id)
        if member is None:
            raise Refused(NotFound(what="member", path=path))
        return member
    program_id = await _program_id(reader, actor, program, path)
    return await resolve(reader, actor.scope, program_id, reference, *path)


async def _program_id(reader: Reader, actor: Principal, program: str | None, path: tuple[str, ...]) -> int:
    where = (*path[:-1], "program")
    if program is None:
        if actor.scope.program_id is None:
            raise Refused(Missing(why="without the code of a program only an id names a member", path=where))
        return actor.scope.program_id
    found = await programs.find(reader, actor.scope, program)
    if found is None:
        raise Refused(NotFound(what="program", key=shown(program), path=where))
    return found.id


async def for_maintenance(writer: Writer, actor: Principal, reference: MemberReference, program: str | None) -> Member:
    """The member, locked, as it is once nobody else works on it; a partner's user maintains only those its partner enrolled."""
    member = await named(writer, actor, reference, program)
    if actor.scope.partner_id is not None and member.enrolled_by_partner_id != actor.scope.partner_id:
        raise Refused(NotAllowed(why="a partner maintains only the members it enrolled", path=MEMBER_PATH))
    await locks.patience(writer)
    await locks.members(writer, [member.id])
    [locked] = await members.load_many(writer, Scope(), [member.id])
    assert locked is not None, "members are never deleted"
    return locked


async def resolve(reader: Reader, scope: Scope, program_id: int, reference: MemberReference, *path: str) -> Member:
    """The member of a program whom a reference means; raises Refused(NotFound or AmbiguousMember) at `path`.

    Of several who share an email or phone, those who have left (CANCELLED, MERGED) are not meant.
    """
    path = path or MEMBER_PATH
    found = await members.candidates(reader, scope, program_id, as_stored(reference))
    if len(found) > 1:
        found = [member for member in found if member.status not in FINAL] or found
    by, value = reference.given
    if not found:
        raise Refused(NotFound(what="member", key=None if by == "id" else shown(value), path=path))
    if len(found) > 1:
        raise Refused(AmbiguousMember(by=by, count=len(found), path=path))
    return found[0]


def as_stored(reference: MemberReference) -> MemberReference:
    """The reference in the form in which members are stored: `+49 30 901820` finds `+4930901820`."""
    by, value = reference.given
    match by:
        case "email":
            return MemberReference(email=normalize_email(value) or value)
        case "phone":
            return MemberReference(phone=normalize_phone(value) or value)
        case "number":
            return MemberReference(number=value.strip())
        case "card":
            return MemberReference(card=value.strip())
        case _:
            return reference
