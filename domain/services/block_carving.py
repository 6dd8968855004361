"""Carving: points of a block are set aside for one promotion, in a block of their own that pays for nothing else."""

from datetime import date

from domain.block_moves import Case, check
from domain.block_problems import InsufficientBlockPoints
from domain.blocks import BlockKind, BlockMove, BlockStatus, PointBlock, points_problems
from domain.commands.blocks import PointBlockCarve
from domain.entries import MAX_COMMENT
from domain.partner_transactions import PartnerTransactionKind
from domain.people import Principal
from domain.pricing_rules import cost_of
from domain.problems import Invalid, Refused
from domain.promotions import Promotion
from domain.purchases import date_problems
from domain.receipts import Receipt
from domain.services.block_rooms import Room, claimed, enter_by_id
from domain.services.checks import INPUT, found, refuse
from domain.services.transactions.keys import check_key
from domain.store import blocks as store
from domain.store import locks, promotions
from domain.store.database import Database
from domain.values import shown, text_problems


async def point_block_carve(
    database: Database, actor: Principal, command: PointBlockCarve, *, preview: bool = False
) -> Receipt[PointBlock]:
    """A block of its own for a promotion, at the price of the one it comes from; it ends with that, or earlier."""
    check_key(command.idempotency_key)
    refuse(text_problems(command.comment, MAX_COMMENT, INPUT, "comment", lines=True))
    async with database.rehearse() if preview else database.write() as writer:
        seen = found(await store.find(writer, actor.scope, command.id), "block", None, "id")
        room = await enter_by_id(database, writer, actor, seen.program_id)
        number = await store.next_id(writer)
        if not preview and (earlier := await claimed(room, "pointBlockCarve", command, number)) is not None:
            return earlier
        promotion = found(
            await promotions.find(writer, actor.scope, seen.program_id, command.promotion),
            "promotion", shown(command.promotion), "promotion",
        )  # fmt: skip
        parent = (await locks.blocks(writer, [seen.id]))[seen.id]
        check(Case(parent, actor, room.today), BlockMove.CARVE)
        return Receipt(await _carved(room, number, parent, promotion, command))


async def _carved(
    room: Room, number: int, parent: PointBlock, promotion: Promotion, command: PointBlockCarve
) -> PointBlock:
    starts_on, ends_on = _dates(room, parent, command)
    refuse(points_problems(command.points, INPUT, "points"))
    if command.points > parent.remaining:
        problem = InsufficientBlockPoints(available=parent.remaining, required=command.points, path=(INPUT, "points"))
        raise Refused(problem)
    child = await store.add(
        room.writer, id=number, program_id=parent.program_id, partner_id=parent.partner_id, kind=BlockKind.PROMOTION,
        status=BlockStatus.APPROVED, original=command.points, starts_on=starts_on, ends_on=ends_on, price=parent.price,
        currency=parent.currency, cost=cost_of(command.points, parent.price, parent.currency),
        promotion_id=promotion.id, parent_id=parent.id, requested_by_id=room.actor.person_id, comment=command.comment,
        created_at=room.now, approved_at=room.now,
    )  # fmt: skip
    what = f"Set aside for {promotion.code}"
    for block, points in ((parent, -command.points), (child, command.points)):
        await room.post(block, PartnerTransactionKind.CARVE, points, what, promotion_id=promotion.id)
    await room.keep(parent, BlockMove.CARVE, parent.status, command.comment)
    return await room.keep(child, BlockMove.CARVE, None, command.comment)


def _dates(room: Room, parent: PointBlock, command: PointBlockCarve) -> tuple[date, date | None]:
    """When the new block can be used: never longer than its parent."""
    starts_on = command.starts_on or room.today
    ends_on = command.ends_on or parent.ends_on
    refuse(date_problems(starts_on, ends_on, room.today, INPUT))
    if ends_on is not None and parent.ends_on is not None and ends_on > parent.ends_on:
        expected = f"{parent.ends_on} or earlier, when the block it comes from ends"
        raise Refused(Invalid(value=ends_on.isoformat(), expected=expected, path=(INPUT, "endsOn")))
    return starts_on, ends_on
