"""Merging members: everything that has not lapsed leaves one and arrives at the other, as it was earned; the highest tier stays.

Progress is not moved: the member who stays counts the qualifying lots of those merged into it as its own.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from msgspec import structs

from domain.engine.book import Book, has_lapsed, paying_order
from domain.engine.chunk import Chunk
from domain.engine.lines import balance_lines, taken_of
from domain.engine.moved import Arrival, arrive, base_line
from domain.engine.outcome import NewUse, Outcome, TierChange
from domain.engine.program import EngineProgram
from domain.engine.snapshot import Entry, LotState
from domain.engine.standing import begin, current
from domain.lots import LotOrigin
from domain.points import Units
from domain.tiers import HeldTier, TierReason, held_on
from domain.transactions import Status, SubStatus, SubType

ARRIVAL = Arrival(SubType.MERGE_IN, LotOrigin.MERGE, as_earned=True, active=False)


def merge(chunk: Chunk, entry: Entry, book: Book) -> list[Outcome]:
    """Both sides of a merge, as far as points are concerned."""
    assert entry.other_member_id is not None
    before = dict(book.balances)
    sources = {lot: lot.remaining for lot in movable(book)}
    for point_type_id in {lot.point_type_id for lot in sources}:
        mine = {lot.key: units for lot, units in sources.items() if lot.point_type_id == point_type_id}
        book.take(point_type_id, mine)
    uses = tuple(_use(entry, position, lot) for position, lot in enumerate(sources))
    decision = chunk.decided(SubStatus.SUCCESS, base=base_line(chunk, uses), balances=balance_lines(before, book))
    out = Outcome(
        entry.id, entry.member_id, entry.attempt, Status.PROCESSED, SubStatus.SUCCESS, decision, uses=uses,
        totals=taken_of(chunk.program, uses, book),
    )  # fmt: skip
    return [out, arrive(chunk, entry, chunk.books[entry.other_member_id], sources, ARRIVAL)]


def movable(book: Book) -> list[LotState]:
    """What is left and has not lapsed, usable or yet to come; what has lapsed is left to the nightly job."""
    mine = (lot for lot in book.lots.values() if lot.remaining and not has_lapsed(lot, book.today))
    return sorted(mine, key=paying_order)


def _use(entry: Entry, position: int, lot: LotState) -> NewUse:
    return NewUse(
        entry.member_id, entry.id, position, lot.transaction_id, lot.position, lot.point_type_id, Units(lot.remaining)
    )


def inherited(program: EngineProgram, book: Book, other: Book) -> list[TierChange]:
    """The tiers of another member that are higher than one's own, or as high and last longer; each ends when it would have."""
    made = []
    for code in program.tier_classes:
        theirs, mine = current(program, other, code), current(program, book, code)
        if theirs is None or (mine is not None and theirs.sequence < mine.sequence):
            continue
        ends_on = _end(other.held, theirs.code, book.today)
        if theirs is mine and _later(_end(book.held, theirs.code, book.today), ends_on):
            continue
        change = structs.replace(begin(program, book, theirs, TierReason.MERGE, book.today), ends_on=ends_on)
        book.held = (*book.held[:-1], replace(book.held[-1], ends_on=ends_on))
        made.append(change)
    return made


def _end(held: Sequence[HeldTier], code: str, today: date) -> date | None:
    return next(each.ends_on for each in held_on(held, today) if each.tier == code)


def _later(one: date | None, other: date | None) -> bool:
    """Whether the first day is as late as the other; none is the latest."""
    return one is None or (other is not None and one >= other)
