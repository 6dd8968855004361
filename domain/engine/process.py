"""One transaction: find out everything it would do, and only then write it on the pages of its members.

What it does depends on its type and sub-type: a handler for each, in one table.
"""

from collections.abc import Callable

from domain.engine.accruals import accrue
from domain.engine.book import Book
from domain.engine.checks import check
from domain.engine.chunk import Chunk
from domain.engine.disputes import accrue_right
from domain.engine.expiries import expire
from domain.engine.loans import lend, repay
from domain.engine.merges import merge
from domain.engine.outcome import Outcome
from domain.engine.redemptions import redeem
from domain.engine.rejections import Rejected, Rejection, stored
from domain.engine.reversals import reverse
from domain.engine.snapshot import Entry
from domain.engine.transfers import transfer
from domain.transactions import Status, SubType, Type

Handler = Callable[[Chunk, Entry, Book], list[Outcome]]
"""Works a transaction on the page of its member, and on those of others in the chunk; raises Rejected before it changes any."""

HANDLERS: dict[tuple[Type, SubType], Handler] = {
    (Type.ACCRUAL, SubType.PRODUCT): accrue_right,
    (Type.ACCRUAL, SubType.ACTION_BASED_BONUS): accrue,
    (Type.ACCRUAL, SubType.GIFT): accrue,
    (Type.ACCRUAL, SubType.MANUAL_CREDIT): accrue,
    (Type.ACCRUAL, SubType.LOAN): lend,
    (Type.REDEMPTION, SubType.PRODUCT): redeem,
    (Type.REDEMPTION, SubType.MANUAL_DEBIT): redeem,
    (Type.REDEMPTION, SubType.LOAN_REPAYMENT): repay,
    (Type.REDEMPTION, SubType.EXPIRY): expire,
    (Type.REDEMPTION, SubType.TRANSFER): transfer,
    (Type.ACCRUAL, SubType.CANCELLATION): reverse,
    (Type.REDEMPTION, SubType.CANCELLATION): reverse,
    (Type.REDEMPTION, SubType.MERGE_OUT): merge,
}
"""What may be processed; the other sub-types are only ever made because of one of these."""


def process(chunk: Chunk, entry: Entry, book: Book) -> list[Outcome]:
    """The outcome of one transaction, which finds the member as the one before left it; and of what follows from it."""
    try:
        check(chunk.program, entry, book)
        return HANDLERS[entry.type, entry.sub_type](chunk, entry, book)
    except Rejected as rejected:
        return [reject(chunk, entry, rejected.rejection)]


def reject(chunk: Chunk, entry: Entry, rejection: Rejection) -> Outcome:
    """A rejection: nothing but itself and its decision."""
    sub_status = rejection.sub_status
    decision = chunk.decided(sub_status, refusal=stored(rejection))
    return Outcome(
        entry.id, entry.member_id, entry.attempt, Status.REJECTED_ENGINE, sub_status, decision, rejection=rejection
    )
