"""Disputes: the right accrual takes the place of a wrong one. Both happen, or neither."""

from msgspec.structs import replace

from domain.engine.accruals import accrue
from domain.engine.book import Book
from domain.engine.chunk import Chunk
from domain.engine.outcome import Outcome
from domain.engine.rejections import AlreadyCancelled, OfMergedMember, Rejected
from domain.engine.reversals import take_back_with
from domain.engine.snapshot import Entry


def accrue_right(chunk: Chunk, entry: Entry, book: Book) -> list[Outcome]:
    """Give what is right and, where it is in dispute with a wrong accrual, take all that is left of that back.

    What is right comes first, so that it covers what the member has spent of the wrong one. Raises Rejected, and leaves every page
    as it was.
    """
    if entry.original is None:
        return accrue(chunk, entry, book)
    wrong = book.originals.get(entry.original.id, entry.original)
    if wrong.share.whole:
        raise Rejected(AlreadyCancelled())
    if wrong.member_id != entry.member_id:
        raise Rejected(OfMergedMember())
    pages = {member_id: (each.page(), each.status) for member_id, each in chunk.books.items()}
    try:
        right = accrue(chunk, replace(entry, original=None), book)
        return [*right, *take_back_with(chunk, entry, book, wrong)]
    except Rejected:
        for member_id, (page, status) in pages.items():
            chunk.books[member_id].come_back(page)
            chunk.books[member_id].status = status
        raise
