"""Redemptions: the price, the lots that pay it, and the accrual that an award on a redemption becomes."""

from msgspec.structs import replace

from domain.engine import awards, leaving, loans, spend, standing, suspension
from domain.engine.awards import Judgement
from domain.engine.base import cost_of
from domain.engine.book import Book
from domain.engine.candidates import Who
from domain.engine.chunk import Chunk
from domain.engine.decision import BaseLine
from domain.engine.facts import facts_of
from domain.engine.families import Gains, flows, gains_of
from domain.engine.grant import award_lots
from domain.engine.lines import balance_lines, decision_lines, given, judgement_of, take_up, taken_of, tier_lines
from domain.engine.outcome import FollowUp, Outcome
from domain.engine.program import EngineProgram
from domain.engine.rejections import Rejected, RuleFailed
from domain.engine.snapshot import Entry
from domain.engine.vouchers import bought, check_offer, of_promotions, of_tiers, pay, voucher_lines
from domain.points import from_units
from domain.transactions import Status, SubStatus, SubType, Type


def redeem(chunk: Chunk, entry: Entry, book: Book) -> list[Outcome]:
    """Lots pay the price, nearest expiry first; raises Rejected."""
    program, before = chunk.program, dict(book.balances)
    base = _price(program, entry)
    point_type = program.point_types[base.point_type_id]
    payment = pay(chunk, entry, book, base)
    check_offer(program, entry, base, payment)
    limited = entry.sub_type is SubType.PRODUCT
    if limited:
        leaving.check(program, book, point_type, payment.due)
    hold = None if entry.hold_id is None else book.holds.get(entry.hold_id)
    gap, tier = loans.NO_GAP, standing.tier_on(program, book, entry.transaction_date) if program.lends else None
    if entry.hold_id is None:
        borrower = tier if entry.sub_type is SubType.PRODUCT else None
        gap = loans.gap_of(program, borrower, book, point_type, payment.due)
        taken = spend.take(program, book, point_type.id, payment.due - gap.units)
    else:
        taken = spend.take_held(program, hold, point_type.id, payment.due)
    judged = awards.NONE
    if program.rewards_redemptions:
        tier = standing.tier_on(program, book, entry.transaction_date)
        judged = judgement_of(
            chunk, Who(entry, tier, book.member.enrolled, chunk.today), book, facts_of(program, entry, book, tier), base
        )
    vouchers = (*bought(chunk, entry), *of_promotions(chunk, entry, judged.vouchers)) if program.vouchers else ()
    loan_id = chunk.numbers.take() if gap.units else None
    reward = _reward(chunk, entry, book, judged) if judged.paid else None
    if hold is not None:
        book.release(hold)
    lent = [loans.advance(chunk, entry, book, point_type.id, gap, number=loan_id)] if gap.units else []
    taken |= {loans.lot_of(each): gap.units for each in lent}
    book.take(point_type.id, taken)
    if limited:
        leaving.count(book, point_type, payment.due)
    book.use(payment.used)
    uses = spend.uses_of(entry, point_type.id, taken)
    totals, changes = taken_of(program, uses, book), balance_lines(before, book)
    granted = take_up(entry, book, judged)
    outcome = Outcome(
        entry.id, entry.member_id, entry.attempt, Status.PROCESSED, SubStatus.SUCCESS,
        chunk.decided(
            SubStatus.SUCCESS, base=base, **decision_lines(judged), balances=changes, payments=payment.lines,
            vouchers=voucher_lines(vouchers), tier=tier.code if tier else None,
            loans=tuple(line for each in lent for line in each.decision.loans),
        ),
        base.points, uses=uses, totals=totals, granted=granted, vouchers=vouchers, used=payment.used,
        captured=hold,
    )  # fmt: skip
    return [outcome, *lent, *(_rewarded(chunk, entry, book, judged, reward) if reward else ())]


def _reward(chunk: Chunk, entry: Entry, book: Book, judged: Judgement) -> tuple[int, Gains]:
    """An award on a redemption is an accrual of its own: its number and lots, before anything is written; raises Rejected."""
    number, tier = chunk.numbers.take(), standing.tier_on(chunk.program, book, entry.transaction_date)
    lots = tuple(award_lots(chunk.program, entry, tier, number, judged.paid))
    return number, gains_of(chunk, replace(entry, id=number), book, lots)


def _rewarded(chunk: Chunk, entry: Entry, book: Book, judged: Judgement, reward: tuple[int, Gains]) -> list[Outcome]:
    """The accrual that an award on a redemption becomes, in the same commit."""
    before, (number, gains) = dict(book.balances), reward
    lots, charged = gains.lots, gains.charged.of(number)
    book.add(lots)
    standing.count(chunk.program, book, lots)
    tiers = tuple(standing.upgrades(chunk.program, book))
    extensions = suspension.extensions_of(chunk.program, book, number)
    vouchers = of_tiers(chunk.program, chunk.today, entry.member_id, tiers, number)
    decision = chunk.decided(
        SubStatus.SUCCESS, awards=judged.awards, balances=balance_lines(before, book), tier_changes=tier_lines(tiers),
        vouchers=voucher_lines(vouchers), **charged.lines,
    )  # fmt: skip
    outcome = Outcome(
            number, entry.member_id, 1, Status.PROCESSED, SubStatus.SUCCESS, decision, lots=lots,
            extensions=extensions, totals=given(chunk.program, lots), tier_changes=tiers, vouchers=vouchers,
            follow_up=FollowUp(entry.id, Type.ACCRUAL, SubType.ACTION_BASED_BONUS, entry.transaction_date),
            debits=charged.debits, bills=charged.bills,
    )  # fmt: skip
    repaid = loans.follow(chunk, book, outcome, loans.earned_by(entry, number, lots)) if book.loans else [outcome]
    return [*repaid, *flows(chunk, replace(entry, id=number), book, gains)]


def _price(program: EngineProgram, entry: Entry) -> BaseLine:
    """What a redemption costs: the product's price, else the points that the transaction names."""
    cost = cost_of(entry)
    named = program.point_types[entry.point_type_id] if entry.point_type_id is not None else program.default
    if cost is None:
        if entry.points is None:
            raise Rejected(_no_price(entry))
        return BaseLine("ENTRY", None, from_units(entry.points, named.decimals), named.id)
    price, points = cost
    point_type = program.point_types[price.point_type_id]
    return BaseLine("PRICE", None, points, point_type.id)


def _no_price(entry: Entry) -> RuleFailed:
    product = f"product {entry.product.code!r}" if entry.product else "a redemption without a product"
    reason = f"it has no redemption price on {entry.transaction_date}, and the transaction names no points"
    return RuleFailed(where=product, reason=reason)
