"""The root field about erasure."""

import domain.commands.erasure as c
import schema.erasure as s
from domain.members import Member
from domain.receipts import Receipt
from domain.services import erasure as services
from resolvers.context import Info
from resolvers.members import member_reference
from resolvers.roots import mutation


@mutation(s.MemberErasePayload)
async def member_erase(info: Info, input: s.MemberEraseInput) -> Receipt[Member]:
    """Remove everything personal of a member; a second time changes nothing. The member leaves the program first."""
    command = c.MemberErase(
        idempotency_key=input.idempotency_key,
        member=member_reference(input.member, "input", "member"),
        program=input.program,
        reason=input.reason,
        forfeit=input.forfeit,
    )
    return await services.member_erase(info.context.database, info.context.principal, command)
