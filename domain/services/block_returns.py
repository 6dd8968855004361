"""Where points go that leave a block for good: back to the block they were carved from, or nowhere, they lapse."""

from decimal import Decimal

from domain.blocks import BlockKind, BlockMove, BlockStatus, PointBlock, home
from domain.partner_transactions import PartnerTransactionKind
from domain.pricing_rules import cost_of
from domain.services.block_rooms import Room
from domain.store import blocks as store
from domain.store import locks


async def locked_with_home(room: Room, block: PointBlock) -> PointBlock:
    """A block locked together with every block that its points could return to; as it is now."""
    ids = {block.id}
    if block.parent_id is not None:
        active = await store.active_of(room.writer, block.program_id, block.partner_id, room.today)
        ids |= {block.parent_id, *(each.id for each in active)}
    return (await locks.blocks(room.writer, sorted(ids)))[block.id]


async def lapse(room: Room, block: PointBlock, why: str) -> None:
    """What is left of a locked block is lost."""
    await room.post(block, PartnerTransactionKind.LAPSE, -block.remaining, why)


async def give_back(room: Room, block: PointBlock, why: str) -> None:
    """What is left of a locked block returns to its parent; if that is no longer active, to where points come back."""
    assert block.parent_id is not None
    parent = await room.block(block.parent_id)
    others = await store.active_of(room.writer, block.program_id, block.partner_id, room.today)
    target = await _held(room, home(parent, others, room.today))
    target = target or await new_home(room, block, block.remaining, why)
    for each, points in ((block, -block.remaining), (target, block.remaining)):
        await room.post(each, PartnerTransactionKind.RETURN, points, why, promotion_id=block.promotion_id)


async def _held(room: Room, block: PointBlock | None) -> PointBlock | None:
    """The block, locked, unless somebody has ended it: one that was bought meanwhile was not among those that were locked."""
    if block is None:
        return None
    locked = (await locks.blocks(room.writer, [block.id]))[block.id]
    return locked if locked.active(room.today) else None


async def new_home(room: Room, block: PointBlock, points: Decimal, why: str) -> PointBlock:
    """A new block of the same price, for points that have nowhere else to go."""
    made = await store.add(
        room.writer, id=await store.next_id(room.writer), program_id=block.program_id, partner_id=block.partner_id,
        kind=BlockKind.NORMAL, status=BlockStatus.APPROVED, original=points, starts_on=room.today, ends_on=None,
        price=block.price, currency=block.currency, cost=cost_of(points, block.price, block.currency), comment=why,
        created_at=room.now, approved_at=room.now, requested_by_id=room.actor.person_id,
    )  # fmt: skip
    return await room.keep(made, BlockMove.PURCHASE, None, why)
