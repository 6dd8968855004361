"""The engine's one door: a chunk in, outcomes out. Real time, batch, simulation and backtest all come through here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from domain.calendars import business_date
from domain.engine.book import Book
from domain.engine.limits import Stock
from domain.engine.outcome import Attributes, Outcome, Outcomes
from domain.engine.process import Chunk, process, reject
from domain.engine.program import EngineProgram
from domain.engine.rejections import Rejection
from domain.engine.snapshot import Entry, LotKey, MemberState

NOTHING_PAID: Mapping[int, Decimal] = {}


def run(
    program: EngineProgram,
    members: Mapping[int, MemberState],
    entries: Sequence[Entry],
    now: datetime,
    paid: Mapping[int, Decimal] = NOTHING_PAID,
) -> Outcomes:
    """Work the transactions in the given order, each finding its member as the one before left it.

    `now` is taken once, after the locks; today is its date in the program's time zone. `paid`: what promotions with a limit in
    all have paid so far. Nothing is written.
    """
    chunk, stock = _chunk(program, now), Stock(dict(paid))
    books = {member_id: Book(member, chunk.today, stock) for member_id, member in members.items()}
    outcomes = tuple(done for entry in entries for done in process(chunk, entry, books[entry.member_id]))
    return Outcomes(
        outcomes,
        {
            (member_id, point_type_id): balance
            for member_id, book in books.items()
            for point_type_id, balance in book.balances.items()
            if members[member_id].balances.get(point_type_id) != balance
        },
        _remaining(outcomes, books),
        frozenset(member_id for member_id, book in books.items() if book.status is not members[member_id].status),
        {
            member_id: Attributes(book.attributes, book.counters)
            for member_id, book in books.items()
            if book.attributes is not book.member.facts["attributes"] or book.counters is not book.member.counters
        },
        {promotion: points for promotion, points in stock.paid.items() if points != paid.get(promotion)},
    )


def _chunk(program: EngineProgram, now: datetime) -> Chunk:
    return Chunk(program, now, business_date(now, program.program.time_zone))


def refuse_all(program: EngineProgram, entries: Sequence[Entry], now: datetime, rejection: Rejection) -> Outcomes:
    """Outcomes that only record a rejection which is not the engine's own finding: the database refused these for their data."""
    chunk = _chunk(program, now)
    refused = tuple(reject(chunk, entry, rejection) for entry in entries)
    return Outcomes(refused, {}, {}, frozenset())


def _remaining(outcomes: Iterable[Outcome], books: Mapping[int, Book]) -> dict[tuple[int, LotKey], int]:
    """What is left of every lot that some use of the chunk took from."""
    return {
        (use.member_id, key): books[use.member_id].lots[key].remaining
        for outcome in outcomes
        for use in outcome.uses
        for key in [(use.lot_transaction_id, use.lot_position)]
    }
