"""What a cancellation gives back to the blocks that paid, and takes off bills: round(cumulative share) - what came back before.

Points that have expired return nowhere. The original block takes its points back; where it is closed or past its end, the
earliest-expiring one of the same owner does, else a new block of the same price (domain: partners, refunds).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from domain.blocks import BlockKind
from domain.engine.charges import MONEY, Charged
from domain.engine.limits import Stock
from domain.engine.originals import GivenBill, GivenDebit, GivenLot, OriginalState
from domain.engine.outcome import Bill, BlockDebit, NewReversal
from domain.engine.supply import BlockState
from domain.points import Units
from domain.refunds import returned

NEW_BLOCK = 0
"""Stands for a block that is still to be made."""


def give_back(
    stock: Stock, original: OriginalState, reversals: Iterable[NewReversal]
) -> tuple[Charged, tuple[GivenLot, ...]]:
    """What comes back by these reversals, written into the stock; and the lots of the original as they are with it."""
    debits, bills = list[BlockDebit](), list[Bill]()
    by_position = {each.lot_position: each for each in reversals}
    lots = []
    for lot in original.lots:
        back = by_position.get(lot.lot.position)
        if back is not None:
            share = _share(lot, back)
            debits += _debits_back(stock, lot, back, share)
            bills += _bills_back(original, lot, back, share)
            lot = _with(lot, back, share)  # noqa: PLW2901 - the lot as it is by now
        lots.append(lot)
    return Charged(tuple(debits), tuple(bills)), tuple(lots)


def _share(lot: GivenLot, back: NewReversal) -> Fraction:
    """How much of what was given is back by now, but for what has expired."""
    return Fraction(back.reversed - lot.counted - back.lapsed, lot.points)


def _with(lot: GivenLot, back: NewReversal, share: Fraction) -> GivenLot:
    return replace(
        lot,
        reversed=back.reversed,
        counted=lot.counted + back.lapsed,
        debits=tuple(replace(each, returned=_upto(each, share)) for each in lot.debits),
        bills=tuple(
            replace(each, returned_points=_part(each.points, share), returned_amount=_part(each.amount, share))
            for each in lot.bills
        ),
    )


def _upto(debit: GivenDebit, share: Fraction) -> int:
    return returned(Units(debit.points), share)


def _part(whole: Decimal, share: Fraction) -> Decimal:
    return (whole * share.numerator / share.denominator).quantize(MONEY, ROUND_HALF_UP)


def _debits_back(stock: Stock, lot: GivenLot, back: NewReversal, share: Fraction) -> Iterator[BlockDebit]:
    for debit in lot.debits:
        due = _upto(debit, share) - debit.returned
        if due > 0:
            for block, points in _places(stock, debit, due):
                yield _debit_back(lot, back, debit, block, points)


def _debit_back(
    lot: GivenLot, back: NewReversal, debit: GivenDebit, block: BlockState | None, points: int
) -> BlockDebit:
    return BlockDebit(
        back.member_id, back.transaction_id, *lot.lot.key, NEW_BLOCK if block is None else block.id, debit.owner,
        debit.partner, -points, debit.price, debit.currency, debit.promotion_id, debit.id,
    )  # fmt: skip


def _places(stock: Stock, debit: GivenDebit, due: int) -> Iterator[tuple[BlockState | None, int]]:
    """Where so much goes; an overdraft takes back only what is still overdrawn."""
    own = stock.supply.by_id.get(debit.block_id)
    if own is not None:
        part = min(due, -stock.left_of(own)) if own.kind is BlockKind.OVERDRAFT else due
        if part > 0:
            yield _into(stock, own, part), part
            due -= part
    if due > 0:
        refuge = stock.supply.refuge(debit.owner)
        yield None if refuge is None else _into(stock, refuge, due), due


def _into(stock: Stock, block: BlockState, points: int) -> BlockState:
    stock.left[block.id] = stock.left_of(block) + points
    return block


def _bills_back(original: OriginalState, lot: GivenLot, back: NewReversal, share: Fraction) -> Iterator[Bill]:
    for bill in lot.bills:
        points = _part(bill.points, share) - bill.returned_points
        if points > 0:
            yield _bill_back(original, lot, back, bill, (points, _part(bill.amount, share) - bill.returned_amount))


def _bill_back(
    original: OriginalState, lot: GivenLot, back: NewReversal, bill: GivenBill, due: tuple[Decimal, Decimal]
) -> Bill:
    points, amount = due
    return Bill(
        back.member_id, back.transaction_id, *lot.lot.key, bill.partner_id, bill.partner, back.point_type_id,
        bill.promotion_id, original.transaction_date, -points, bill.price, bill.currency, bill.percentage, -amount,
        bill.id,
    )  # fmt: skip


def owners_of(originals: Iterable[OriginalState]) -> Mapping[int, int | None]:
    """The blocks that paid for what is to be taken back, each with its owner."""
    return {
        debit.block_id: debit.owner
        for original in originals
        for each in original.everything
        for lot in each.lots
        for debit in lot.debits
    }
