"""Tiers within the engine: the one on the transaction date, progress towards the next, and upgrades right after an accrual."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from msgspec import structs

from domain.engine.book import Book
from domain.engine.outcome import NewLot, TierChange
from domain.engine.program import EngineProgram
from domain.engine.snapshot import LotState
from domain.points import from_units
from domain.promotions import TierDirection
from domain.rules import TierMove
from domain.tiers import (
    HeldTier,
    Progress,
    Tier,
    TierReason,
    after_end,
    counters_of,
    dominant,
    held_on,
    highest,
    qualifying_period,
    tier_end,
)

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


def uncount(program: EngineProgram, book: Book, lot: LotState, units: int) -> None:
    """Take qualifying points out of the progress of each class whose period of today their transaction date falls into."""
    if not lot.qualifying:
        return
    point_type = program.point_types[lot.point_type_id]
    for tier_class in program.tier_classes.values():
        period = qualifying_period(tier_class, book.member.facts["enrolledOn"], book.today)
        if period.holds(lot.transaction_date):
            progress = book.progress.setdefault(tier_class.code, {})
            progress[point_type.code] = progress.get(point_type.code, Decimal(0)) - from_units(
                units, point_type.decimals
            )


def upgrades(program: EngineProgram, book: Book) -> list[TierChange]:
    """While a tier is valid only upgrades happen: each class's highest tier that has been reached, if it is above the one held."""
    made = []
    for code in program.tier_classes:
        reached = highest(_rungs(program, code), progress_of(book, code))
        if reached is not None and _is_above(reached, current(program, book, code)):
            made.append(begin(program, book, reached, TierReason.THRESHOLD, book.today))
    return made


def moves(program: EngineProgram, book: Book, wanted: Sequence[tuple[int, TierMove]]) -> list[TierChange]:
    """What fired rules of promotions ask for; a move that leads nowhere (above the top, below the bottom) changes nothing."""
    made = []
    for promotion_id, move in wanted:
        target = _target(program, book, move)
        if target is not None and not holds_already(program, book, target):
            change = begin(program, book, target, TierReason.PROMOTION, book.today)
            made.append(structs.replace(change, promotion_id=promotion_id))
    return made


def holds_already(program: EngineProgram, book: Book, tier: Tier) -> bool:
    """Whether the tier is held through the very day until which it would be given now."""
    ends_on = would_end(program, book, tier, book.today)
    return any(each.tier == tier.code and each.ends_on == ends_on for each in held_on(book.held, book.today))


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


def follow(program: EngineProgram, book: Book, ended: HeldTier, progress: Progress) -> TierChange:
    """What follows a tier from the day after its end on, by the progress of the period that it is judged by."""
    assert ended.ends_on is not None
    tier = program.tiers[ended.tier]
    reached = with_counters(book, progress)
    found = after_end(program.tiers, tier, reached) or tier
    reason = TierReason.RENEWAL if found is tier else TierReason.DOWNGRADE
    if found.sequence > tier.sequence:
        reason = TierReason.THRESHOLD
    return begin(program, book, found, reason, ended.ends_on + ONE_DAY)


def progress_of(book: Book, tier_class: str) -> dict[str, Decimal]:
    """Progress in a class, counters included."""
    return with_counters(book, book.progress.get(tier_class, {}))


def with_counters(book: Book, progress: Progress) -> dict[str, Decimal]:
    """Counters are what they are now, whatever the period: the rules that count also reset them."""
    return {**progress, **counters_of(book.counters)}


def _rungs(program: EngineProgram, tier_class: str) -> list[Tier]:
    return [tier for tier in program.tiers.values() if tier.tier_class == tier_class]


def _is_above(tier: Tier, held: Tier | None) -> bool:
    return held is None or tier.sequence > held.sequence


def begin(program: EngineProgram, book: Book, tier: Tier, reason: TierReason, starts_on: date) -> TierChange:
    """A tier begins, and what was held before in its class ends the day before."""
    held = [each for each in book.held if program.tiers[each.tier].tier_class == tier.tier_class]
    others = [each for each in book.held if program.tiers[each.tier].tier_class != tier.tier_class]
    before = held[-1] if held else None
    ends_on = would_end(program, book, tier, starts_on)
    closed = [*held[:-1], replace(before, ends_on=starts_on - ONE_DAY)] if before else []
    book.held = (*others, *closed, HeldTier(tier.code, starts_on, ends_on))
    return TierChange(tier.tier_class, before.tier if before else None, tier.code, starts_on, ends_on, reason)


def would_end(program: EngineProgram, book: Book, tier: Tier, starts_on: date) -> date | None:
    """The last day of a tier, if it began on a day."""
    return tier_end(program.tier_classes[tier.tier_class], tier, book.member.facts["enrolledOn"], starts_on)
