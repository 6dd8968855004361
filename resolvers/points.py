"""Points in one call: recorded and processed at once, in the group that is committed next."""

import domain.commands.transactions as c
import schema.points as s
from domain.receipts import Receipt
from domain.services import transactions as services
from domain.transactions import SubType, Transaction, Type
from resolvers.context import Info
from resolvers.entries import entry_of
from resolvers.members import member_reference
from resolvers.previews import previewed
from resolvers.roots import mutation


@mutation(s.PointsEarnPayload)
async def points_earn(info: Info, input: s.PointsEarnInput) -> Receipt[Transaction]:
    """The member bought, booked or did something: record it and give its points."""
    command = c.PointsEarn(
        idempotency_key=input.idempotency_key,
        member=member_reference(input.member, "input", "member"),
        entry=entry_of(input, Type.ACCRUAL, SubType.PRODUCT),
    )
    if input.preview:
        return await previewed(info, command)
    return await services.points_earn(info.context.realtime, info.context.principal, command)


@mutation(s.PointsRedeemPayload)
async def points_redeem(info: Info, input: s.PointsRedeemInput) -> Receipt[Transaction]:
    """The member spends points: record it and take them, nearest expiry first."""
    command = c.PointsRedeem(
        idempotency_key=input.idempotency_key,
        member=member_reference(input.member, "input", "member"),
        entry=entry_of(input, Type.REDEMPTION, SubType.PRODUCT),
    )
    if input.preview:
        return await previewed(info, command)
    return await services.points_redeem(info.context.realtime, info.context.principal, command)


@mutation(s.PointsTransferPayload)
async def points_transfer(info: Info, input: s.PointsTransferInput) -> Receipt[Transaction]:
    """The member sends points to another, who gets them with their expiry; they count towards no tier there."""
    command = c.PointsTransfer(
        idempotency_key=input.idempotency_key,
        member=member_reference(input.member, "input", "member"),
        entry=entry_of(input, Type.REDEMPTION, SubType.TRANSFER),
        recipient=member_reference(input.transfer_to, "input", "transferTo"),
    )
    if input.preview:
        return await previewed(info, command)
    return await services.points_transfer(info.context.realtime, info.context.principal, command)


@mutation(s.PointsGiftPayload)
async def points_gift(info: Info, input: s.PointsGiftInput) -> Receipt[Transaction]:
    """The member is given points, which are bonus points unless you say that they qualify."""
    command = c.PointsGift(
        idempotency_key=input.idempotency_key,
        member=member_reference(input.member, "input", "member"),
        entry=entry_of(input, Type.ACCRUAL, SubType.GIFT),
    )
    if input.preview:
        return await previewed(info, command)
    return await services.points_gift(info.context.realtime, info.context.principal, command)
