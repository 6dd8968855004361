"""The root field about merges."""

from collections.abc import Sequence

import domain.commands.merges as c
import schema.merges as s
from domain.members import Member
from domain.merges import Merged
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import merges as services
from domain.store import members
from domain.store.database import Reader
from resolvers.context import Info
from resolvers.loaders import loads
from resolvers.members import member_reference
from resolvers.roots import mutation
from schema.loads import MERGED_INTO_MEMBER


@loads(MERGED_INTO_MEMBER)
async def _merged(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[Member]]:
    return await members.merged_into(reader, scope, ids)


@mutation(s.MemberMergePayload)
async def member_merge(info: Info, input: s.MemberMergeInput) -> Receipt[Merged]:
    """Merge a member into another one: points, cards, progress and open transactions move, history is linked."""
    context = info.context
    command = c.MemberMerge(
        idempotency_key=input.idempotency_key,
        program=input.program,
        member=member_reference(input.member, "input", "member"),
        into=member_reference(input.into, "input", "into"),
        reason=input.reason,
        attributes=input.attributes,
    )
    work = services.merge_preview if input.preview else services.member_merge
    return await work(context.database, context.realtime.programs, context.principal, command)
