"""Booking by hand into partner accounts: each booking writes one row that never changes, once per key.

A booking shares its program with the chunks of the engine, so that nothing is booked into a period while it is closed, and
locks the block it moves.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.block_problems import BlockInactive
from domain.blocks import BLOCK_DECIMALS, PointBlock
from domain.calendars import business_date
from domain.commands.partner_accounts import PartnerBalanceAdjust, PartnerFeeCharge, PartnerFeeRefund
from domain.fees import Booked
from domain.fingerprints import hash_of
from domain.global_ids import seal
from domain.partner_transactions import NewPartnerTransaction
from domain.people import Principal, Scope
from domain.points import from_units, to_units
from domain.problems import IdempotencyKeyReused, Refused
from domain.programs import Program
from domain.receipts import Receipt
from domain.services.checks import INPUT, found
from domain.services.transactions.keys import check_key
from domain.store import (
    blocks,
    idempotency,
    locks,
    partner_transaction_lists,
    partner_transactions,
    partners,
    programs,
    transactions,
)
from domain.store.database import Database, Writer
from domain.store.idempotency import Claim
from domain.values import shown

MAX_DESCRIPTION = 1_000
EVERYTHING = Scope()
Command = PartnerBalanceAdjust | PartnerFeeCharge | PartnerFeeRefund
MUTATIONS: dict[type[Command], str] = {
    PartnerBalanceAdjust: "partnerBalanceAdjust",
    PartnerFeeCharge: "partnerFeeCharge",
    PartnerFeeRefund: "partnerFeeRefund",
}


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking under its program's lock; `key`: the number that its row gets."""

    writer: Writer
    actor: Principal
    program: Program
    key: int
    now: datetime

    @property
    def today(self) -> date:
        """In the program's time zone: the day on which it is posted."""
        return business_date(self.now, self.program.time_zone)

    async def post(self, row: NewPartnerTransaction) -> Booked:
        """Write the row and move the points of its locked block."""
        [written] = await partner_transactions.post(self.writer, [row], key=self.key)
        block = None if written.block_id is None else await blocks.find(self.writer, EVERYTHING, written.block_id)
        return Booked(written, block)


Work = Callable[[Booking], Awaitable[Booked]]


async def booked(
    database: Database, actor: Principal, command: Command, code: str, work: Work, *, preview: bool
) -> Receipt[Booked]:
    """Do the work once per key, under the program's lock; a preview is undone and uses up no key."""
    check_key(command.idempotency_key)
    async with database.rehearse() if preview else database.write() as writer:
        await locks.patience(writer)
        program = found(await programs.find(writer, actor.scope, code), "program", shown(code), "program")
        number = await partner_transactions.next_id(writer)
        if not preview and (earlier := await _claimed(writer, actor, command, number)) is not None:
            return earlier
        await locks.program(writer, program.id)
        booking = Booking(writer, actor, program, number, await database.now(writer))
        return Receipt(replace(await work(booking), preview=preview))


async def _claimed(writer: Writer, actor: Principal, command: Command, number: int) -> Receipt[Booked] | None:
    """The answer of before, if this key was used before; its block as it is now."""
    claim = Claim(
        actor.subject, MUTATIONS[type(command)], command.idempotency_key, hash_of(command), "PartnerTransaction", number
    )
    earlier = (await idempotency.claim(writer, [claim])).get(claim.name)
    if earlier is None:
        return None
    if earlier.input_hash != claim.input_hash:
        raise Refused(IdempotencyKeyReused(path=(INPUT, "idempotencyKey")))
    [row] = await partner_transaction_lists.load_many(writer, EVERYTHING, [earlier.answer_id])
    assert row is not None, "its key stands in the same commit"
    block = None if row.block_id is None else await blocks.find(writer, EVERYTHING, row.block_id)
    return Receipt(Booked(row, block), replayed=True)


async def owner_of(booking: Booking, code: str | None) -> int | None:
    """The partner that is named; None: the host."""
    if code is None:
        return None
    partner = await partners.find(booking.writer, booking.actor.scope, code)
    return found(partner, "partner", shown(code), "partner").id


async def active_block(booking: Booking, block_id: int, owner: int | None) -> PointBlock:
    """A block of that owner, locked; raises Refused for one of somebody else, as if there were none, and for an inactive one."""
    locked = (await locks.blocks(booking.writer, [block_id])).get(block_id)
    owned = locked is not None and (locked.program_id, locked.partner_id) == (booking.program.id, owner)
    block = found(locked if owned else None, "point block", seal("PointBlock", block_id), "block")
    if not block.active(booking.today):
        inactive = BlockInactive(
            status=block.status, starts_on=block.starts_on, ends_on=block.ends_on, today=booking.today
        )
        raise Refused(inactive.at(INPUT, "block"))
    return block


async def concerned(booking: Booking, transaction_id: int | None) -> dict[str, Any]:
    """The columns of the member's transaction that a booking concerns."""
    if transaction_id is None:
        return {}
    [known] = await transactions.load_many(booking.writer, booking.actor.scope, [transaction_id])
    if known is not None and known.program_id != booking.program.id:
        known = None
    known = found(known, "transaction", seal("Transaction", transaction_id), "transaction")
    return {"member_transaction_id": known.id, "member_id": known.member_id}


def block_points(points: Decimal) -> Decimal:
    """Points of a block, more than zero and not too fine; raises Refused."""
    return from_units(to_units(points, BLOCK_DECIMALS, INPUT, "points"), BLOCK_DECIMALS)
