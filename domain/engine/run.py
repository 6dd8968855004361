"""The engine's one door: a chunk in, outcomes out. Real time, batch, simulation and backtest all come through here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from domain.calendars import business_date
from domain.engine.book import Book
from domain.engine.outcome import Outcome, Outcomes
from domain.engine.process import process, reject
from domain.engine.program import EngineProgram
from domain.engine.rejections import Rejection
from domain.engine.snapshot import Entry, LotKey, MemberState


def run(
    program: EngineProgram, members: Mapping[int, MemberState], entries: Sequence[Entry], now: datetime
) -> Outcomes:
    """Work the transactions in the given order, each finding its member as the one before left it.

    `now` is taken once, after the locks; today is its date in the program's time zone. Nothing is written.
    """
    today = business_date(now, program.program.time_zone)
    books = {member_id: Book(member, today) for member_id, member in members.items()}
    outcomes = tuple(process(program, entry, books[entry.member_id], now) for entry in entries)
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
    )


def refuse_all(program: EngineProgram, entries: Sequence[Entry], now: datetime, rejection: Rejection) -> Outcomes:
    """Outcomes that only record a rejection which is not the engine's own finding: the database refused these for their data."""
    today = business_date(now, program.program.time_zone)
    refused = tuple(reject(program, entry, today, now, rejection) for entry in entries)
    return Outcomes(refused, {}, {}, frozenset())


def _remaining(outcomes: Iterable[Outcome], books: Mapping[int, Book]) -> dict[tuple[int, LotKey], int]:
    """What is left of every lot that some use of the chunk took from."""
    return {
        (use.member_id, key): books[use.member_id].lots[key].remaining
        for outcome in outcomes
        for use in outcome.uses
        for key in [(use.lot_transaction_id, use.lot_position)]
    }
