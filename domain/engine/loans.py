"""Loans: points lent against accruals to come, and repaid by hand or out of every accrual made since.

What is lent never qualifies and never lapses. Points that the member owned before the loan are never taken by themselves.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from msgspec.structs import replace

from domain.engine import spend
from domain.engine.book import Book, MoreLots, has_lapsed, is_usable, paying_order
from domain.engine.chunk import Chunk
from domain.engine.decision import LoanLine
from domain.engine.lines import balance_lines, given, taken_of
from domain.engine.originals import OriginalState
from domain.engine.outcome import FollowUp, NewLot, Outcome
from domain.engine.program import EngineProgram
from domain.engine.rejections import (
    LoanInUse,
    LoanNotAllowed,
    MemberInactive,
    OtherPointType,
    Rejected,
    RepaymentExceedsLoan,
)
from domain.engine.snapshot import Entry, LoanState, LotKey, LotState
from domain.engine.spend import Taken
from domain.lots import LotOrigin
from domain.members import BURNS, MemberStatus
from domain.points import Units, from_units
from domain.programs import PointType
from domain.tiers import Tier, TierLoan
from domain.transactions import Status, SubStatus, SubType, Type


@dataclass(frozen=True, slots=True)
class Gap:
    """What is to be lent, and the limit under which it is: of the member, or of a redemption that lacks as much."""

    units: int
    limit: int


NO_GAP = Gap(0, 0)


@dataclass(frozen=True, slots=True)
class Earned:
    """An accrual that repays: what its lots gave, by point type."""

    transaction_id: int
    transaction_date: date
    points: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Unlent:
    """A loan that was cancelled, as it is afterwards, and what the decision says of it."""

    loan: LoanState
    line: LoanLine


def lend(chunk: Chunk, entry: Entry, book: Book) -> list[Outcome]:
    """A loan that somebody asked for; raises Rejected above the approved maximum, or without one."""
    point_type = _type_of(chunk.program, entry)
    asked, maximum = entry.points or Units(0), book.member.maximum_loans.get(point_type.id)
    owed = book.balance(point_type.id).loan_outstanding
    if maximum is None or owed + asked > maximum:
        raise Rejected(not_allowed(point_type, asked, owed, maximum))
    if book.status not in BURNS:
        allowed = tuple(sorted(each.value for each in BURNS))
        raise Rejected(MemberInactive(status=book.status.value, allowed=allowed))
    book.status = MemberStatus.ACTIVE
    return [_lent(chunk, entry, book, LoanState(entry.id, point_type.id, 0), Gap(asked, maximum))]


def not_allowed(point_type: PointType, asked: int, owed: int, maximum: int | None) -> LoanNotAllowed:
    """Why so much may not be lent beside what is owed already."""
    return LoanNotAllowed(
        point_type=point_type.code,
        asked=from_units(asked, point_type.decimals),
        outstanding=from_units(owed, point_type.decimals),
        maximum=None if maximum is None else from_units(maximum, point_type.decimals),
    )


def gap_of(program: EngineProgram, tier: Tier | None, book: Book, point_type: PointType, need: int) -> Gap:
    """What a redemption for a reward may borrow by itself: all that it lacks, if the member's tier allows as much, or nothing."""
    if tier is None or tier.loan is None:
        return NO_GAP
    missing = need - spend.available(program, book, point_type.id, need)
    if missing <= 0:
        return NO_GAP
    balance = book.balance(point_type.id)
    limit = limit_of(tier.loan, balance.available, point_type.decimals)
    return Gap(missing, limit) if missing + balance.loan_outstanding <= limit else NO_GAP


def limit_of(allowed: TierLoan, available: int, decimals: int) -> int:
    """How many units may be owed for a redemption, by the cap, by the percentage of the balance, or by one of both."""
    limits = []
    if allowed.cap is not None:
        limits.append(int(allowed.cap.scaleb(decimals)))
    if allowed.percent is not None:
        limits.append(int(available * allowed.percent / 100))
    return (max if allowed.larger else min)(limits)


