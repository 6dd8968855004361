"""What rolled up to a parent and is taken back: the parent gives it to the child first, and the child then gives it back.

The parent gives out of the very lots in which it arrived, then nearest expiry; what lapsed there counts as returned. Both sides
are transactions of their own that cancel the two sides of the roll-up.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from msgspec import structs

from domain.engine.book import Book
from domain.engine.chunk import Chunk
from domain.engine.decision import ReturnLine, ReversalLine
from domain.engine.lines import balance_lines, taken_of, totals_of
from domain.engine.originals import GivenLot, OriginalState, RollUp, TakenUse
from domain.engine.outcome import FollowUp, NewRestore, NewReversal, NewUse, Outcome, Reversed
from domain.engine.rejections import OfMergedMember, Rejected
from domain.engine.snapshot import BalanceState
from domain.engine.taking_back import Lend, TakenBack, take_back
from domain.members import MemberStatus
from domain.points import Units
from domain.transactions import Status, SubStatus, Type
from domain.transactions import SubType as Sub

Lender = Callable[[int, Book, list[Outcome]], Lend | None]
"""How a member is lent what it lacks for a transaction: takes its number, the page and where the loan is to be noted."""


@dataclass(frozen=True, slots=True)
class FlowedBack:
    """The original with its roll-up as it is now, and what had to happen for it."""

    original: OriginalState
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class _Returning:
    """One transaction that takes back a side of a roll-up: its number, because of which other, and the page before it."""

    number: int
    follows_id: int
    side: OriginalState
    book: Book
    before: Mapping[int, BalanceState]


def flow_back(
    chunk: Chunk, book: Book, original: OriginalState, due: Mapping[int, int], number: int, *, lender: Lender
) -> FlowedBack:
    """Bring back from the parent what is due of each lot, by position, and is not there; raises Rejected.

    `number`: of the transaction for which that happens.
    """
    if original.roll_up is None:
        return FlowedBack(original)
    wanted = _wanted(book, original, original.roll_up, due)
    if not wanted:
        return FlowedBack(original)
    parent, into, lent = chunk.books[original.roll_up.into.member_id], original.roll_up.into, list[Outcome]()
    if parent.status is MemberStatus.MERGED:
        raise Rejected(OfMergedMember())
    side = _Returning(chunk.numbers.take(), number, into, parent, dict(parent.balances))
    taken = take_back(chunk.program, parent, into, wanted, side.number, lend=lender(side.number, parent, lent))
    came = replace(into, lots=tuple(_less(into.lots, taken.reversals)))
    given = _given(chunk, side, came, taken, book.member.id)
    units = {each.lot_position: each.points - each.lapsed for each in taken.reversals if each.points > each.lapsed}
    out = original.roll_up.out
    if units:
        put = _Returning(chunk.numbers.take(), number, out, book, dict(book.balances))
        out, back = _put_back(chunk, put, units, parent.member.id)
        lent.append(back)
    return FlowedBack(replace(original, roll_up=RollUp(out, came)), (given, *lent))


def _wanted(book: Book, original: OriginalState, roll_up: RollUp, due: Mapping[int, int]) -> dict[int, int]:
    """What the child lacks of each lot, as far as it went to the parent and has not come back: by position there."""
    arrived = {each.lot.position: each for each in roll_up.into.lots}
    wanted = {}
    for use in roll_up.out.uses:
        lot = book.lots[use.lot.key]
        missing = due.get(lot.position, 0) - lot.remaining if lot.transaction_id == original.id else 0
        there = arrived[use.position]
        units = min(missing, there.points - there.reversed)
        if units > 0:
            wanted[use.position] = units
    return wanted


def _less(lots: Iterable[GivenLot], reversals: Iterable[NewReversal]) -> Iterable[GivenLot]:
    by_position = {each.lot_position: each for each in reversals}
    for lot in lots:
        back = by_position.get(lot.lot.position)
        yield lot if back is None else replace(lot, reversed=back.reversed, counted=lot.counted + back.lapsed)


def _given(chunk: Chunk, side: _Returning, came: OriginalState, taken: TakenBack, child_id: int) -> Outcome:
    """The parent's side: it loses what came to it."""
    owner, total = side.book.member.id, sum(each.points for each in came.lots)
    upto, now = sum(each.reversed for each in came.lots), sum(each.points for each in taken.reversals)
    uses = tuple(
        NewUse(owner, side.number, position, *key, side.book.lots[key].point_type_id, Units(units))
        for position, (key, units) in enumerate(taken.units.items())
    )
    lines = tuple(
        ReturnLine(each.lot_transaction_id, each.lot_position, each.point_type_id, each.points, each.lapsed)
        for each in taken.reversals
    )
    undone = Reversed(came.id, upto == total, (), taken.reversals)
    made = _outcome(chunk, side, lines, (Fraction(now, total), Fraction(upto, total)), (Type.REDEMPTION, child_id))
    return structs.replace(made, uses=uses, totals=taken_of(chunk.program, uses, side.book), reversed=undone)


def _put_back(
    chunk: Chunk, side: _Returning, units: Mapping[int, int], parent_id: int
) -> tuple[OriginalState, Outcome]:
    """The child's side: its own lots have again what the parent has given."""
    book, out, restores = side.book, side.side, list[NewRestore]()
    for use in out.uses:
        if back := units.get(use.position, 0):
            kind, place = use.lot.point_type_id, (out.id, use.position)
            restores.append(
                NewRestore(book.member.id, side.number, len(restores), *use.lot.key, kind, Units(back), *place)
            )
            book.put_back(kind, {use.lot.key: back})
    uses = tuple(replace(each, restored=each.restored + units.get(each.position, 0)) for each in out.uses)
    total, upto, now = sum(each.points for each in uses), sum(each.restored for each in uses), sum(units.values())
    lines = tuple(ReturnLine(*_lot_of(each), each.point_type_id, each.points, 0) for each in restores)
    made = _outcome(chunk, side, lines, (Fraction(now, total), Fraction(upto, total)), (Type.ACCRUAL, parent_id))
    totals = totals_of(chunk.program, _kinds(out.uses, units))
    undone = Reversed(out.id, upto == total, tuple(restores))
    return replace(out, uses=uses), structs.replace(made, totals=totals, reversed=undone)


def _lot_of(restore: NewRestore) -> tuple[int, int]:
    return restore.lot_transaction_id, restore.lot_position


def _kinds(uses: Iterable[TakenUse], units: Mapping[int, int]) -> Iterable[tuple[int, int, bool]]:
    return [
        (each.lot.point_type_id, units[each.position], each.lot.qualifying) for each in uses if each.position in units
    ]


def _outcome(
    chunk: Chunk,
    side: _Returning,
    lines: tuple[ReturnLine, ...],
    shares: tuple[Fraction, Fraction],
    made: tuple[Type, int],
) -> Outcome:
    """Its own share of the side, and the share with it; its type, and the member at the other end."""
    (now, upto), (kind, other_id), cancelled = shares, made, side.side
    line = ReversalLine(cancelled.id, cancelled.transaction_date, str(upto - now), str(upto), lines)
    decision = chunk.decided(SubStatus.SUCCESS, balances=balance_lines(dict(side.before), side.book), reversal=line)
    follow_up = FollowUp(
        side.follows_id, kind, Sub.CANCELLATION, chunk.today, other_id, cancels_id=cancelled.id, share=now
    )
    return Outcome(
        side.number, side.book.member.id, 1, Status.PROCESSED, SubStatus.SUCCESS, decision, follow_up=follow_up
    )
