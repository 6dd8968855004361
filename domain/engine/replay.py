"""Transactions that were processed already, worked again under other rules, each finding what it found then as far as it is known.

Of what limited promotions have given, a transaction first hands back its own share; so with unchanged rules it gets the same
again, whatever came after it. What an earlier one of the replay changes, the later ones see.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, count
from typing import Any

from msgspec.structs import replace

from domain.calendars import business_date
from domain.engine.book import Book
from domain.engine.chunk import SIMULATED, Chunk, Numbers
from domain.engine.decision import AwardLine, Decision
from domain.engine.history import Earned
from domain.engine.limits import Stock, spans
from domain.engine.outcome import Outcome
from domain.engine.process import process
from domain.engine.program import EngineProgram
from domain.engine.snapshot import Entry, LoanState, MemberState
from domain.engine.updates import AttributeChange, restored
from domain.members import MemberStatus
from domain.points import from_units
from domain.tiers import HeldTier
from domain.transactions import SubType

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
    given_on: date | None = None
    """On which date what it gave counts, where that is not its own: that of what it took back."""


def replay(
    program: EngineProgram, member: MemberState, pasts: Sequence[Past], stock: Stock
) -> tuple[list[list[Outcome]], Book]:
    """What each of one member's transactions does now, in their order; and the member's page afterwards.

    `member` is as the first one found it, but for what limited promotions have given, which is as of today, as is `stock`.
    """
    book = Book(member, business_date(pasts[0].now, program.program.time_zone), stock)
    numbers = Numbers(count(SIMULATED))
    return [_again(program, book, past, numbers) for past in pasts], book


def _again(program: EngineProgram, book: Book, past: Past, numbers: Numbers) -> list[Outcome]:
    if past.entry is None:
        book.change(_changes(program, past.then))
        book.earned = earned_with(book.earned, past)
        return []
    _hand_back(program, book, past)
    return worked(program, book, past, numbers)


def worked(program: EngineProgram, book: Book, past: Past, numbers: Numbers) -> list[Outcome]:
    """What one of them does on this page, on which what it found of loans, tiers and joined promotions is written first."""
    assert past.entry is not None
    today = business_date(past.now, program.program.time_zone)
    books = {book.member.id: book}
    if (other := past.entry.other_member_id) is not None:
        books[other] = Book(_somebody(other), today, book.stock)
    chunk = Chunk(program, past.now, today, books, _numbers(past, numbers))
    _owe_again(book, past)
    book.today = chunk.today
    book.member = replace(book.member, enrolled=past.joined)
    book.held = _held(program, past.then)
    return process(chunk, past.entry, book)


def _somebody(member_id: int) -> MemberState:
    """The recipient of a transfer, of whom only matters that points arrive."""
    return MemberState(member_id, MemberStatus.ACTIVE, {"attributes": {}}, {}, ())


def _numbers(past: Past, numbers: Numbers) -> Numbers:
    """A loan that follows has the number that it had, so that what it paid comes from the same lot."""
    lent = (line.loan_id for line in past.then.loans if line.limit is not None)
    return Numbers(chain(lent, iter(numbers.take, None)))


def _owe_again(book: Book, past: Past) -> None:
    """What was owed then, and could be: as the decision says it."""
    assert past.entry is not None
    book.loans = {}
    for line in past.then.loans:
        balance = book.balance(line.point_type_id)
        book.balances[line.point_type_id] = replace(balance, loan_outstanding=line.before)
        if line.limit is None:
            book.loans[line.loan_id] = LoanState(line.loan_id, line.point_type_id, line.before)
        elif past.entry.sub_type is SubType.LOAN:
            book.member = replace(book.member, maximum_loans={line.point_type_id: line.limit})


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
        day = past.given_on or past.transaction_date
        days[day] = days.get(day, 0) + sign * units
    return found


def _changes(program: EngineProgram, then: Decision) -> list[AttributeChange]:
    return [
        AttributeChange(line.promotion_id, line.path, None, restored(program.program.attributes, line.path, line.after))
        for line in then.changes
    ]


def before_all(program: EngineProgram, pasts: Sequence[Past]) -> dict[str, Any]:
    """By path, the attributes and counters that these transactions have changed, as they were before the first of them."""
    found: dict[str, Any] = {}
    for past in pasts:
        for line in past.then.changes:
            found.setdefault(line.path, restored(program.program.attributes, line.path, line.before))
    return found