def advance(
    chunk: Chunk, entry: Entry, book: Book, point_type_id: int, gap: Gap, *, number: int | None = None
) -> Outcome:
    """A loan that the engine makes because of another transaction; its one lot is on the page of the member from here on."""
    loan = LoanState(chunk.numbers.take() if number is None else number, point_type_id, 0, entry.id)
    made = FollowUp(
        entry.id, Type.ACCRUAL, SubType.LOAN, entry.transaction_date, point_type_id=point_type_id, points=gap.units
    )
    return replace(_lent(chunk, entry, book, loan, gap), attempt=1, follow_up=made)


def lot_of(loan: Outcome) -> LotKey:
    """The lot of a loan."""
    return loan.transaction_id, 0


def _lent(chunk: Chunk, entry: Entry, book: Book, loan: LoanState, gap: Gap) -> Outcome:
    before, units = dict(book.balances), gap.units
    lot = NewLot(
        entry.member_id, loan.id, 0, loan.point_type_id, False, LotOrigin.LOAN, None, Units(units),  # noqa: FBT003
        entry.transaction_date, None, None, None,
    )  # fmt: skip
    book.add([lot])
    owed = book.balance(loan.point_type_id).loan_outstanding
    book.owe(loan, units)
    line = LoanLine(loan.id, loan.point_type_id, units, owed, owed + units, gap.limit)
    decision = chunk.decided(SubStatus.SUCCESS, balances=balance_lines(before, book), loans=(line,))
    return Outcome(
        loan.id, entry.member_id, entry.attempt, Status.PROCESSED, SubStatus.SUCCESS, decision,
        lots=(lot,), totals=given(chunk.program, (lot,)), loans=(replace(loan, outstanding=units),),
    )  # fmt: skip


def repay(chunk: Chunk, entry: Entry, book: Book) -> list[Outcome]:
    """A repayment by hand, with points that were not lent first; raises Rejected above what is outstanding."""
    program, point_type = chunk.program, _type_of(chunk.program, entry)
    asked, loan = entry.points or Units(0), book.loans.get(entry.loan_id or 0)
    if loan is not None and loan.point_type_id != point_type.id:
        expected = program.point_types[loan.point_type_id].code
        raise Rejected(OtherPointType(point_type=point_type.code, expected=expected))
    if loan is None or asked > loan.outstanding:
        raise Rejected(exceeds(point_type, asked, loan.outstanding if loan else 0))
    if not book.complete:
        raise MoreLots(book.member.id)
    taken = spend.take(program, book, point_type.id, asked, order=_others_first)
    return [_repaid(chunk, entry, book, loan, taken)]


def exceeds(point_type: PointType, asked: int, outstanding: int) -> RepaymentExceedsLoan:
    """Why so much may not be repaid."""
    decimals = point_type.decimals
    return RepaymentExceedsLoan(
        point_type=point_type.code, asked=from_units(asked, decimals), outstanding=from_units(outstanding, decimals)
    )


def _others_first(lot: LotState) -> tuple[bool, tuple[date, date, LotKey]]:
    return lot.origin is LotOrigin.LOAN, paying_order(lot)


def automatic(chunk: Chunk, book: Book, earned: Earned, loans: Collection[int] | None = None) -> list[Outcome]:
    """What an accrual repays out of its own lots, the oldest loan first: at most the program's share of what it gave.

    `loans`: those that were made before it; all, right after it.
    """
    made, percent = [], chunk.program.program.settings.repayment_percent
    for point_type_id, points in earned.points.items():
        share = points * percent // 100
        for loan in [each for each in book.loans.values() if each.point_type_id == point_type_id]:
            if loans is None or loan.id in loans:
                taken = _own(book, earned.transaction_id, point_type_id, min(share, loan.outstanding))
                share -= sum(taken.values())
                made.extend([repayment(chunk, book, earned, loan, taken)] if taken else [])
    return made


def _own(book: Book, transaction_id: int, point_type_id: int, need: int) -> Taken:
    """From which lots of an accrual so much comes: those that are usable before those that are only to be."""
    mine = (
        lot
        for lot in book.lots.values()
        if lot.transaction_id == transaction_id and lot.point_type_id == point_type_id and lot.remaining
    )
    lots = sorted(
        (lot for lot in mine if not has_lapsed(lot, book.today)),
        key=lambda lot: (not is_usable(lot, book.today), paying_order(lot)),
    )
    return spend.split(lots, need)


