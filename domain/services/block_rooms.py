"""Where blocks are worked on: in a unit of work that shares its program with chunks, at one moment taken after that lock.

So nothing that happens here slips into a period that somebody closes meanwhile.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.blocks import BlockMove, BlockStatus, PointBlock, PointBlockMove
from domain.calendars import business_date
from domain.fingerprints import hash_of
from domain.partner_transactions import Direction, NewPartnerTransaction, PartnerTransactionKind
from domain.people import Principal, Scope
from domain.problems import IdempotencyKeyReused, Refused
from domain.programs import Program
from domain.receipts import Receipt
from domain.services.checks import INPUT
from domain.services.transactions.keys import check_key
from domain.store import blocks, idempotency, locks, partner_transactions, programs
from domain.store.database import Database, Writer
from domain.store.idempotency import Claim

EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Room:
    """A unit of work on blocks of one program: who works, and the moment."""

    writer: Writer
    actor: Principal
    program: Program
    now: datetime

    @property
    def today(self) -> date:
        """The program's date."""
        return business_date(self.now, self.program.time_zone)

    async def post(
        self,
        block: PointBlock,
        kind: PartnerTransactionKind,
        points: Decimal,
        why: str,
        *,
        promotion_id: int | None = None,
    ) -> None:
        """Move points of a locked block in the name of the actor: with negative points they leave it."""
        row = NewPartnerTransaction(
            program_id=block.program_id, partner_id=block.partner_id, kind=kind,
            direction=Direction.CREDIT if points > 0 else Direction.DEBIT, posted_on=self.today,
            created_by_id=self.actor.person_id, points=abs(points), block_id=block.id, price=block.price, description=why,
            promotion_id=promotion_id or block.promotion_id,
        )  # fmt: skip
        await partner_transactions.post(self.writer, [row])

    async def keep(
        self, block: PointBlock, move: BlockMove, before: BlockStatus | None, comment: str | None
    ) -> PointBlock:
        """Keep a move for good; the block as it is now."""
        after = await self.block(block.id)
        record = PointBlockMove(
            point_block_id=block.id, person_id=self.actor.person_id, move=move, from_status=before,
            to_status=after.status, submit_to_id=after.submit_to_id, comment=comment, created_at=self.now,
        )  # fmt: skip
        await blocks.record(self.writer, record)
        return after

    async def block(self, block_id: int) -> PointBlock:
        """A block as it is now."""
        found = await blocks.find(self.writer, EVERYTHING, block_id)
        assert found is not None
        return found


async def enter(database: Database, writer: Writer, actor: Principal, program: Program) -> Room:
    """Share the program with its chunks, then look at the clock."""
    await locks.patience(writer)
    await locks.program(writer, program.id)
    return Room(writer, actor, program, await database.now(writer))


async def enter_by_id(database: Database, writer: Writer, actor: Principal, program_id: int) -> Room:
    """The same for a program that something belongs to."""
    [program] = await programs.load_many(writer, EVERYTHING, [program_id])
    assert program is not None, "programs are never deleted"
    return await enter(database, writer, actor, program)


async def claimed(room: Room, mutation: str, command: Any, answer_id: int) -> Receipt[PointBlock] | None:
    """The earlier answer to a command with this idempotency key; None: it is new, and `answer_id` will be the answer."""
    check_key(command.idempotency_key)
    claim = Claim(
        room.actor.subject, mutation, command.idempotency_key, hash_of(command), PointBlock.__name__, answer_id
    )
    earlier = (await idempotency.claim(room.writer, [claim])).get(claim.name)
    if earlier is None:
        return None
    if earlier.input_hash != claim.input_hash:
        raise Refused(IdempotencyKeyReused(path=(INPUT, "idempotencyKey")))
    return Receipt(await room.block(earlier.answer_id), replayed=True)
