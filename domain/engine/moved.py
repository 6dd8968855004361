"""What moves from one member to another: the lots that receive what lots of somebody else have given, and their transaction.

Kind and expiry stay with the points. Both sides are written in one commit or not at all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from domain.engine import standing, suspension
from domain.engine.book import Book, is_usable
from domain.engine.chunk import Chunk
from domain.engine.decision import BaseLine
from domain.engine.grant import extensions_of
from domain.engine.lines import balance_lines, given, tier_lines
from domain.engine.outcome import Extension, FollowUp, NewLot, NewUse, Outcome, TierChange
from domain.engine.snapshot import Entry, LotKey, LotState
from domain.engine.vouchers import of_tiers, voucher_lines
from domain.lots import LotOrigin
from domain.members import MemberStatus
from domain.points import Units, from_units
from domain.transactions import Status, SubStatus, SubType, Type


@dataclass(frozen=True, slots=True)
class Arrival:
    """How points arrive: as what, of which origin; whether as they were earned, with their date and qualifying again; and
    whether that is an activity, which counts towards tiers and lets points lapse later.
    """

    sub_type: SubType
    origin: LotOrigin
    as_earned: bool
    active: bool


def arrive(chunk: Chunk, sent: Entry, book: Book, taken: Mapping[LotState, int], arrival: Arrival) -> Outcome:
    """What was taken from lots of one member comes in at another, by a transaction of its own that follows the one sent."""
    before, number = dict(book.balances), chunk.numbers.take()
    lots = tuple(_lot(book, sent, (number, position), source, arrival) for position, source in enumerate(taken.items()))
    book.add(lots)
    if book.status is MemberStatus.DORMANT:
        book.status = MemberStatus.ACTIVE
    earned = replace(sent, id=number, member_id=book.member.id)
    extensions, tiers = credited(chunk, earned, book, lots) if arrival.active else ((), ())
    extensions += suspension.extensions_of(chunk.program, book, number)
    vouchers = of_tiers(chunk.program, chunk.today, book.member.id, tiers, number)
    decision = chunk.decided(
        SubStatus.SUCCESS,
        base=base_line(chunk, lots),
        balances=balance_lines(before, book),
        tier_changes=tier_lines(tiers),
        vouchers=voucher_lines(vouchers),
    )
    return Outcome(
        number, book.member.id, 1, Status.PROCESSED, SubStatus.SUCCESS, decision, lots=lots, extensions=extensions,
        totals=given(chunk.program, lots), tier_changes=tiers, vouchers=vouchers,
        follow_up=FollowUp(sent.id, Type.ACCRUAL, arrival.sub_type, sent.transaction_date, sent.member_id),
    )  # fmt: skip


def credited(
    chunk: Chunk, entry: Entry, book: Book, lots: Iterable[NewLot]
) -> tuple[tuple[Extension, ...], tuple[TierChange, ...]]:
    """What it means to earn: points that lapse by inactivity lapse later, progress rises, and tiers with it."""
    extensions = extensions_of(entry, book) if chunk.program.extends else ()
    for extension in extensions:
        book.extend((extension.lot_transaction_id, extension.lot_position), extension.expires_on)
    standing.count(chunk.program, book, lots)
    return extensions, tuple(standing.upgrades(chunk.program, book))


def _lot(book: Book, sent: Entry, key: LotKey, source: tuple[LotState, int], arrival: Arrival) -> NewLot:
    lot, units = source
    starts = None if is_usable(lot, book.today) else lot.effective_on
    date = lot.transaction_date if arrival.as_earned else sent.transaction_date
    qualifying = lot.qualifying and arrival.as_earned
    return NewLot(
        book.member.id, *key, lot.point_type_id, qualifying, arrival.origin, None, Units(units), date, starts,
        lot.expires_on, lot.extends_by,
    )  # fmt: skip


def base_line(chunk: Chunk, lots: Iterable[NewLot | NewUse]) -> BaseLine | None:
    """What moved, where it is of one kind."""
    sums: dict[int, int] = {}
    for lot in lots:
        sums[lot.point_type_id] = sums.get(lot.point_type_id, 0) + lot.points
    if len(sums) != 1:
        return None
    [(point_type_id, units)] = sums.items()
    return BaseLine("ENTRY", None, from_units(units, chunk.program.point_types[point_type_id].decimals), point_type_id)
