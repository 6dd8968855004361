"""Whose transactions somebody may record: any member of the program, within their scope.

A partner's user records for the members its partner has enrolled or served, and for whoever shows a number or card.
"""

from domain.commands.members import MemberReference
from domain.erasure import MemberErased
from domain.people import Principal, Scope
from domain.problems import NotFound, Problem, Refused
from domain.services.members import as_stored, resolve
from domain.services.posting.drafting import Owner
from domain.store import member_references, members
from domain.store.database import Reader
from domain.values import shown

MEMBER_PATH = ("input", "member")


async def owner_of(reader: Reader, actor: Principal, program_id: int, reference: MemberReference) -> Owner:
    """The member of a program whom a reference means; raises Refused."""
    reference = as_stored(reference)
    found = (await member_references.find(reader, program_id, [reference]))[reference]
    found = await as_shown(reader, actor.scope, program_id, reference, found)
    if isinstance(found, Problem):
        raise Refused(found.at(*MEMBER_PATH))
    member = await members.load(reader, Scope(), found)
    assert member is not None, "members are never deleted"
    if member.erased_at is not None:
        raise Refused(MemberErased(path=MEMBER_PATH))
    return Owner(member.id, member.number)


async def as_shown(
    reader: Reader, scope: Scope, program_id: int, reference: MemberReference, found: int | Problem
) -> int | Problem:
    """What was found by a reference, as somebody may see it: a member that they may not see is refused in the words for
    one that does not exist, and does not count among those who share an email.
    """
    if not isinstance(found, Problem):
        hidden = not await is_shown(reader, scope, program_id, found, reference)
        return _nobody(as_stored(reference)) if hidden else found
    try:
        return (await resolve(reader, scope, program_id, reference)).id if _is_narrow(scope) else found
    except Refused as refused:
        return refused.problems[0]


def _is_narrow(scope: Scope) -> bool:
    return scope.partner_id is not None or scope.member_id is not None


def _nobody(reference: MemberReference) -> NotFound:
    by, value = reference.given
    return NotFound(what="member", key=None if by == "id" else shown(value))


async def is_shown(
    reader: Reader, scope: Scope, program_id: int, member_id: int, reference: MemberReference | None
) -> bool:
    """Whether the member is within the scope; without a reference, its transaction was already found to be."""
    if scope.member_id not in (None, member_id) or scope.program_id not in (None, program_id):
        return False
    if scope.partner_id is None or reference is None or reference.given[0] in member_references.SHOWN_TO_PARTNERS:
        return True
    return bool(await member_references.served(reader, scope, [member_id]))
