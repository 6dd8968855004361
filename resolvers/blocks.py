"""Root fields about point blocks."""

from collections.abc import Sequence

import strawberry

import domain.blocks as d
import domain.commands.blocks as c
import schema.blocks as s
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import block_carving, block_moves
from domain.services import blocks as services
from domain.store import blocks as store
from domain.store.database import Reader
from domain.store.keyset import page_of
from resolvers.context import Context, Info
from resolvers.ids import key
from resolvers.inputs import some
from resolvers.loaders import loads
from resolvers.roots import mutation, query
from schema.ids import unseal
from schema.loads import MOVES_OF_BLOCK, POINT_BLOCK
from schema.pages import After, Connection, First
from schema.partners import BLOCKS, BlocksAsked


@loads(POINT_BLOCK, node="PointBlock")
async def _blocks(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.PointBlock | None]:
    return await store.load_many(reader, scope, ids)


@loads(MOVES_OF_BLOCK)
async def _records(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.PointBlockMove]]:
    return await store.load_moves(reader, scope, ids)


@loads(s.AVAILABLE)
async def _moves(reader: Reader, _: Scope, asked: list[s.BlockMovesAsked]) -> Sequence[tuple[d.BlockMove, ...]]:
    context = asked[0].context
    assert isinstance(context, Context)
    return await services.moves_of(context.database, reader, context.principal, [each.block for each in asked])


@BLOCKS.answered_by
async def _of_partner(context: Context, asked: BlocksAsked) -> Page[d.PointBlock]:
    wanted = c.PointBlockFilter(partner=asked.partner, program=asked.program, active=asked.active)
    listing = store.listing(context.principal.scope, wanted, c.PointBlockOrder.CREATED_AT, descending=False)
    return await page_of(context.database, listing, asked.request)


@query(s.PointBlock | None)
async def point_block(info: Info, id: strawberry.ID) -> d.PointBlock | None:
    """A block by its id; null if there is none, or none that you may see."""
    found = unseal(id)
    if found is None or found.type != "PointBlock" or not isinstance(found.key, int):
        return None
    return await info.context.load(POINT_BLOCK, found.key)


@query(Connection[s.PointBlock])
async def point_blocks(
    info: Info,
    filter: s.PointBlockFilter | None = None,
    order_by: s.PointBlockOrderBy | None = None,
    first: First = 20,
    after: After = None,
) -> Page[d.PointBlock]:
    """The blocks that you may see; a partner sees its own."""
    wanted, order = filter or s.PointBlockFilter(), order_by or s.PointBlockOrderBy()
    listing = store.listing(
        info.context.principal.scope,
        c.PointBlockFilter(
            program=wanted.program,
            partner=wanted.partner,
            host=wanted.host,
            kind=some(wanted.kind),
            status=some(wanted.status),
            active=wanted.active,
        ),
        order.field,
        descending=order.direction.descending,
    )
    return await page_of(info.context.database, listing, PageRequest(first, after))


@mutation(s.PointBlockPurchasePayload)
async def point_block_purchase(info: Info, input: s.PointBlockPurchaseInput) -> Receipt[d.PointBlock]:
    """Buy points for a partner, or for the host: at the price of its pricing rule, approved at once or by whom you ask."""
    command = c.PointBlockPurchase(
        idempotency_key=input.idempotency_key,
        program=input.program,
        partner=input.partner,
        points=input.points,
        kind=input.kind,
        starts_on=input.starts_on,
        ends_on=input.ends_on,
        price=input.price,
        currency=input.currency,
        submit_to=input.submit_to,
        comment=input.comment,
    )
    context = info.context
    return await services.point_block_purchase(context.database, context.principal, command, preview=input.preview)


@mutation(s.PointBlockApprovePayload)
async def point_block_approve(info: Info, input: s.PointBlockApproveInput) -> Receipt[d.PointBlock]:
    """Grant a purchase: its points are there from now on. Nobody approves what they asked for."""
    command = c.PointBlockApprove(
        idempotency_key=input.idempotency_key,
        id=key(input.id, "PointBlock", "input", "id"),
        expected_version=input.expected_version,
        comment=input.comment,
    )
    context = info.context
    return await block_moves.point_block_approve(context.database, context.principal, command, preview=input.preview)


@mutation(s.PointBlockRejectPayload)
async def point_block_reject(info: Info, input: s.PointBlockRejectInput) -> Receipt[d.PointBlock]:
    """Do not grant a purchase, and say why."""
    command = c.PointBlockReject(
        id=key(input.id, "PointBlock", "input", "id"), expected_version=input.expected_version, comment=input.comment
    )
    return await block_moves.point_block_reject(info.context.database, info.context.principal, command)


@mutation(s.PointBlockForwardPayload)
async def point_block_forward(info: Info, input: s.PointBlockForwardInput) -> Receipt[d.PointBlock]:
    """Ask somebody else to decide about a purchase."""
    command = c.PointBlockForward(
        id=key(input.id, "PointBlock", "input", "id"),
        expected_version=input.expected_version,
        submit_to=input.submit_to,
        comment=input.comment,
    )
    return await block_moves.point_block_forward(info.context.database, info.context.principal, command)


@mutation(s.PointBlockCarvePayload)
async def point_block_carve(info: Info, input: s.PointBlockCarveInput) -> Receipt[d.PointBlock]:
    """Set points of a block aside for a promotion: they pay for nothing else."""
    command = c.PointBlockCarve(
        idempotency_key=input.idempotency_key,
        id=key(input.id, "PointBlock", "input", "id"),
        promotion=input.promotion,
        points=input.points,
        starts_on=input.starts_on,
        ends_on=input.ends_on,
        comment=input.comment,
    )
    context = info.context
    return await block_carving.point_block_carve(context.database, context.principal, command, preview=input.preview)


@mutation(s.PointBlockClosePayload)
async def point_block_close(info: Info, input: s.PointBlockCloseInput) -> Receipt[d.PointBlock]:
    """End a block: what is left of a promotion block returns to where it came from, what is left of any other lapses."""
    command = c.PointBlockClose(
        idempotency_key=input.idempotency_key,
        id=key(input.id, "PointBlock", "input", "id"),
        expected_version=input.expected_version,
        comment=input.comment,
    )
    context = info.context
    return await block_moves.point_block_close(context.database, context.principal, command, preview=input.preview)
