"""Adjustments of blocks, and fees in points or money: what a partner manager books by hand."""

from decimal import Decimal
from typing import Any

from domain.block_problems import InsufficientBlockPoints
from domain.blocks import BlockKind, PointBlock
from domain.commands.partner_accounts import PartnerBalanceAdjust, PartnerFeeCharge
from domain.currencies import check_money
from domain.engine.rejections import PartnerInactive
from domain.fees import Booked, MoreThanOverdrawn, ZeroFee
from domain.global_ids import seal
from domain.partner_transactions import Direction, NewPartnerTransaction
from domain.partner_transactions import PartnerTransactionKind as Kind
from domain.people import Principal
from domain.problems import Invalid, Missing, Problem, Refused
from domain.receipts import Receipt
from domain.services.bookings import MAX_DESCRIPTION, Booking, active_block, block_points, booked, concerned, owner_of
from domain.services.checks import INPUT, refuse
from domain.store import partners
from domain.store.database import Database
from domain.values import text_problems


async def partner_balance_adjust(
    database: Database, actor: Principal, command: PartnerBalanceAdjust, *, preview: bool = False
) -> Receipt[Booked]:
    """Correct an active block: a debit of at most what it has, a credit without a cap."""
    refuse(text_problems(command.description, MAX_DESCRIPTION, INPUT, "description", lines=True))
    points = block_points(command.points)

    async def work(booking: Booking) -> Booked:
        owner = await owner_of(booking, command.partner)
        block = await active_block(booking, command.block, owner)
        refuse(_adjustment_problems(block, command.direction, points))
        row = NewPartnerTransaction(
            program_id=booking.program.id, partner_id=owner, kind=Kind.ADJUSTMENT, direction=command.direction,
            posted_on=booking.today, created_by_id=actor.person_id, points=points, block_id=block.id,
            price=block.price, description=command.description, **await concerned(booking, command.transaction),
        )  # fmt: skip
        return await booking.post(row)

    return await booked(database, actor, command, command.program, work, preview=preview)


async def partner_fee_charge(
    database: Database, actor: Principal, command: PartnerFeeCharge, *, preview: bool = False
) -> Receipt[Booked]:
    """Charge a fee: points of an active block, at most what it has; or money, charged to no block."""
    refuse(
        [
            *text_problems(command.description, MAX_DESCRIPTION, INPUT, "description", lines=True),
            *_fee_problems(command),
        ]
    )
    points = None if command.points is None else block_points(command.points)

    async def work(booking: Booking) -> Booked:
        owner = await owner_of(booking, command.partner)
        await _check_takes_part(booking, command, owner)
        row = NewPartnerTransaction(
            program_id=booking.program.id, partner_id=owner, kind=Kind.FEE, direction=Direction.DEBIT,
            posted_on=booking.today, created_by_id=actor.person_id, description=command.description,
            **await concerned(booking, command.transaction), **await _charged(booking, command, owner, points),
        )  # fmt: skip
        return await booking.post(row)

    return await booked(database, actor, command, command.program, work, preview=preview)


async def _check_takes_part(booking: Booking, command: PartnerFeeCharge, owner: int | None) -> None:
    """A partner whose terms have ended still owes its last fees; one that never had any owes none."""
    if owner is not None and await partners.terms(booking.writer, booking.program.id, owner) is None:
        raise Refused(PartnerInactive(partner=command.partner or "", path=(INPUT, "partner")))


def _adjustment_problems(block: PointBlock, direction: Direction, points: Decimal) -> list[Problem]:
    place = (INPUT, "points")
    if direction is Direction.DEBIT:
        return _debit_problems(block, points)
    if block.kind is BlockKind.OVERDRAFT and block.remaining + points > 0:
        return [MoreThanOverdrawn(overdrawn=-block.remaining, given=points, path=place)]
    return []


def _debit_problems(block: PointBlock, points: Decimal) -> list[Problem]:
    available = max(Decimal(0), block.remaining)
    if points <= available:
        return []
    return [InsufficientBlockPoints(available=available, required=points, path=(INPUT, "points"))]


def _fee_problems(command: PartnerFeeCharge) -> list[Problem]:
    """A fee is points of a block, or money without one."""
    if command.points is None and command.money is None:
        return [Missing(why="a fee is either points of a block or money", path=(INPUT, "points"))]
    if command.points is not None and command.money is not None:
        expected = "nothing here where money is given: a fee is either points of a block or money"
        return [Invalid(value=f"{command.points:f}", expected=expected, path=(INPUT, "points"))]
    if command.points is not None:
        return [] if command.block is not None else [Missing(why="points are of a block", path=(INPUT, "block"))]
    assert command.money is not None
    if command.block is not None:
        expected = "nothing here: a fee in money is charged to no block"
        return [Invalid(value=seal("PointBlock", command.block), expected=expected, path=(INPUT, "block"))]
    if command.money.amount == 0:
        return [ZeroFee(path=(INPUT, "money", "amount"))]
    return list(check_money(command.money.amount, command.money.currency, INPUT, "money"))


async def _charged(
    booking: Booking, command: PartnerFeeCharge, owner: int | None, points: Decimal | None
) -> dict[str, Any]:
    """The columns of what is charged."""
    if command.money is not None:
        return {"amount": command.money.amount, "currency": command.money.currency}
    assert command.block is not None
    assert points is not None
    block = await active_block(booking, command.block, owner)
    refuse(_debit_problems(block, points))
    return {"points": points, "block_id": block.id, "price": block.price}
