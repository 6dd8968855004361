"""Root fields about families: joining and leaving a household or account."""

from collections.abc import Sequence

import domain.commands.families as c
import domain.families as d
import schema.families as s
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import families as services
from domain.store import families as store
from domain.store.database import Reader
from domain.store.keyset import page_of
from resolvers.context import Context, Info
from resolvers.loaders import loads
from resolvers.members import member_reference
from resolvers.roots import mutation
from schema.loads import FAMILIES_OF_MEMBER


@loads(FAMILIES_OF_MEMBER)
async def _families(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.FamilyMembership]]:
    return await store.of_members(reader, scope, ids)


@s.MEMBERS_OF_FAMILY.answered_by
async def _members(context: Context, asked: tuple[int, PageRequest]) -> Page[d.FamilyMembership]:
    family_id, request = asked
    return await page_of(context.database, store.members_of(context.principal.scope, family_id), request)


@mutation(s.HouseholdJoinPayload)
async def household_join(info: Info, input: s.HouseholdJoinInput) -> Receipt[d.FamilyMembership]:
    """Let an individual join a household or account."""
    command = c.HouseholdJoin(
        program=input.program,
        member=member_reference(input.member, "input", "member"),
        family=member_reference(input.family, "input", "family"),
        rolls_up_from=input.rolls_up_from,
        twin_percent=input.twin_percent,
    )
    return await services.household_join(info.context.database, info.context.principal, command)


@mutation(s.HouseholdLeavePayload)
async def household_leave(info: Info, input: s.HouseholdLeaveInput) -> Receipt[d.FamilyMembership]:
    """Let an individual leave its household or account."""
    command = c.HouseholdLeave(program=input.program, member=member_reference(input.member, "input", "member"))
    return await services.household_leave(info.context.database, info.context.principal, command)
