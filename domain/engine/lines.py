"""What the handlers of transactions share: judging promotions, taking up what they changed, and the lines of a decision."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from domain.engine import awards
from domain.engine.awards import Judgement
from domain.engine.book import Book
from domain.engine.candidates import Who
from domain.engine.chunk import Chunk
from domain.engine.decision import BalanceLine, BaseLine, ChangeLine, TierLine
from domain.engine.limits import spans
from domain.engine.outcome import Granted, NewLot, NewUse, TierChange, Total
from domain.engine.program import EngineProgram
from domain.engine.snapshot import BalanceState, Entry
from domain.engine.updates import stored_value

NOTHING = Decimal(0)
NO_BALANCE = BalanceState()


def judgement_of(chunk: Chunk, who: Who, book: Book, facts: dict[str, Any], base: BaseLine) -> Judgement:
    facts["transaction"]["basePoints"] = base.points
    return awards.judge(chunk.program, who, book, facts, chunk.program.point_types[base.point_type_id])


def take_up(entry: Entry, book: Book, judged: Judgement) -> tuple[Granted, ...]:
    """Count what limited promotions paid, and change attributes."""
    book.change(judged.changes)
    made = []
    for promotion, points in judged.granted:
        if promotion.limits.total is not None:
            book.stock.paid[promotion.id] = book.stock.paid.get(promotion.id, NOTHING) + points
        for span, _ in spans(promotion, entry.transaction_date):
            key = promotion.id, span
            book.granted[key] = book.granted.get(key, NOTHING) + points
            made.append(Granted(promotion.id, span, points))
    return tuple(made)


def decision_lines(judged: Judgement) -> dict[str, Any]:
    changes = tuple([
        ChangeLine(each.promotion_id, each.path, stored_value(each.before), stored_value(each.after))
        for each in judged.changes
    ])  # fmt: skip
    return {
        "awards": judged.awards, "changes": changes, "verdicts": judged.verdicts, "rules": judged.rules,
        "seen": judged.seen,
    }  # fmt: skip


def tier_lines(made: Iterable[TierChange]) -> tuple[TierLine, ...]:
    return tuple(TierLine(each.tier_class, each.before, each.after, each.ends_on, each.reason.value) for each in made)


def balance_lines(before: dict[int, BalanceState], book: Book) -> tuple[BalanceLine, ...]:
    """Available points before and after, where this transaction changed the balance."""
    made = []
    for point_type_id, after in book.balances.items():
        earlier = before.get(point_type_id, NO_BALANCE)
        if earlier is not after and earlier != after:
            made.append(BalanceLine(point_type_id, earlier.available, after.available))
    return tuple(made)


def given(program: EngineProgram, lots: Iterable[NewLot]) -> tuple[Total, ...]:
    sums: dict[int, list[int]] = {}
    for lot in lots:
        both = sums.get(lot.point_type_id)
        if both is None:
            both = sums[lot.point_type_id] = [0, 0]
        both[0] += lot.points
        if lot.qualifying:
            both[1] += lot.points
    return _totals(program, sums)


def taken_of(program: EngineProgram, uses: Iterable[NewUse], book: Book) -> tuple[Total, ...]:
    lots = book.lots
    return totals_of(
        program,
        ((use.point_type_id, use.points, lots[use.lot_transaction_id, use.lot_position].qualifying) for use in uses),
    )


def totals_of(program: EngineProgram, parts: Iterable[tuple[int, int, bool]]) -> tuple[Total, ...]:
    sums: dict[int, list[int]] = {}
    for point_type_id, points, qualifying in parts:
        both = sums.get(point_type_id)
        if both is None:
            both = sums[point_type_id] = [0, 0]
        both[0] += points
        if qualifying:
            both[1] += points
    return _totals(program, sums)


def _totals(program: EngineProgram, sums: dict[int, list[int]]) -> tuple[Total, ...]:
    types = program.point_types
    return tuple([Total(each, types[each].code, types[each].decimals, *both) for each, both in sums.items()])
