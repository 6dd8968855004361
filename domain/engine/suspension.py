"""Tiers that suspend expiry: what a member has, or gets, does not lapse before the end of such a tier.

What was promised stays: points of somebody who loses the tier before its end still last until then.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from domain.engine.book import Book
from domain.engine.outcome import Extension
from domain.engine.program import EngineProgram
from domain.tiers import Period

ONE_DAY = timedelta(1)


def extensions_of(program: EngineProgram, book: Book, transaction_id: int | None) -> tuple[Extension, ...]:
    """Let every lot that would lapse within the suspended time last through its end; the page is changed too."""
    suspended = _suspended(program, book) if program.suspends else None
    if suspended is None:
        return ()
    made = []
    for key, lot in list(book.lots.items()):
        if (
            lot.remaining + lot.kept
            and lot.expires_on is not None
            and suspended.starts_on <= lot.expires_on < suspended.ends_on
        ):
            book.extend(key, suspended.ends_on)
            made.append(Extension(book.member.id, *key, transaction_id, suspended.ends_on))
    return tuple(made)


def _suspended(program: EngineProgram, book: Book) -> Period | None:
    """The time without a gap, today within it, in which the member holds tiers that suspend expiry."""
    spans = [
        Period(each.starts_on, each.ends_on)
        for each in book.held
        if each.ends_on is not None and program.tiers[each.tier].suspends_expiry
    ]
    ends = [span.ends_on for span in spans if span.holds(book.today)]
    return Period(_start(spans, book.today), max(ends)) if ends else None


def _start(spans: Iterable[Period], today: date) -> date:
    start = today
    for span in sorted(spans, key=lambda each: each.starts_on, reverse=True):
        if span.starts_on < start <= span.ends_on + ONE_DAY:
            start = span.starts_on
    return start
