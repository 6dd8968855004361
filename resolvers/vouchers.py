"""Root fields about vouchers."""

from collections.abc import Sequence

import domain.commands.vouchers as c
import domain.vouchers as d
import schema.vouchers as s
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import vouchers as services
from domain.store import programs
from domain.store import vouchers as store
from domain.store.database import Reader
from domain.store.keyset import page_of
from resolvers.context import Info
from resolvers.ids import key
from resolvers.loaders import loads
from resolvers.members import member_reference
from resolvers.roots import mutation, query
from schema.loads import MOVES_OF_VOUCHER, VOUCHER, VOUCHERS_OF_TRANSACTION
from schema.pages import After, Connection, First


@loads(VOUCHER, node="Voucher")
async def _vouchers(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.Voucher | None]:
    return await store.load_many(reader, scope, ids)


@loads(VOUCHERS_OF_TRANSACTION)
async def _of_transactions(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.Voucher]]:
    return await store.load_of_transactions(reader, scope, ids)


@loads(MOVES_OF_VOUCHER)
async def _moves(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.VoucherMoved]]:
    return await store.load_moves(reader, scope, ids)


@query(s.Voucher | None)
async def voucher(info: Info, program: str, number: str) -> d.Voucher | None:
    """A voucher by its number; null if there is none, or none that you may see."""
    scope = info.context.principal.scope
    async with info.context.database.read() as reader:
        found = await programs.find(reader, scope, program)
        return None if found is None else await store.find(reader, scope, found.id, number)


@query(Connection[s.Voucher])
async def vouchers(
    info: Info, filter: s.VoucherFilter | None = None, first: First = 20, after: After = None
) -> Page[d.Voucher]:
    """The vouchers that you may see, in the order in which they were issued."""
    wanted = filter or s.VoucherFilter()
    asked = c.VoucherFilter(
        program=wanted.program,
        member_id=None if wanted.member is None else key(wanted.member, "Member", "filter", "member"),
        status=wanted.status,
        voucher_type=wanted.voucher_type,
    )
    listing = store.listing(info.context.principal.scope, asked)
    return await page_of(info.context.database, listing, PageRequest(first, after))


@mutation(s.VoucherIssuePayload)
async def voucher_issue(info: Info, input: s.VoucherIssueInput) -> services.Several:
    """Give a member vouchers."""
    command = c.VoucherIssue(
        idempotency_key=input.idempotency_key,
        program=input.program,
        member=member_reference(input.member, "input", "member"),
        voucher_type=input.voucher_type,
        quantity=input.quantity,
        expires_on=input.expires_on,
        comment=input.comment,
    )
    context = info.context
    return await services.voucher_issue(
        context.database, context.realtime.programs, context.principal, command, preview=input.preview
    )


@mutation(s.VoucherUsePayload)
async def voucher_use(info: Info, input: s.VoucherUseInput) -> services.Several:
    """Use vouchers for something that has no price in points; those that pay a price are named by the redemption."""
    command = c.VoucherUse(
        idempotency_key=input.idempotency_key,
        program=input.program,
        number=input.number,
        member=None if input.member is None else member_reference(input.member, "input", "member"),
        voucher_type=input.voucher_type,
        quantity=input.quantity,
        comment=input.comment,
    )
    context = info.context
    return await services.voucher_use(
        context.database, context.realtime.programs, context.principal, command, preview=input.preview
    )


@mutation(s.VoucherReservePayload)
async def voucher_reserve(info: Info, input: s.VoucherReserveInput) -> Receipt[d.Voucher]:
    """Keep a voucher for a checkout."""
    command = c.VoucherReserve(
        idempotency_key=input.idempotency_key,
        program=input.program,
        number=input.number,
        comment=input.comment,
        until=input.until,
    )
    return await services.voucher_reserve(
        info.context.database, info.context.realtime.programs, info.context.principal, command
    )


@mutation(s.VoucherReleasePayload)
async def voucher_release(info: Info, input: s.VoucherReleaseInput) -> Receipt[d.Voucher]:
    """Let a reserved voucher go."""
    command = c.VoucherRelease(
        idempotency_key=input.idempotency_key, program=input.program, number=input.number, comment=input.comment
    )
    return await services.voucher_release(
        info.context.database, info.context.realtime.programs, info.context.principal, command
    )


@mutation(s.VoucherCancelPayload)
async def voucher_cancel(info: Info, input: s.VoucherCancelInput) -> Receipt[d.Voucher]:
    """Take a voucher back that was not used."""
    command = c.VoucherCancel(
        idempotency_key=input.idempotency_key, program=input.program, number=input.number, comment=input.comment
    )
    return await services.voucher_cancel(
        info.context.database, info.context.realtime.programs, info.context.principal, command
    )


@mutation(s.VoucherReissuePayload)
async def voucher_reissue(info: Info, input: s.VoucherReissueInput) -> Receipt[d.Voucher]:
    """Replace a voucher's number: the old one is worth nothing any more."""
    command = c.VoucherReissue(
        idempotency_key=input.idempotency_key, program=input.program, number=input.number, comment=input.comment
    )
    return await services.voucher_reissue(
        info.context.database, info.context.realtime.programs, info.context.principal, command
    )
