"""Tiers within the engine: the one on the transaction date, progress towards the next, and upgrades right after an accrual."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from domain.engine.book import Book
from domain.engine.outcome import NewLot, TierChange
from domain.engine.program import EngineProgram
from domain.points import from_units
from domain.promotions import TierDirection
from domain.rules import TierMove
from domain.tiers import HeldTier, Tier, dominant, held_on, highest, qualifying_period, tier_end

ONE_DAY = timedelta(1)


def tier_on(program: EngineProgram, book: Book, day: date) -> Tier | None:
    """The member's dominant tier on a day."""
    if not program.tiers:
        return None
    return dominant(program.tiers, program.tier_classes, book.held, day, book.today)


def count(program: EngineProgram, book: Book, lots: Iterable[NewLot]) -> None:
    """Add qualifying points to the progress of each class whose period of today their transaction date falls into."""
    for tier_class in program.tier_classes.values():
        period = qualifying_period(tier_class, book.member.facts["enrolledOn"], book.today)
        progress = book.progress.setdefault(tier_class.code, {})
        for lot in lots:
            if lot.qualifying and period.holds(lot.transaction_date):
                point_type = program.point_types[lot.point_type_id]
                points = from_units(lot.points, point_type.decimals)
                progress[point_type.code] = progress.get(point_type.code, Decimal(0)) + points


def upgrades(program: EngineProgram, book: Book) -> list[TierChange]:
    """While a tier is valid only upgrades happen: each class's highest tier that has been reached, if it is above the one held."""
    made = []
    for code in program.tier_classes:
        reached = highest(_rungs(program, code), progress_of(book, code))
        if reached is not None and _is_above(reached, current(program, book, code)):
            made.append(_change(program, book, reached, "THRESHOLD"))
    return made


def moves(program: EngineProgram, book: Book, wanted: Sequence[tuple[int, TierMove]]) -> list[TierChange]:
    """What fired rules of promotions ask for; a move that leads nowhere (above the top, below the bottom) changes nothing."""
    made = []
    for promotion_id, move in wanted:
        target = _target(program, book, move)
        if target is not None:
            made.append(replace(_change(program, book, target, "PROMOTION"), promotion_id=promotion_id))
    return made


def _target(program: EngineProgram, book: Book, move: TierMove) -> Tier | None:
    held = current(program, book, move.tier_class)
    if move.direction is TierDirection.KEEP:
        return held
    rungs = _rungs(program, move.tier_class)
    if move.direction is TierDirection.UP:
        above = [tier for tier in rungs if _is_above(tier, held)]
        named = program.tiers[move.tier] if move.tier else min(above, key=lambda tier: tier.sequence, default=None)
        return named if named in above else None
    below = [tier for tier in rungs if held is not None and tier.sequence < held.sequence]
    lower = move.tier or (held.downgrade_to if held is not None else None)
    named = program.tiers[lower] if lower else max(below, key=lambda tier: tier.sequence, default=None)
    return named if named in below else None


def current(program: EngineProgram, book: Book, tier_class: str) -> Tier | None:
    """The tier of a class that is held today."""
    mine = (program.tiers[each.tier] for each in held_on(book.held, book.today))
    return next((tier for tier in mine if tier.tier_class == tier_class), None)


def progress_of(book: Book, tier_class: str) -> dict[str, Decimal]:
    """Progress in a class, counters included."""
    counters = {f"counters.{name}": value for name, value in book.counters.items() if isinstance(value, int | Decimal)}
    return {**book.progress.get(tier_class, {}), **{name: Decimal(value) for name, value in counters.items()}}


def _rungs(program: EngineProgram, tier_class: str) -> list[Tier]:
    return [tier for tier in program.tiers.values() if tier.tier_class == tier_class]


def _is_above(tier: Tier, held: Tier | None) -> bool:
    return held is None or tier.sequence > held.sequence


def _change(program: EngineProgram, book: Book, tier: Tier, reason: str) -> TierChange:
    """End the old row the day before, begin the new one today."""
    tier_class = program.tier_classes[tier.tier_class]
    ends_on = tier_end(tier_class, tier, book.member.facts["enrolledOn"], book.today)
    held = current(program, book, tier.tier_class)
    others = tuple(
        replace(each, ends_on=book.today - ONE_DAY)
        if held is not None and each.tier == held.code and _is_open(each, book.today)
        else each
        for each in book.held
    )
    book.held = (*others, HeldTier(tier.code, book.today, ends_on))
    return TierChange(tier_class.code, held.code if held else None, tier.code, book.today, ends_on, reason)


def _is_open(held: HeldTier, today: date) -> bool:
    return held.starts_on <= today and (held.ends_on is None or today <= held.ends_on)
