"""What else a cancellation undoes: changes of attributes and counters, as each attribute says, and the use of limits.

UNDO takes back the share of a number that has come back; RESTORE sets what was there before, once all has come back and if
nothing has changed it since; LEAVE leaves it.
"""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from domain.attributes import AttributeType, OnReversal
from domain.engine.book import Book
from domain.engine.decision import ChangeLine
from domain.engine.limits import spans
from domain.engine.originals import OriginalState
from domain.engine.outcome import HandedBack, NewReversal
from domain.engine.program import EngineProgram
from domain.engine.shares import Step
from domain.engine.updates import AttributeChange, is_numeric, restored, stored_value
from domain.points import from_units

DECIMALS = Decimal("0.000001")
"""A share of a number keeps so many."""

NOTHING = Decimal(0)


def undo_changes(
    program: EngineProgram, book: Book, original: OriginalState, step: Step
) -> tuple[AttributeChange, ...]:
    """Take back the changes of a transaction as far as it is taken back, and write that on the page.

    What a stepped promotion has paid for is not counted again: the count that began since is another one.
    """
    current = {
        **{f"member.attributes.{name}": value for name, value in book.attributes.items()},
        **{f"counters.{name}": value for name, value in book.counters.items()},
    }
    made = []
    for line in _by_path(original.changes):
        if line.path in original.closed:
            continue
        value = current.get(line.path)
        after = _value(program, line, value, step)
        if after != value:
            made.append(AttributeChange(line.promotion_id, line.path, value, after))
    book.change(made)
    return tuple(made)


def _by_path(changes: Iterable[ChangeLine]) -> list[ChangeLine]:
    """Several changes of one attribute as one: from what was there before the first to what was there after the last."""
    found: dict[str, ChangeLine] = {}
    for line in changes:
        first = found.get(line.path, line)
        found[line.path] = ChangeLine(line.promotion_id, line.path, first.before, line.after)
    return list(found.values())


def _value(program: EngineProgram, line: ChangeLine, value: Any, step: Step) -> Any:
    attributes = program.program.attributes
    before, after = (restored(attributes, line.path, each) for each in (line.before, line.after))
    match program.program.on_reversal(line.path):
        case OnReversal.UNDO if is_numeric(attributes, line.path):
            return _undone(attributes, line.path, value, Fraction(after or 0) - Fraction(before or 0), step)
        case OnReversal.RESTORE if step.share.whole and value == after:
            return before
        case _:
            return value


def _undone(attributes: Mapping[str, AttributeType], path: str, value: Any, change: Fraction, step: Step) -> Any:
    if value is None:
        return None
    kind = attributes.get(path, AttributeType.NUMBER if change.denominator > 1 else AttributeType.INTEGER)
    before, upto = (_part(kind, change, share) for share in (step.before, step.upto))
    result = Decimal(value) - (upto - before)
    return int(result) if result == result.to_integral_value() else result


def _part(kind: AttributeType, change: Fraction, share: Fraction) -> Decimal:
    """A share of a change; whole numbers come back one by one, each when all of it has come back."""
    part = change * share
    if kind is AttributeType.INTEGER:
        return Decimal(int(part))
    exact = Decimal(part.numerator) / Decimal(part.denominator)
    return exact if share == 1 else exact.quantize(DECIMALS, ROUND_HALF_UP)


def change_lines(changes: Iterable[AttributeChange]) -> tuple[ChangeLine, ...]:
    """The changes as a decision keeps them."""
    return tuple(
        ChangeLine(each.promotion_id, each.path, stored_value(each.before), stored_value(each.after))
        for each in changes
    )


def hand_back(
    program: EngineProgram, book: Book, original: OriginalState, reversals: Iterable[NewReversal]
) -> tuple[HandedBack, ...]:
    """What promotions have given, they may give again, as far as it was taken back."""
    promotions = {lot.lot.position: lot.promotion_id for lot in original.lots}
    made = []
    for each in reversals:
        promotion_id = promotions[each.lot_position]
        if promotion_id is not None:
            points = from_units(each.points, program.point_types[each.point_type_id].decimals)
            made.append(HandedBack(promotion_id, original.transaction_date, points))
            _hand_back(program, book, made[-1])
    return tuple(made)


def _hand_back(program: EngineProgram, book: Book, back: HandedBack) -> None:
    number = back.promotion_id
    if number in program.limited:
        for span, _ in spans(program.limited[number], back.day):
            if (number, span) in book.granted:
                book.granted[number, span] = max(NOTHING, book.granted[number, span] - back.points)
    if number in book.stock.paid:
        book.stock.paid[number] = max(NOTHING, book.stock.paid[number] - back.points)
