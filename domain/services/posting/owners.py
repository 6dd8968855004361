"""Whose transactions somebody may record: any member of the program, within their scope.

A partner's user records for the members its partner has enrolled or served, and for whoever shows a number or card.
"""

from domain.commands.members import MemberReference
from domain.people import Principal, Scope
from domain.problems import NotFound, Problem, Refused
from domain.services.members import as_stored
from domain.services.posting.drafting import Owner
from domain.store import member_references, members
from domain.store.database import Reader

MEMBER_PATH = ("input", "member")


async def owner_of(reader: Reader, actor: Principal, program_id: int, reference: MemberReference) -> Owner:
    """The member of a program whom a reference means; raises Refused."""
    reference = as_stored(reference)
    found = (await member_references.find(reader, program_id, [reference]))[reference]
    if isinstance(found, Problem):
        raise Refused(found.at(*MEMBER_PATH))
    member = await members.load(reader, Scope(), found)
    if member is None or not await is_shown(reader, actor.scope, program_id, found, reference):
        raise Refused(NotFound(what="member", path=MEMBER_PATH))
    return Owner(member.id, member.number)


async def is_shown(
    reader: Reader, scope: Scope, program_id: int, member_id: int, reference: MemberReference | None
) -> bool:
    """Whether the member is within the scope; without a reference, its transaction was already found to be."""
    if scope.member_id not in (None, member_id) or scope.program_id not in (None, program_id):
        return False
    if scope.partner_id is None or reference is None or reference.given[0] in member_references.SHOWN_TO_PARTNERS:
        return True
    return bool(await member_references.served(reader, scope, [member_id]))
