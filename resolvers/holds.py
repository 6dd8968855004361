"""Root fields about holds."""

from collections.abc import Sequence

import domain.commands.holds as c
import domain.holds as d
import schema.holds as s
from domain.commands.members import MemberReference
from domain.entries import NewTransaction
from domain.people import Scope
from domain.problems import Refused
from domain.receipts import Receipt
from domain.services import holds as services
from domain.store import holds as store
from domain.store.database import Reader
from domain.transactions import SubType, Transaction, Type
from resolvers.context import Info
from resolvers.entries import tender, voucher_wish
from resolvers.ids import key
from resolvers.loaders import loads
from resolvers.members import member_reference
from resolvers.previews import previewed
from resolvers.roots import mutation
from schema.loads import HOLD, HOLDS_OF_MEMBER
from schema.previews import Previewed


@loads(HOLD, node="PointHold")
async def _holds(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.PointHold | None]:
    return await store.load_many(reader, scope, ids)


@loads(HOLDS_OF_MEMBER)
async def _of_members(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.PointHold]]:
    return await store.load_of_members(reader, scope, ids)


@mutation(s.PointsHoldPayload)
async def points_hold(info: Info, input: s.PointsHoldInput) -> Receipt[d.PointHold]:
    """Keep points of a member for a checkout: nobody else can spend them until it ends."""
    command = c.PointsHold(
        idempotency_key=input.idempotency_key,
        program=input.program,
        member=member_reference(input.member, "input", "member"),
        points=input.points,
        point_type=input.point_type,
        minutes=input.minutes,
        comment=input.comment,
    )
    context = info.context
    return await services.points_hold(
        context.database, context.realtime.programs, context.principal, command, preview=input.preview
    )


@mutation(s.PointsCapturePayload)
async def points_capture(info: Info, input: s.PointsCaptureInput) -> Receipt[Transaction]:
    """Redeem what a hold keeps, or a part of it; the rest is free again."""
    hold_id, context = key(input.id, "PointHold", "input", "id"), info.context
    given = c.PointsCapture(idempotency_key=input.idempotency_key, member=MemberReference(id=0), entry=_captured(input))
    if not input.preview:
        return await services.points_capture(context.realtime, context.principal, hold_id, given)
    try:
        command = await services.capture_of(context.database, context.principal, hold_id, given)
    except Refused as refused:
        return Previewed(errors=refused.problems)
    return await previewed(info, command)


def _captured(given: s.PointsCaptureInput) -> NewTransaction:
    return NewTransaction(
        program="",
        member="",
        type=Type.REDEMPTION,
        sub_type=SubType.PRODUCT,
        points=given.points,
        product=given.product,
        quantity=given.quantity,
        voucher=voucher_wish(given.voucher),
        tender=tender(given.tender),
        partner=given.partner,
        source=given.source,
        external_id=given.external_id,
        comment=given.comment,
    )


@mutation(s.PointsReleasePayload)
async def points_release(info: Info, input: s.PointsReleaseInput) -> Receipt[d.PointHold]:
    """Let a hold go: the checkout did not happen."""
    command = c.PointsRelease(id=key(input.id, "PointHold", "input", "id"))
    context = info.context
    return await services.points_release(context.database, context.realtime.programs, context.principal, command)