def given_back(chunk: Chunk, book: Book, earned: Earned, follows_id: int, back: Mapping[LotKey, int]) -> list[Outcome]:
    """A redemption that is taken back repays the loan that was made for it, before anything else can be done with the points:
    with what comes back of those that were lent, so that any parts that add up to the whole leave everything as it was.
    """
    made = []
    for loan in [each for each in book.loans.values() if each.follows_id == follows_id]:
        units = min(loan.outstanding, back.get((loan.id, 0), 0))
        made.extend([repayment(chunk, book, earned, loan, {(loan.id, 0): units})] if units else [])
    return made


def repayment(chunk: Chunk, book: Book, earned: Earned, loan: LoanState, taken: Taken) -> Outcome:
    """A repayment that the engine makes because of another transaction, with what is taken from these lots."""
    number, units = chunk.numbers.take(), sum(taken.values())
    made = FollowUp(
        earned.transaction_id, Type.REDEMPTION, SubType.LOAN_REPAYMENT, earned.transaction_date,
        point_type_id=loan.point_type_id, points=units, loan_id=loan.id,
    )  # fmt: skip
    entry = Entry(
        id=number, member_id=book.member.id, type=made.type, sub_type=made.sub_type, status=Status.PROCESSED,
        transaction_date=made.transaction_date, reported_on=chunk.today, attributes={}, point_type_id=loan.point_type_id,
    )  # fmt: skip
    return replace(_repaid(chunk, entry, book, loan, taken), follow_up=made)


def _repaid(chunk: Chunk, entry: Entry, book: Book, loan: LoanState, taken: Taken) -> Outcome:
    before, units = dict(book.balances), sum(taken.values())
    book.take(loan.point_type_id, taken)
    left = book.owe(loan, -units).outstanding - units
    uses = spend.uses_of(entry, loan.point_type_id, taken)
    line = LoanLine(loan.id, loan.point_type_id, -units, left + units, left, None)
    decision = chunk.decided(SubStatus.SUCCESS, balances=balance_lines(before, book), loans=(line,))
    return Outcome(
        entry.id, entry.member_id, entry.attempt, Status.PROCESSED, SubStatus.SUCCESS, decision,
        uses=uses, totals=taken_of(chunk.program, uses, book), loans=(replace(loan, outstanding=left),),
    )  # fmt: skip


def taken_back(chunk: Chunk, book: Book, original: OriginalState, *, whole: bool) -> Unlent | None:
    """A loan that is cancelled is owed no longer; raises Rejected where something of it was spent, held or repaid.

    None: the transaction is no loan.
    """
    if original.sub_type is not SubType.LOAN:
        return None
    [given_lot] = original.lots
    point_type, units = chunk.program.point_types[given_lot.lot.point_type_id], given_lot.points
    loan = book.loans.get(original.id, LoanState(original.id, point_type.id, 0))
    left = book.lots[given_lot.lot.key].remaining
    if not (whole and left == loan.outstanding == units):
        lent, unspent, outstanding = (from_units(each, point_type.decimals) for each in (units, left, loan.outstanding))
        raise Rejected(LoanInUse(point_type=point_type.code, lent=lent, unspent=unspent, outstanding=outstanding))
    book.owe(loan, -units)
    return Unlent(replace(loan, outstanding=0), LoanLine(loan.id, point_type.id, -units, units, 0, None))


def earned_by(entry: Entry, transaction_id: int, lots: Iterable[NewLot]) -> Earned:
    """What an accrual just gave, as automatic repayment looks at it."""
    points: dict[int, int] = {}
    for lot in lots:
        points[lot.point_type_id] = points.get(lot.point_type_id, 0) + lot.points
    return Earned(transaction_id, entry.transaction_date, points)


def follow(chunk: Chunk, book: Book, outcome: Outcome, earned: Earned) -> list[Outcome]:
    """An accrual of somebody who owes: with what it repays at once, or noted for the night when the program turns to that."""
    if chunk.program.program.settings.repay_automatically:
        return [outcome, *automatic(chunk, book, earned)]
    waits = tuple(loan.id for loan in book.loans.values() if loan.point_type_id in earned.points)
    return [replace(outcome, unconsidered=waits)]


def _type_of(program: EngineProgram, entry: Entry) -> PointType:
    return program.point_types.get(entry.point_type_id or 0, program.default)
