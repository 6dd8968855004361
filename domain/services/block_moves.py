"""Deciding about blocks: approve, reject, forward, close. Each is made of a locked block, by the table of moves.

Closing a promotion block returns what is left of it to the block it was carved from; what is left of any other lapses.
"""

from domain.activities import About
from domain.approvals import UnsuitableApprover
from domain.block_moves import Case, check
from domain.blocks import BlockMove, BlockStatus, PointBlock
from domain.commands.blocks import OnBlock, PointBlockApprove, PointBlockClose, PointBlockForward, PointBlockReject
from domain.entries import MAX_COMMENT
from domain.people import Principal
from domain.problems import Refused
from domain.receipts import Receipt
from domain.services.approvers import SUBMIT_TO
from domain.services.block_returns import give_back, lapse, locked_with_home
from domain.services.block_rooms import Room, claimed, enter_by_id
from domain.services.blocks import approver, buy
from domain.services.checks import INPUT, check_version, found, refuse
from domain.services.transactions.keys import check_key
from domain.store import activities
from domain.store import blocks as store
from domain.store.database import Database, Writer
from domain.values import text_problems

Answer = Receipt[PointBlock]


async def point_block_approve(
    database: Database, actor: Principal, command: PointBlockApprove, *, preview: bool = False
) -> Answer:
    """Its points are there from now on."""
    check_key(command.idempotency_key)
    async with database.rehearse() if preview else database.write() as writer:
        room, seen = await _room(database, writer, actor, command)
        if not preview and (earlier := await claimed(room, "pointBlockApprove", command, command.id)) is not None:
            return earlier
        block = await _allowed(room, seen, command, BlockMove.APPROVE)
        await _seen_to(room, block)
        return Receipt(await buy(room, block, command.comment))


async def point_block_reject(database: Database, actor: Principal, command: PointBlockReject) -> Answer:
    """Nothing is bought."""
    async with database.write() as writer:
        room, seen = await _room(database, writer, actor, command)
        block = await _allowed(room, seen, command, BlockMove.REJECT)
        await store.change(writer, block.id, status=BlockStatus.REJECTED, submit_to_id=None)
        await _seen_to(room, block)
        return Receipt(await room.keep(block, BlockMove.REJECT, block.status, command.comment))


async def point_block_forward(database: Database, actor: Principal, command: PointBlockForward) -> Answer:
    """It waits for somebody else."""
    async with database.write() as writer:
        room, seen = await _room(database, writer, actor, command)
        block = await _allowed(room, seen, command, BlockMove.FORWARD)
        asked = await approver(room, command.submit_to, block.requested_by_id)
        if asked.id == block.submit_to_id:
            raise Refused(UnsuitableApprover(name=asked.name, why="it waits for them already", path=SUBMIT_TO))
        await store.change(writer, block.id, status=BlockStatus.SUBMITTED, submit_to_id=asked.id)
        return Receipt(await room.keep(block, BlockMove.FORWARD, block.status, command.comment))


async def point_block_close(
    database: Database, actor: Principal, command: PointBlockClose, *, preview: bool = False
) -> Answer:
    """Nothing more is given of it; what is left returns to its parent, or lapses."""
    check_key(command.idempotency_key)
    async with database.rehearse() if preview else database.write() as writer:
        room, seen = await _room(database, writer, actor, command)
        if not preview and (earlier := await claimed(room, "pointBlockClose", command, command.id)) is not None:
            return earlier
        block = await _allowed(room, seen, command, BlockMove.CLOSE)
        if block.remaining > 0:
            leave = lapse if block.parent_id is None else give_back
            await leave(room, block, "The block was closed")
        await store.change(writer, block.id, status=BlockStatus.CLOSED, closed_at=room.now)
        return Receipt(await room.keep(block, BlockMove.CLOSE, block.status, command.comment))


async def _room(database: Database, writer: Writer, actor: Principal, command: OnBlock) -> tuple[Room, PointBlock]:
    """The room of the block that a command names, and the block as it is before it is locked."""
    refuse(text_problems(command.comment, MAX_COMMENT, INPUT, "comment", lines=True))
    seen = found(await store.find(writer, actor.scope, command.id), "block", None, "id")
    return await enter_by_id(database, writer, actor, seen.program_id), seen


async def _allowed(room: Room, seen: PointBlock, command: OnBlock, move: BlockMove) -> PointBlock:
    """The locked block, if the actor may make the move now, and has seen it as it is."""
    block = await locked_with_home(room, seen)
    check(Case(block, room.actor, room.today), move)
    check_version(command.expected_version, block.version)
    return block


async def _seen_to(room: Room, block: PointBlock) -> None:
    await activities.see_to(room.writer, room.actor, room.now, About(PointBlock.__name__, block.id))
