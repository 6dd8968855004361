"""Refunds of fees: of one FEE, whole, once, for a reason that the program lists.

Points go back to the block that paid; if that can no longer be used, to the active one of the same owner that ends first;
else to a new one of the same price.
"""

from domain.blocks import PointBlock, home
from domain.commands.partner_accounts import PartnerFeeRefund
from domain.fees import AlreadyRefunded, Booked, NotAFee, UnknownReason
from domain.global_ids import seal
from domain.partner_transactions import Direction, NewPartnerTransaction, PartnerTransaction
from domain.partner_transactions import PartnerTransactionKind as Kind
from domain.people import Principal
from domain.problems import Refused
from domain.receipts import Receipt
from domain.services.block_returns import new_home
from domain.services.block_rooms import Room
from domain.services.bookings import EVERYTHING, MAX_DESCRIPTION, Booking, booked
from domain.services.checks import INPUT, found, refuse
from domain.store import blocks, locks, partner_transaction_lists, programs
from domain.store.database import Database
from domain.values import shown, text_problems

MAX_REASON = 64
ATTEMPTS = 3
"""How often a refund is tried while the block that is to take it is being closed."""


class _Moved(Exception):
    """The block that was to take a refund was closed meanwhile."""


async def partner_fee_refund(
    database: Database, actor: Principal, command: PartnerFeeRefund, *, preview: bool = False
) -> Receipt[Booked]:
    """Give a whole fee back, once: to its block; if that can no longer be used, to the active one that ends first; else to a new one."""
    refuse(
        [
            *text_problems(command.description, MAX_DESCRIPTION, INPUT, "description", lines=True),
            *text_problems(command.reason_code, MAX_REASON, INPUT, "reasonCode"),
        ]
    )
    async with database.read() as reader:
        [fee] = await partner_transaction_lists.load_many(reader, actor.scope, [command.fee])
        fee = found(fee, "partner transaction", seal("PartnerTransaction", command.fee), "fee")
        [program] = await programs.load_many(reader, EVERYTHING, [fee.program_id])
    assert program is not None, "programs are never deleted"

    async def work(booking: Booking) -> Booked:
        return await _refund(booking, fee, command)

    for _ in range(ATTEMPTS - 1):
        try:
            return await booked(database, actor, command, program.code, work, preview=preview)
        except _Moved:
            continue
    return await booked(database, actor, command, program.code, work, preview=preview)


async def _refund(booking: Booking, fee: PartnerTransaction, command: PartnerFeeRefund) -> Booked:
    if fee.kind is not Kind.FEE:
        raise Refused(NotAFee(kind=fee.kind, path=(INPUT, "fee")))
    allowed = booking.program.settings.refund_reasons
    if command.reason_code not in allowed:
        unknown = UnknownReason(value=shown(command.reason_code), allowed=allowed, path=(INPUT, "reasonCode"))
        raise Refused(unknown)
    await _refuse_second(booking, fee)
    block = None if fee.block_id is None else await _taking_back(booking, fee)
    row = NewPartnerTransaction(
        program_id=fee.program_id, partner_id=fee.partner_id, kind=Kind.REFUND, direction=Direction.CREDIT,
        posted_on=booking.today, created_by_id=booking.actor.person_id, points=fee.points, amount=fee.amount,
        currency=fee.currency, block_id=None if block is None else block.id, price=None if block is None else block.price,
        description=command.description, reason_code=command.reason_code, refunds_id=fee.id,
        member_transaction_id=fee.member_transaction_id, member_id=fee.member_id,
    )  # fmt: skip
    return await booking.post(row)


async def _refuse_second(booking: Booking, fee: PartnerTransaction) -> None:
    """A fee is refunded once: who comes second waits for the first, and is told what it did."""
    await locks.fee(booking.writer, fee.id)
    [refund] = await partner_transaction_lists.refunds_of(booking.writer, EVERYTHING, [fee.id])
    if refund is not None:
        second = AlreadyRefunded(refund=seal("PartnerTransaction", refund.id), refunded_on=refund.posted_on)
        raise Refused(second.at(INPUT, "fee"))


async def _taking_back(booking: Booking, fee: PartnerTransaction) -> PointBlock:
    """The locked block that takes the points of a fee back."""
    assert fee.block_id is not None
    assert fee.points is not None
    charged = await blocks.find(booking.writer, EVERYTHING, fee.block_id)
    assert charged is not None, "blocks are never deleted"
    others = await blocks.active_of(booking.writer, fee.program_id, fee.partner_id, booking.today)
    target = home(charged, others, booking.today)
    if target is None:
        room = Room(booking.writer, booking.actor, booking.program, booking.now)
        return await new_home(room, charged, fee.points, f"Refund of a fee of {fee.posted_on}")
    locked = (await locks.blocks(booking.writer, [target.id]))[target.id]
    if not locked.active(booking.today):
        raise _Moved
    return locked
