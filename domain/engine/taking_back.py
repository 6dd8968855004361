"""Taking points of an accrual back: first what is left of its own lots, then nearest expiry. What has expired counts as returned."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.engine import standing
from domain.engine.book import Book, is_usable
from domain.engine.originals import OriginalState
from domain.engine.outcome import NewReversal
from domain.engine.program import EngineProgram
from domain.engine.rejections import InsufficientPoints, Rejected
from domain.engine.snapshot import LotKey, LotState
from domain.points import Units, from_units

Lend = Callable[[int, int], LotKey]
"""Lends units of a point type, which are then there to be taken: the lot of the loan."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The units taken from each lot, and how much of each lot of the accrual has come back by it."""

    units: Mapping[LotKey, int]
    reversals: tuple[NewReversal, ...]


def take_back(
    program: EngineProgram,
    book: Book,
    original: OriginalState,
    wanted: Mapping[int, int],
    number: int,
    *,
    lend: Lend | None = None,
) -> TakenBack:
    """Take back so many units of each lot, by position, and write it on the page; raises Rejected where the member has too little."""
    reversals = tuple(_reversals(book, original, wanted, number))
    units: dict[LotKey, int] = {}
    for point_type_id in sorted({each.point_type_id for each in reversals}):
        due = {
            each.lot_position: each.points - each.lapsed for each in reversals if each.point_type_id == point_type_id
        }
        units |= _taken(program, book, original, (point_type_id, due), lend=lend)
    for each in reversals:
        lot = book.lots[each.lot_transaction_id, each.lot_position]
        book.unearn(lot, each.points)
        standing.uncount(program, book, lot, each.points)
    return TakenBack(units, reversals)


def _reversals(book: Book, original: OriginalState, wanted: Mapping[int, int], number: int) -> Iterator[NewReversal]:
    for lot in original.lots:
        due = wanted.get(lot.lot.position, 0)
        if due:
            rest = due - min(due, book.lots[lot.lot.key].remaining)
            lapsed = min(rest, lot.lapsed - lot.counted)
            yield NewReversal(
                book.member.id, number, *lot.lot.key, lot.lot.point_type_id, Units(due), lapsed, lot.reversed + due
            )


def _taken(
    program: EngineProgram,
    book: Book,
    original: OriginalState,
    wanted: tuple[int, Mapping[int, int]],
    *,
    lend: Lend | None,
) -> dict[LotKey, int]:
    """Each own lot gives what is due of it; what it lacks comes of the others of the transaction, then nearest expiry."""
    point_type_id, due = wanted
    own = [lot for each in original.lots if (lot := book.lots[each.lot.key]).point_type_id == point_type_id]
    units: dict[LotKey, int] = defaultdict(int)
    for lot in own:
        _take(units, [lot], due.get(lot.position, 0))
    need = sum(due.values())
    _take(units, [*own, *book.usable(point_type_id)], need - sum(units.values()))
    taken = {key: each for key, each in units.items() if each}
    if lend is not None and (gap := need - sum(taken.values())):
        taken[lend(point_type_id, gap)] = gap
    _check(program, book, point_type_id, taken, need)
    book.take_back(point_type_id, taken)
    return taken


def _take(units: dict[LotKey, int], lots: Iterable[LotState], need: int) -> None:
    """Take so many units more, in this order, as far as there are any."""
    for lot in lots:
        part = min(need, lot.remaining - units[lot.key])
        units[lot.key] += part
        need -= part


def _check(program: EngineProgram, book: Book, point_type_id: int, taken: Mapping[LotKey, int], need: int) -> None:
    """What is held for somebody else is not there, either."""
    usable = sum(units for key, units in taken.items() if is_usable(book.lots[key], book.today))
    blocked = max(0, usable - book.balance(point_type_id).available)
    there = sum(taken.values()) - blocked
    if there < need:
        point_type = program.point_types[point_type_id]
        raise Rejected(
            InsufficientPoints(
                point_type=point_type.code,
                available=from_units(there, point_type.decimals),
                required=from_units(need, point_type.decimals),
            )
        )
