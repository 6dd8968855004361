"""Taking points from lots: nearest expiry first, splitting where it must, and never more than there is."""

from collections.abc import Iterable
from datetime import date

from domain.engine.book import Book, MoreLots, has_lapsed, paying_order
from domain.engine.outcome import NewUse
from domain.engine.program import EngineProgram
from domain.engine.rejections import InsufficientPoints, Rejected
from domain.engine.snapshot import Entry, LotKey, LotState
from domain.members import MemberStatus
from domain.points import Units, from_units

Taken = dict[LotKey, int]


def take(program: EngineProgram, book: Book, point_type_id: int, need: Units) -> Taken:
    """From which lots `need` units come, in law 4's order; raises Rejected when there are too few."""
    lots = book.usable(point_type_id)
    if not program.program.settings.spend_qualifying:
        lots = [lot for lot in lots if not lot.qualifying]
    known, balance = sum(lot.remaining for lot in lots), book.balance(point_type_id).available
    taken = _split(lots, need)
    if not book.complete and (known < min(need, balance) or _goes_beyond_first(book, taken)):
        raise MoreLots(book.member.id)
    available = min(known, balance)
    if available < need:
        point_type = program.point_types[point_type_id]
        raise Rejected(
            InsufficientPoints(
                point_type=point_type.code,
                available=from_units(available, point_type.decimals),
                required=from_units(need, point_type.decimals),
            )
        )
    return taken


def _goes_beyond_first(book: Book, taken: Taken) -> bool:
    """Whether a lot of this very chunk would pay: one of those that are not known may come before it."""
    return not taken.keys() <= {lot.key for lot in book.member.lots or ()}


def _split(lots: Iterable[LotState], need: int) -> Taken:
    taken: Taken = {}
    for lot in lots:
        if not need:
            break
        taken[lot.key] = part = min(need, lot.remaining)
        need -= part
    return taken


def expiring(book: Book, point_type_id: int) -> Taken:
    """Everything of a point type that has passed its expiry date; of a cancelled member, everything."""
    mine = (lot for lot in book.lots.values() if lot.point_type_id == point_type_id and lot.remaining)
    return {lot.key: lot.remaining for lot in sorted(mine, key=paying_order) if expires(book.status, lot, book.today)}


def expires(status: MemberStatus, lot: LotState, today: date) -> bool:
    """Whether a lot is for the expiry job to take."""
    return status is MemberStatus.CANCELLED or has_lapsed(lot, today)


def uses_of(entry: Entry, point_type_id: int, taken: Taken) -> tuple[NewUse, ...]:
    """The uses that record what was taken."""
    return tuple(
        NewUse(entry.member_id, entry.id, position, lot[0], lot[1], point_type_id, Units(units))
        for position, (lot, units) in enumerate(taken.items())
    )
