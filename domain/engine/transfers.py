"""Transfers: lots of the sender pay, nearest expiry first, and the recipient gets the same points by a transaction of its own.

What was earned qualified where it was earned: the sender keeps the progress, the recipient gets none.
"""

from domain.engine import leaving, spend
from domain.engine.book import Book
from domain.engine.chunk import Chunk
from domain.engine.decision import BaseLine
from domain.engine.lines import balance_lines, taken_of
from domain.engine.moved import Arrival, arrive
from domain.engine.outcome import Outcome
from domain.engine.rejections import LimitExceeded, MemberInactive, Rejected
from domain.engine.snapshot import Entry
from domain.lots import LotOrigin
from domain.members import EARNS
from domain.points import from_units
from domain.programs import PointType
from domain.transactions import Status, SubStatus, SubType

ARRIVAL = Arrival(SubType.TRANSFER_IN, LotOrigin.TRANSFER, as_earned=False, active=False)


def transfer(chunk: Chunk, entry: Entry, book: Book) -> list[Outcome]:
    """Both sides of a transfer; raises Rejected."""
    assert entry.other_member_id is not None
    assert entry.points is not None
    program, before, other = chunk.program, dict(book.balances), chunk.books[entry.other_member_id]
    _check_recipient(other)
    point_type = program.point_types[entry.point_type_id or program.default.id]
    _check_limits(chunk, entry, book, point_type)
    leaving.check(program, book, point_type, entry.points)
    taken = spend.take(program, book, point_type.id, entry.points)
    sources = {book.lots[key]: units for key, units in taken.items()}
    book.take(point_type.id, taken)
    leaving.count(book, point_type, entry.points)
    book.sent[point_type.id] = book.sent.get(point_type.id, 0) + entry.points
    uses = spend.uses_of(entry, point_type.id, taken)
    base = BaseLine("ENTRY", None, from_units(entry.points, point_type.decimals), point_type.id)
    decision = chunk.decided(SubStatus.SUCCESS, base=base, balances=balance_lines(before, book))
    out = Outcome(
        entry.id, entry.member_id, entry.attempt, Status.PROCESSED, SubStatus.SUCCESS, decision, base.points,
        uses=uses, totals=taken_of(program, uses, book),
    )  # fmt: skip
    return [out, arrive(chunk, entry, other, sources, ARRIVAL)]


def _check_recipient(other: Book) -> None:
    if other.status not in EARNS:
        allowed = tuple(sorted(each.value for each in EARNS))
        raise Rejected(MemberInactive(status=other.status.value, allowed=allowed, who="recipient"))


def _check_limits(chunk: Chunk, entry: Entry, book: Book, point_type: PointType) -> None:
    assert entry.points is not None
    limits, points = chunk.program.program.settings.transfer_limits, from_units(entry.points, point_type.decimals)
    if limits.per_transaction is not None and points > limits.per_transaction:
        raise Rejected(
            LimitExceeded(
                limit=limits.per_transaction, per="transfer", used=None, asked=points, point_type=point_type.code
            )
        )
    used = from_units(book.sent.get(point_type.id, 0), point_type.decimals)
    if limits.per_year is not None and used + points > limits.per_year:
        raise Rejected(
            LimitExceeded(limit=limits.per_year, per="year", used=used, asked=points, point_type=point_type.code)
        )
