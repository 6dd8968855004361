"""Taking points from lots: nearest expiry first, splitting where it must, and never more than there is."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from domain.engine.book import Book, MoreLots, has_lapsed, paying_order
from domain.engine.outcome import NewUse
from domain.engine.program import EngineProgram
from domain.engine.rejections import InsufficientPoints, Rejected
from domain.engine.snapshot import Entry, HoldState, LotKey, LotState
from domain.members import MemberStatus
from domain.points import Units, from_units
from domain.programs import PointType

Taken = dict[LotKey, int]
Order = Callable[[LotState], Any]


def take(program: EngineProgram, book: Book, point_type_id: int, need: int, *, order: Order | None = None) -> Taken:
    """From which lots `need` units come, in law 4's order; raises Rejected when there are too few.

    Another `order` is for members whose lots are all known.
    """
    lots = _spendable(program, book, point_type_id)
    if order is not None:
        lots.sort(key=order)
    known, balance = sum(lot.remaining for lot in lots), book.balance(point_type_id).available
    taken = split(lots, need)
    if not book.complete and (known < min(need, balance) or _goes_beyond_first(book, taken)):
        raise MoreLots(book.member.id)
    available = min(known, balance)
    if available < need:
        raise Rejected(_too_few(program.point_types[point_type_id], available, need))
    return taken


def available(program: EngineProgram, book: Book, point_type_id: int, need: int) -> int:
    """How many units `take` could take; raises MoreLots where those that are known cannot tell."""
    known = sum(lot.remaining for lot in _spendable(program, book, point_type_id))
    balance = book.balance(point_type_id).available
    if not book.complete and known < min(need, balance):
        raise MoreLots(book.member.id)
    return min(known, balance)


def _spendable(program: EngineProgram, book: Book, point_type_id: int) -> list[LotState]:
    lots = book.usable(point_type_id)
    if program.program.settings.spend_qualifying:
        return lots
    return [lot for lot in lots if not lot.qualifying]


def _goes_beyond_first(book: Book, taken: Taken) -> bool:
    """Whether a lot of this very chunk would pay: one of those that are not known may come before it."""
    return not taken.keys() <= {lot.key for lot in book.member.lots or ()}


def split(lots: Iterable[LotState], need: int) -> Taken:
    """From each lot what it has, until there is enough."""
    taken: Taken = {}
    for lot in lots:
        if not need:
            break
        taken[lot.key] = part = min(need, lot.remaining)
        need -= part
    return taken


def take_held(program: EngineProgram, hold: HoldState | None, point_type_id: int, need: Units) -> Taken:
    """From which of its lots a hold gives `need` units: also from those that have lapsed meanwhile; raises Rejected."""
    held = hold.points if hold is not None and hold.point_type_id == point_type_id else 0
    if hold is None or held < need:
        raise Rejected(_too_few(program.point_types[point_type_id], held, need))
    taken: Taken = {}
    for key, units in hold.lots:
        if need:
            taken[key] = part = min(need, units)
            need = Units(need - part)
    return taken


def _too_few(point_type: PointType, available: int, need: int) -> InsufficientPoints:
    return InsufficientPoints(
        point_type=point_type.code,
        available=from_units(available, point_type.decimals),
        required=from_units(need, point_type.decimals),
    )


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
