"""Cancellations and refunds: what a transaction gave is taken back, what it took is put back, share by share.

Promotions are not evaluated again. What comes back of each lot is round(cumulative share) - what came back before, so any
parts in any order that add up to the whole leave the member exactly as before (domain: transfers, gifts, vouchers, reversals).
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from msgspec import structs

from domain.engine import loans, undoing
from domain.engine.book import Book, has_lapsed
from domain.engine.charges import NOTHING as NO_CHARGES
from domain.engine.charges import Charged
from domain.engine.chunk import Chunk
from domain.engine.decision import ReturnLine, ReversalLine
from domain.engine.flowing_back import flow_back
from domain.engine.giving_back import give_back
from domain.engine.lines import balance_lines, taken_of, totals_of
from domain.engine.originals import GivenLot, OriginalState, TakenUse
from domain.engine.outcome import Extension, FollowUp, NewRestore, NewUse, Outcome, Reversed, VoucherReturn
from domain.engine.rejections import AlreadyCancelled, OfMergedMember, Rejected
from domain.engine.shares import Step, due_by, part_of, step
from domain.engine.snapshot import BalanceState, Entry, LotKey
from domain.engine.taking_back import Lend, TakenBack, take_back
from domain.engine.voucher_returns import return_lines, vouchers_back
from domain.members import MemberStatus
from domain.points import Units
from domain.refunds import Part, returned, spread
from domain.transactions import Status, SubStatus, SubType, Type


@dataclass(frozen=True, slots=True)
class _Job:
    """One cancellation: its own transaction, and how far it takes back which other."""

    id: int
    attempt: int
    original: OriginalState
    step: Step
    entry: Entry
    follow_up: FollowUp | None = None


def reverse(chunk: Chunk, entry: Entry, book: Book) -> list[Outcome]:
    """Take back a transaction, or a part of it; raises Rejected, and leaves the page as it was."""
    assert entry.original is not None, "a cancellation is loaded with what it cancels"
    original = book.originals.get(entry.original.id, entry.original)
    if original.share.whole:
        raise Rejected(AlreadyCancelled())
    if original.member_id != entry.member_id:
        raise Rejected(OfMergedMember())
    job = _Job(entry.id, entry.attempt, original, step(original, part_of(entry)), entry)
    pages = {member_id: chunk.books[member_id].page() for member_id in original.members}
    try:
        return _reversed(chunk, book, job)
    except Rejected:
        for member_id, page in pages.items():
            chunk.books[member_id].come_back(page)
        raise


def take_back_with(chunk: Chunk, entry: Entry, book: Book, wrong: OriginalState) -> list[Outcome]:
    """All that is left of a wrong accrual is taken back together with a right one, by a cancellation of its own."""
    at = None if entry.partner is None else entry.partner.id
    follow_up = FollowUp(
        entry.id, Type.REDEMPTION, SubType.CANCELLATION, chunk.today, cancels_id=wrong.id, partner_id=at
    )
    return _unearned(chunk, book, _Job(chunk.numbers.take(), 1, wrong, step(wrong, Part()), entry, follow_up))


def _reversed(chunk: Chunk, book: Book, job: _Job) -> list[Outcome]:
    if job.original.type is Type.ACCRUAL:
        return _unearned(chunk, book, job)
    done = _unspent(chunk, book, job)
    return [*done, *_loan_back(chunk, book, job, done[0]), *_rewards_back(chunk, book, job)]


def _loan_back(chunk: Chunk, book: Book, job: _Job, done: Outcome) -> list[Outcome]:
    """What comes back first repays the loan that was made for the redemption."""
    if not book.loans or done.reversed is None:
        return []
    back = {(each.lot_transaction_id, each.lot_position): int(each.points) for each in done.reversed.restores}
    return loans.given_back(chunk, book, loans.Earned(job.id, chunk.today, {}), job.original.id, back)


def _lender(chunk: Chunk, entry: Entry, book: Book, made: list[Outcome]) -> Lend | None:
    """How what the member lacks is lent, if the program lends it."""
    if not chunk.program.program.settings.lend_refund_shortfall:
        return None

    def lend(point_type_id: int, units: int) -> LotKey:
        limit = book.balance(point_type_id).loan_outstanding + units
        made.append(loans.advance(chunk, entry, book, point_type_id, loans.Gap(units, limit)))
        return loans.lot_of(made[-1])

    return lend


def _unearned(chunk: Chunk, book: Book, job: _Job) -> list[Outcome]:
    """The points of an accrual leave; before them, if need be, come what had gone to a parent, and a loan."""
    due = due_by(job.original, job.step.share)

    def lender(number: int, page: Book, made: list[Outcome]) -> Lend | None:
        return _lender(chunk, structs.replace(job.entry, id=number, member_id=page.member.id), page, made)

    flowed = flow_back(chunk, book, job.original, due, job.id, lender=lender)
    lent: list[Outcome] = []
    lend = _lender(chunk, job.entry, book, lent)
    job = replace(job, original=flowed.original)
    before, original = dict(book.balances), job.original
    unlent = loans.taken_back(chunk, book, original, whole=job.step.share.whole)
    taken = take_back(chunk.program, book, original, due, job.id, lend=lend)
    handed_back = undoing.hand_back(chunk.program, book, original, taken.reversals)
    lots = tuple(
        ReturnLine(each.lot_transaction_id, each.lot_position, each.point_type_id, each.points, each.lapsed)
        for each in taken.reversals
    )
    vouchers = vouchers_back(book, original, job.step)
    charged, left = give_back(book.stock, original, taken.reversals)
    _remember(book, job, vouchers, lots=left)
    uses = tuple(_uses(book, job, taken))
    undone = Reversed(original.id, job.step.share.whole, (), taken.reversals, handed_back, vouchers)
    outcome = _outcome(chunk, book, job, before, lots, vouchers=vouchers, charged=charged, unlent=unlent)
    totals = taken_of(chunk.program, uses, book)
    done = structs.replace(
        outcome, uses=uses, totals=totals, reversed=undone, debits=charged.debits, bills=charged.bills
    )
    return [done, *lent, *flowed.outcomes, *_twin_back(chunk, job)]


def _twin_back(chunk: Chunk, job: _Job) -> list[Outcome]:
    """The accrual of an account goes back by the same share as the one that it was beside."""
    if job.original.twin is None:
        return []
    book = chunk.books[job.original.twin.member_id]
    twin = book.originals.get(job.original.twin.id, job.original.twin)
    if twin.share.whole:
        return []
    if book.status is MemberStatus.MERGED:
        raise Rejected(OfMergedMember())
    return _along(chunk, book, job, twin, job.original.member_id)


def _along(
    chunk: Chunk, book: Book, job: _Job, other: OriginalState, other_member_id: int | None = None
) -> list[Outcome]:
    """Another accrual goes back with an original, by the same share, by a cancellation of its own."""
    part = Part() if job.step.share.whole else Part(share=job.step.upto - job.step.before)
    follow_up = FollowUp(
        job.id, Type.REDEMPTION, SubType.CANCELLATION, chunk.today, other_member_id, cancels_id=other.id,
        share=part.share,
    )  # fmt: skip
    number = chunk.numbers.take()
    entry = job.entry if other_member_id is None else structs.replace(job.entry, id=number, member_id=book.member.id)
    return _unearned(chunk, book, _Job(number, 1, other, step(other, part), entry, follow_up))


def _uses(book: Book, job: _Job, taken: TakenBack) -> list[NewUse]:
    return [
        NewUse(book.member.id, job.id, position, *key, book.lots[key].point_type_id, Units(units))
        for position, (key, units) in enumerate(taken.units.items())
    ]


def _unspent(chunk: Chunk, book: Book, job: _Job) -> list[Outcome]:
    """The points of a redemption go back into their lots."""
    before, original = dict(book.balances), job.original
    back = _spread(original, job.step.upto)
    expired, extensions = _grace(chunk, book, job, back)
    restores: list[NewRestore] = []
    for use, units in back:
        lot = book.lots[use.lot.key]
        restores.append(
            NewRestore(
                book.member.id,
                job.id,
                len(restores),
                *lot.key,
                lot.point_type_id,
                Units(units),
                original.id,
                use.position,
            )
        )
        book.put_back(lot.point_type_id, {lot.key: units})
    vouchers = vouchers_back(book, original, job.step)
    _remember(book, job, vouchers, uses=_taken_uses(original, back))
    lots = tuple(_return_line(book, use, units) for use, units in back)
    undone = Reversed(original.id, job.step.share.whole, tuple(restores), vouchers=vouchers)
    totals = totals_of(chunk.program, ((use.lot.point_type_id, units, use.lot.qualifying) for use, units in back))
    outcome = _outcome(chunk, book, job, before, lots, vouchers=vouchers)
    done = structs.replace(outcome, extensions=extensions, totals=totals, reversed=undone)
    return [done, *expired]


def _spread(original: OriginalState, upto: Fraction) -> list[tuple[TakenUse, int]]:
    """What goes back into each lot, in proportion to what it gave and has not got back."""
    total = Units(sum(use.points for use in original.uses))
    due = returned(total, upto) - sum(use.restored for use in original.uses)
    units = spread(max(0, due), [use.points - use.restored for use in original.uses])
    return [(use, back) for use, back in zip(original.uses, units, strict=True) if back]


def _taken_uses(original: OriginalState, back: list[tuple[TakenUse, int]]) -> tuple[TakenUse, ...]:
    units = {use.position: restored for use, restored in back}
    return tuple(replace(use, restored=use.restored + units.get(use.position, 0)) for use in original.uses)


def _return_line(book: Book, use: TakenUse, units: int) -> ReturnLine:
    lot = book.lots[use.lot.key]
    return ReturnLine(*lot.key, lot.point_type_id, units, units * has_lapsed(lot, book.today))


def _grace(
    chunk: Chunk, book: Book, job: _Job, back: list[tuple[TakenUse, int]]
) -> tuple[list[Outcome], tuple[Extension, ...]]:
    """Days of grace for what goes back into lots that have lapsed. What else is in these lapses first: grace is not for it."""
    days = chunk.program.program.settings.refund_grace_days
    lapsed = {use.lot.key: book.lots[use.lot.key] for use, _ in back if has_lapsed(book.lots[use.lot.key], book.today)}
    if not days or not lapsed:
        return [], ()
    rest = {key: lot.remaining for key, lot in lapsed.items() if lot.remaining}
    expired = [_expired(chunk, book, job, rest)] if rest else []
    until = chunk.today.fromordinal(chunk.today.toordinal() + days)
    for key in lapsed:
        book.extend(key, until)
    return expired, tuple(Extension(book.member.id, *key, job.id, until) for key in lapsed)


def _expired(chunk: Chunk, book: Book, job: _Job, rest: dict[tuple[int, int], int]) -> Outcome:
    before, number = dict(book.balances), chunk.numbers.take()
    uses = tuple(
        NewUse(book.member.id, number, position, *key, book.lots[key].point_type_id, Units(units))
        for position, (key, units) in enumerate(rest.items())
    )
    for use in uses:
        book.take(use.point_type_id, {(use.lot_transaction_id, use.lot_position): use.points}, expired=True)
    decision = chunk.decided(SubStatus.SUCCESS, balances=balance_lines(before, book))
    return Outcome(
        number, book.member.id, 1, Status.PROCESSED, SubStatus.SUCCESS, decision, uses=uses,
        totals=taken_of(chunk.program, uses, book),
        follow_up=FollowUp(job.id, Type.REDEMPTION, SubType.EXPIRY, chunk.today),
    )  # fmt: skip


def _rewards_back(chunk: Chunk, book: Book, job: _Job) -> list[Outcome]:
    """What the redemption was rewarded with is taken back with it, by cancellations of their own."""
    done: list[Outcome] = []
    for loaded in job.original.rewards:
        reward = book.originals.get(loaded.id, loaded)
        if reward.share.whole:
            continue
        done.extend(_along(chunk, book, job, reward))
    return done


def _remember(
    book: Book,
    job: _Job,
    vouchers: tuple[VoucherReturn, ...],
    *,
    lots: tuple[GivenLot, ...] | None = None,
    uses: tuple[TakenUse, ...] | None = None,
) -> None:
    """What comes later in the chunk finds the original as it is now."""
    original = job.original
    status = Status.CANCELLED if job.step.share.whole else original.status
    book.originals[original.id] = replace(
        original, status=status, parts=(*original.parts, job.step.part),
        lots=original.lots if lots is None else lots, uses=original.uses if uses is None else uses,
        vouchers=original.vouchers.without({each.voucher.id for each in vouchers}) if vouchers else original.vouchers,
    )  # fmt: skip


def _outcome(
    chunk: Chunk,
    book: Book,
    job: _Job,
    before: dict[int, BalanceState],
    lots: tuple[ReturnLine, ...],
    *,
    vouchers: tuple[VoucherReturn, ...],
    charged: Charged = NO_CHARGES,
    unlent: loans.Unlent | None = None,
) -> Outcome:
    original, done = job.original, job.step
    changes = undoing.undo_changes(chunk.program, book, original, done)
    back = tuple(return_lines(vouchers))
    line = ReversalLine(original.id, original.transaction_date, str(done.before), str(done.upto), lots, back)
    decision = chunk.decided(
        SubStatus.SUCCESS,
        balances=balance_lines(before, book),
        changes=undoing.change_lines(changes),
        reversal=line,
        loans=() if unlent is None else (unlent.line,),
        **charged.lines,
    )
    return Outcome(
        job.id, book.member.id, job.attempt, Status.PROCESSED, SubStatus.SUCCESS, decision, follow_up=job.follow_up,
        loans=() if unlent is None else (unlent.loan,),
    )  # fmt: skip
