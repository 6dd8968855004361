"""Coming back to a page of a member: whatever was written since is forgotten."""

from datetime import date
from decimal import Decimal

from domain.engine.book import Book
from domain.engine.limits import Stock
from domain.members import MemberStatus
from domain.tiers import HeldTier
from tests.engine.samples import member

TODAY = date(2026, 6, 1)


def test_a_tier_that_began_since_is_forgotten() -> None:
    book = Book(member(status=MemberStatus.ACTIVE), TODAY, Stock({}))
    before, page = book.held, book.page()

    book.held = (*before, HeldTier("GOLD", TODAY, None))
    book.come_back(page)

    assert book.held == before


def test_what_was_drawn_from_blocks_and_paid_by_promotions_since_is_forgotten() -> None:
    book = Book(member(), TODAY, Stock({1: Decimal(5)}, left={7: 100}))
    page = book.page()

    book.stock.paid[1], book.stock.left[7] = Decimal(6), 40
    book.come_back(page)

    assert (book.stock.paid, book.stock.left) == ({1: Decimal(5)}, {7: 100})
