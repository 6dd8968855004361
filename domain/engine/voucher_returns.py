"""What a cancellation does to vouchers: those that points bought go back, those that a promotion gave are taken, those that paid
a price can be used again.

Vouchers are not divided. One that was bought is worth the points that come back for it, so it comes back with them or they do
not; what a promotion gave and somebody has used stays used, and each that paid is free again once the share that it paid is back.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from domain.engine.book import Book
from domain.engine.decision import VoucherReturnLine
from domain.engine.originals import OriginalState
from domain.engine.outcome import VoucherReturn
from domain.engine.rejections import Rejected, VoucherNotReturned, VouchersDivided
from domain.engine.shares import Step
from domain.engine.snapshot import VoucherState
from domain.vouchers import OPEN, VoucherMove, VoucherStatus


def vouchers_back(book: Book, original: OriginalState, step: Step) -> tuple[VoucherReturn, ...]:
    """The vouchers that come back with this part, written on the page; raises Rejected where one that was bought cannot."""
    mine = original.vouchers
    if not mine:
        return ()
    held = {each.id: each for each in book.vouchers}
    bought, given, used = ([held[each] for each in ids if each in held] for ids in (mine.bought, mine.given, mine.used))
    cancelled = (*_bought(bought, step.upto), *_free(given, int(step.upto * len(given))))
    restored = used[: max(0, int(step.upto * mine.paid) - (mine.paid - len(used)))]
    made = (
        *(VoucherReturn(each, VoucherMove.CANCEL) for each in cancelled),
        *(VoucherReturn(each, VoucherMove.RESTORE) for each in restored),
    )
    book.return_vouchers({each.voucher.id: each.move for each in made})
    return made


def _bought(bought: list[VoucherState], upto: Fraction) -> list[VoucherState]:
    due = upto * len(bought)
    if due.denominator > 1:
        raise Rejected(VouchersDivided(bought=len(bought)))
    stuck = [each for each in bought if each.status not in OPEN and each.status is not VoucherStatus.CANCELLED]
    if int(due) > len(bought) - len(stuck):
        raise Rejected(VoucherNotReturned(number=stuck[0].number, status=stuck[0].status))
    return _free(bought, int(due))


def _free(mine: list[VoucherState], due: int) -> list[VoucherState]:
    """Those to be taken, so that of all so many are cancelled, as far as nobody has used them: reserved ones last."""
    gone = sum(each.status is VoucherStatus.CANCELLED for each in mine)
    free = sorted(
        (each for each in mine if each.status in OPEN),
        key=lambda each: (each.status is VoucherStatus.RESERVED, each.id),
    )
    return free[: max(0, due - gone)]


def return_lines(made: Iterable[VoucherReturn]) -> Iterator[VoucherReturnLine]:
    """The same as a decision keeps it."""
    return (VoucherReturnLine(each.voucher.number, each.voucher.voucher_type, each.move.value) for each in made)
