"""The engine's one door: a chunk in, outcomes out. Real time, batch, simulation and backtest all come through here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from domain.calendars import business_date
from domain.engine.book import Book
from domain.engine.chunk import Chunk, Numbers
from domain.engine.limits import Stock
from domain.engine.loans import Earned, automatic
from domain.engine.outcome import Attributes, NewRestore, NewUse, Outcome, Outcomes
from domain.engine.process import process, reject
from domain.engine.program import EngineProgram
from domain.engine.rejections import Rejection
from domain.engine.snapshot import Entry, LotKey, MemberState
from domain.engine.supply import NO_SUPPLY, Supply

NOTHING_PAID: Mapping[int, Decimal] = {}


def run(
    program: EngineProgram,
    members: Mapping[int, MemberState],
    entries: Sequence[Entry],
    now: datetime,
    paid: Mapping[int, Decimal] = NOTHING_PAID,
    *,
    supply: Supply = NO_SUPPLY,
    numbers: Iterable[int] = (),
) -> Outcomes:
    """Work the transactions in the given order, each finding its member as the one before left it.

    `now` is taken once, after the locks; today is its date in the program's time zone. `paid`: what promotions with a limit in
    all have paid so far; `supply`: what partners and the host may give; `numbers`: for the transactions that follow from these. Raises MoreLots and MoreNumbers; nothing is
    written.
    """
    today, stock = business_date(now, program.program.time_zone), Stock(dict(paid), supply)
    books = {member_id: Book(member, today, stock) for member_id, member in members.items()}
    chunk = Chunk(program, now, today, books, Numbers(numbers))
    outcomes = tuple(done for entry in entries for done in process(chunk, entry, books[entry.member_id]))
    return _found(members, books, outcomes, stock, paid)


def consider(
    program: EngineProgram,
    members: Mapping[int, MemberState],
    waiting: Sequence[tuple[int, Earned, Collection[int]]],
    now: datetime,
    *,
    numbers: Iterable[int],
) -> Outcomes:
    """What accruals repay that automatic repayment has not considered yet: each with its member and the loans that are older.

    All lots of these members are known.
    """
    today, stock = business_date(now, program.program.time_zone), Stock({})
    books = {member_id: Book(member, today, stock) for member_id, member in members.items()}
    chunk = Chunk(program, now, today, books, Numbers(numbers))
    outcomes = tuple(
        done for member_id, earned, loans in waiting for done in automatic(chunk, books[member_id], earned, loans)
    )
    return _found(members, books, outcomes, stock, NOTHING_PAID)


def _found(
    members: Mapping[int, MemberState],
    books: Mapping[int, Book],
    outcomes: tuple[Outcome, ...],
    stock: Stock,
    paid: Mapping[int, Decimal],
) -> Outcomes:
    """What has become of the members of a chunk."""
    return Outcomes(
        outcomes,
        {
            (member_id, point_type_id): balance
            for member_id, book in books.items()
            for point_type_id, balance in book.balances.items()
            if (before := members[member_id].balances.get(point_type_id)) is not balance and before != balance
        },
        _remaining(outcomes, books),
        frozenset(member_id for member_id, book in books.items() if book.status is not members[member_id].status),
        {
            member_id: Attributes(book.attributes, book.counters)
            for member_id, book in books.items()
            if book.attributes is not book.member.facts["attributes"] or book.counters is not book.member.counters
        },
        changed := {promotion: points for promotion, points in stock.paid.items() if points != paid.get(promotion)},
        {promotion: points - paid.get(promotion, Decimal(0)) for promotion, points in changed.items()},
        stock.left,
        tuple(hold for member in members.values() for hold in member.ended_holds),
    )


def refuse_all(program: EngineProgram, entries: Sequence[Entry], now: datetime, rejection: Rejection) -> Outcomes:
    """Outcomes that only record a rejection which is not the engine's own finding: the database refused these for their data."""
    chunk = Chunk(program, now, business_date(now, program.program.time_zone), {}, Numbers())
    refused = tuple(reject(chunk, entry, rejection) for entry in entries)
    return Outcomes(refused, {}, {}, frozenset())


def _remaining(outcomes: Iterable[Outcome], books: Mapping[int, Book]) -> dict[tuple[int, LotKey], int]:
    """What is left of every lot that some use of the chunk took from, or gave back to; what holds keep of it included."""
    found = {}
    for outcome in outcomes:
        changed: tuple[NewUse | NewRestore, ...] = outcome.uses
        if outcome.reversed is not None:
            changed += outcome.reversed.restores
        for use in changed:
            key = use.lot_transaction_id, use.lot_position
            lot = books[use.member_id].lots[key]
            found[use.member_id, key] = lot.remaining + lot.kept
    return found
