"""Expiry: the day after its last day a lot is taken, whatever the status of its member."""

from domain.engine import spend
from domain.engine.book import Book
from domain.engine.chunk import Chunk
from domain.engine.decision import BaseLine
from domain.engine.lines import balance_lines, taken_of
from domain.engine.outcome import Outcome
from domain.engine.snapshot import Entry
from domain.points import from_units
from domain.transactions import Status, SubStatus


def expire(chunk: Chunk, entry: Entry, book: Book) -> list[Outcome]:
    """Everything of a point type that has passed its last day leaves."""
    before = dict(book.balances)
    point_type = chunk.program.point_types[entry.point_type_id or chunk.program.default.id]
    taken = spend.expiring(book, point_type.id)
    book.take(point_type.id, taken, expired=True)
    uses = spend.uses_of(entry, point_type.id, taken)
    base = BaseLine("ENTRY", None, from_units(sum(taken.values()), point_type.decimals), point_type.id)
    decision = chunk.decided(SubStatus.SUCCESS, base=base, balances=balance_lines(before, book))
    outcome = Outcome(
        entry.id, entry.member_id, entry.attempt, Status.PROCESSED, SubStatus.SUCCESS, decision, base.points,
        uses=uses, totals=taken_of(chunk.program, uses, book),
    )  # fmt: skip
    return [outcome]
