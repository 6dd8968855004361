"""Transactions that were processed already, worked again under other rules, each finding what it found then as far as it is known.

Of what limited promotions have given, a transaction first hands back its own share; so with unchanged rules it gets the same
again, whatever came after it. What an earlier one of the replay changes, the later ones see.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.calendars import business_date
from domain.engine.book import Book
from domain.engine.decision import AwardLine, Decision
from domain.engine.history import Earned
from domain.engine.limits import Stock, spans
from domain.engine.outcome import Outcome
from domain.engine.process import Chunk, process
from domain.engine.program import EngineProgram
from domain.engine.snapshot import Entry, MemberState
from domain.engine.updates import AttributeChange
from domain.points import from_units
from domain.tiers import HeldTier

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Past:
    """A transaction that was processed: its decision, the moment, the promotions that its member had joined by then, and the
    units of each point type that it gave.

    Without an entry it is not worked again: the others find what it gave and changed.
    """

    then: Decision
    now: datetime
    joined: frozenset[int]
    transaction_date: date
    given: Mapping[int, int]
    entry: Entry | None


def replay(
    program: EngineProgram, member: MemberState, pasts: Sequence[Past], stock: Stock
) -> tuple[list[list[Outcome]], Book]:
    """What each of one member's transactions does now, in their order; and the member's page afterwards.

    `member` is as the first one found it, but for what limited promotions have given, which is as of today, as is `stock`.
    """
    book = Book(member, business_date(pasts[0].now, program.program.time_zone), stock)
    return [_again(program, book, past) for past in pasts], book


def _again(program: EngineProgram, book: Book, past: Past) -> list[Outcome]:
    if past.entry is None:
        book.change(_changes(program, past.then))
        book.earned = earned_with(book.earned, past)
        return []
    chunk = Chunk(program, past.now, business_date(past.now, program.program.time_zone))
    _hand_back(program, book, past)
    book.today = chunk.today
    book.member = replace(book.member, enrolled=past.joined)
    book.held = _held(program, past.then)
    return process(chunk, past.entry, book)


def _held(program: EngineProgram, then: Decision) -> tuple[HeldTier, ...]:
    """The tier that decided then, as if there had never been another."""
    tier = program.tiers.get(then.tier or "")
    return () if tier is None else (HeldTier(tier.code, date.min, None),)


def _hand_back(program: EngineProgram, book: Book, past: Past) -> None:
    for award in paid(past.then):
        points = from_units(award.limited, program.point_types[award.point_type_id].decimals)
        if award.promotion_id in program.limited:
            for span, _ in spans(program.limited[award.promotion_id], past.transaction_date):
                key = award.promotion_id, span
                book.granted[key] = max(NOTHING, book.granted.get(key, NOTHING) - points)
        if award.promotion_id in program.capped:
            total = book.stock.paid.get(award.promotion_id, NOTHING)
            book.stock.paid[award.promotion_id] = max(NOTHING, total - points)


def paid(decision: Decision) -> list[AwardLine]:
    """The awards of a decision that paid something."""
    return [award for award in decision.awards if award.paid and award.limited]


def earned_with(earned: Earned, past: Past, sign: int = 1) -> dict[int, dict[date, int]]:
    """What a member was given by transaction date, with this transaction (or, with a sign of -1, without it)."""
    found = {point_type: dict(days) for point_type, days in earned.items()}
    for point_type, units in past.given.items():
        days = found.setdefault(point_type, {})
        days[past.transaction_date] = days.get(past.transaction_date, 0) + sign * units
    return found


def _changes(program: EngineProgram, then: Decision) -> list[AttributeChange]:
    return [
        AttributeChange(line.promotion_id, line.path, None, restored(program, line.path, line.after))
        for line in then.changes
    ]


def before_all(program: EngineProgram, pasts: Sequence[Past]) -> dict[str, Any]:
    """By path, the attributes and counters that these transactions have changed, as they were before the first of them."""
    found: dict[str, Any] = {}
    for past in pasts:
        for line in past.then.changes:
            found.setdefault(line.path, restored(program, line.path, line.before))
    return found


def restored(program: EngineProgram, path: str, value: Any) -> Any:
    """An attribute's value as the member's row has it: a decision keeps exact fractions as text."""
    kind = program.program.attributes.get(path)
    numeric = kind.numeric if kind is not None else path.startswith("counters.")
    return Decimal(value) if numeric and isinstance(value, str) else value
