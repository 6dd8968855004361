"""Why a transaction gave or took what it did, in sentences for the person at the service desk and the member beside them.

Everything said is derived from the decision and from what it left in the ledger; nothing is worked out again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.decided_costs import DecidedDebit
from domain.decisions import (
    AttributeChange,
    Base,
    BaseSource,
    Considered,
    DecidedAward,
    Decision,
    Obstacle,
    PaymentKind,
)
from domain.engine import wording
from domain.lots import Lot, LotOrigin, LotUse
from domain.promotion_steps import Payout
from domain.promotions import AppliesToTransaction, ProductScope, Promotion
from domain.tiers import TierReason
from domain.transactions import SubType, Transaction, Type
from domain.vouchers import VoucherMove, VoucherSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A decision and what belongs to it: the lots it made, the uses it made, and the lots these took from."""

    decision: Decision
    transaction: Transaction
    product: str | None = None
    lots: Sequence[Lot] = ()
    uses: Sequence[LotUse] = ()
    sources: Sequence[Lot | None] = ()
    payout: Payout | None = None
    """The count that it pays for, if it is the bonus of a stepped promotion."""


def explain(story: Story) -> list[str]:
    """The sentences, in the order in which the engine worked."""
    return [
        _heading(story.decision),
        *_tier(story),
        *_payout(story),
        *_base(story),
        *_payments(story.decision),
        *_loans(story),
        *_reversal(story.decision),
        *_taken(story),
        *_promotions(story),
        *_changes(story.decision),
        *_vouchers(story.decision),
        *_tier_changes(story.decision),
        *_costs(story.decision),
        *_refusal(story.decision),
        *_balances(story.decision),
    ]


def _heading(decision: Decision) -> str:
    attempt = f", attempt {decision.attempt}" if decision.attempt > 1 else ""
    return (
        f"Worked on {decision.today} under version {decision.program_version} of the program{attempt}: "
        f"{decision.sub_status.value}."
    )


def _tier(story: Story) -> Iterator[str]:
    if story.decision.tier is not None:
        yield f"The member's tier on {story.transaction.transaction_date}: {story.decision.tier}."


def _tier_changes(decision: Decision) -> Iterator[str]:
    for each in decision.tier_changes:
        until = "" if each.ends_on is None else f", through {each.ends_on}"
        before = f"from {each.before} " if each.before is not None else ""
        yield f"Tier of {each.tier_class}: {before}to {each.after} from {decision.today} on{until}, {WHY[each.reason]}."


WHY = {
    TierReason.THRESHOLD: "because what it takes is reached",
    TierReason.PROMOTION: "because a promotion says so",
}
"""Why a transaction changes a tier; the other reasons are not a transaction's."""


def _payout(story: Story) -> Iterator[str]:
    paid = story.payout
    if paid is not None and paid.at_least is not None:
        yield (
            f"Promotion {paid.promotion} ({paid.name}): {paid.counter} had reached {wording.number(paid.count)} by "
            f"{paid.final_on}; from {wording.number(paid.at_least)} on, step {paid.step}, it is worth "
            f"{_points(paid.points, paid.point_type)}."
        )


CAME_IN = {
    SubType.TRANSFER_IN: "sent by another member",
    SubType.ROLLUP_IN: "earned by somebody who belongs to this household or account",
    SubType.MERGE_IN: "of a member who was merged into this one",
}
"""What another member had before."""

WENT_OUT = {
    SubType.EXPIRY: ("Lapsed", "past the last day of use"),
    SubType.TRANSFER: ("Sent", "to another member"),
    SubType.ROLLUP_OUT: ("Rolled up", "to the household or account"),
    SubType.MERGE_OUT: ("Moved", "to the member who stays"),
}
"""What leaves without paying for anything."""


def _base(story: Story) -> Iterator[str]:
    if (whence := CAME_IN.get(story.transaction.sub_type)) is not None:
        yield from (f"Came in, {whence}: {_lot(lot)}." for lot in story.lots)
        return
    base = story.decision.base
    if base is None:
        return
    if story.transaction.type is Type.REDEMPTION:
        yield f"{_cost_name(story)}: {wording.number(base.points)} {base.point_type} {_source(base, story)}."
    else:
        yield f"Base points: {base.points:,f} {_source(base, story)}{_given(story, LotOrigin.BASE, LotOrigin.ENTRY)}."


def _payments(decision: Decision) -> Iterator[str]:
    for each in decision.payments:
        means = f"voucher {each.name}" if each.kind is PaymentKind.VOUCHER else f"money ({each.name})"
        yield f"Paid by {means}: {wording.number(each.points)} {each.point_type}."


def _vouchers(decision: Decision) -> Iterator[str]:
    for each in decision.vouchers:
        why = GIVEN_BY[each.source] if each.promotion is None else _name(each.promotion)
        yield f"Vouchers: {each.quantity} {each.voucher_type}, by {why}."


GIVEN_BY = {
    VoucherSource.REDEMPTION: "this redemption",
    VoucherSource.TIER: "the tier that begins",
}
"""Why a transaction gives vouchers, where no promotion does."""


def _cost_name(story: Story) -> str:
    name, _ = WENT_OUT.get(story.transaction.sub_type, ("Cost", ""))
    return name


def _source(base: Base, story: Story) -> str:
    said = story.transaction
    match base.source:
        case BaseSource.RULE:
            rule = "" if base.definition is None else f" ({wording.base_rule(base.definition)})"
            return f"by base rule {base.rule}{rule}{_basis(said)}"
        case BaseSource.PRICE:
            times = "" if said.quantity is None else f", times {wording.number(said.quantity)}"
            return f"by the price of product {story.product}{times}"
        case BaseSource.GIVEN:
            return "given with the transaction"
        case BaseSource.ENTRY if said.sub_type in WENT_OUT:
            return WENT_OUT[said.sub_type][1]
        case BaseSource.ENTRY if said.follows_id is not None and said.other_member_id is not None:
            return "the share of an account in an accrual of its employee"
        case BaseSource.ENTRY:
            return "named by the transaction"
        case BaseSource.NONE:
            return f"because no base rule applies{_basis(said)}"


def _basis(said: Transaction) -> str:
    return "" if said.money is None else f" to {said.money.amount:,f} {said.money.currency}"


def _given(story: Story, *origins: LotOrigin) -> str:
    made = [lot for lot in story.lots if lot.origin in origins]
    return "".join(f" -> {_lot(lot)}" for lot in made)


def _lot(lot: Lot) -> str:
    bonus = "" if lot.qualifying else " (bonus)"
    start = "" if lot.effective_on is None else f", usable from {lot.effective_on}"
    return f"{_points(lot.points, lot.point_type)}{bonus}{start}, {_end(lot.expires_on)}"


def _end(expires_on: date | None) -> str:
    return "without expiry" if expires_on is None else f"usable through {expires_on}"


def _points(points: Decimal, point_type: str) -> str:
    return f"{points:,f} {point_type}"


def _promotions(story: Story) -> Iterator[str]:
    for each in story.decision.considered:
        if each.fired:
            yield from _fired(each, story)
        else:
            yield f"{_name(each.promotion)} did not apply: {_why_unfit(each, story.transaction)}."
    if not story.decision.considered:
        yield from _rewards(story)


def _rewards(story: Story) -> Iterator[str]:
    """An accrual that follows from a redemption: its promotions were considered there."""
    for award, lot in zip(story.decision.awards, _lots_of(story), strict=True):
        yield f"{_name(award.promotion)} rewards a redemption: {_award(award, lot, story)}."


def _name(promotion: Promotion) -> str:
    return f"Promotion {promotion.code} ({promotion.name})"


def _fired(each: Considered, story: Story) -> Iterator[str]:
    rules = " and ".join(f"rule {rule}" for rule in each.rules)
    awards = [pair for pair in zip(story.decision.awards, _lots_of(story), strict=True) if _is_of(each, pair[0])]
    if not awards:
        yield f"{_name(each.promotion)} applied by {rules}; {_worth(each.promotion)}."
    for award, lot in awards:
        yield f"{_name(each.promotion)} applied by {rules}: {_award(award, lot, story)}."


def _worth(promotion: Promotion) -> str:
    if promotion.steps is None:
        return "it gives no points"
    return f"it counts through {promotion.final_on}, and is paid afterwards by the step that {promotion.steps.counter} has reached"


def _is_of(each: Considered, award: DecidedAward) -> bool:
    return award.promotion.id == each.promotion.id


def _lots_of(story: Story) -> list[Lot | None]:
    """The lot of each award: awards that pay something made the lots of promotions, in the same order."""
    made = iter([lot for lot in story.lots if lot.origin is LotOrigin.PROMOTION])
    return [next(made, None) if award.paid and award.limited else None for award in story.decision.awards]


def _award(award: DecidedAward, lot: Lot | None, story: Story) -> str:
    amount = f"{award.exact:,f}"
    if award.limited != award.rounded:
        amount += f", limited to {award.limited:,f}"
    if lot is not None:
        return f"{amount} -> {_lot(lot)}"
    if award.paid and award.limited:
        return f"{amount} -> {_points(award.limited, award.point_type)} by an accrual of its own"
    if award.paid:
        return f"{amount} {award.point_type}, which is nothing"
    rule = story.decision.calculation_rule.value
    weighs = "" if award.weighted == award.limited else f", which weigh {wording.number(award.weighted)},"
    return f"{amount} {award.point_type}{weighs} not paid, because another promotion gives more ({rule})"


def _changes(decision: Decision) -> Iterator[str]:
    for each in decision.changes:
        before, after = wording.value(each.before), wording.value(each.after)
        if decision.reversal is not None:
            yield f"{each.attribute}, which {_name(each.promotion)} had changed, goes from {before} to {after}."
        else:
            yield f"{_name(each.promotion)} changed {each.attribute} from {before} to {after}{_step(each)}."


def _step(change: AttributeChange) -> str:
    """How far a count has come, where its promotion pays by steps."""
    steps = change.promotion.steps
    if steps is None or change.attribute != steps.counter or change.after is None:
        return ""
    place = steps.reached(Decimal(change.after))
    if place is None:
        return f": its first step is {wording.number(steps.steps[0].count)}"
    points = _points(steps.steps[place].points, steps.point_type or "points")
    return f": step {place + 1} of {len(steps.steps)}, worth {points} after {change.promotion.final_on}"


def _why_unfit(each: Considered, said: Transaction) -> str:
    promotion = each.promotion
    match each.reason:
        case Obstacle.DATE:
            end = "" if promotion.ends_on is None else f" through {promotion.ends_on}"
            return f"it runs from {promotion.starts_on}{end}, the transaction is of {said.transaction_date}"
        case Obstacle.FINAL_DATE:
            return f"it counted what was processed through {promotion.final_on}"
        case Obstacle.TYPE:
            kinds = ", ".join(map(_kind, promotion.applies_to)) or "ACCRUAL PRODUCT"
            return f"it is for {kinds}, this is {said.type.value} {said.sub_type.value}"
        case Obstacle.PARTNER:
            return f"it is for transactions of partner {', '.join(promotion.partners)}"
        case Obstacle.PRODUCT:
            words = "only for" if promotion.product_scope is ProductScope.INCLUDED else "not for"
            return f"it is {words} {', '.join(promotion.products)}"
        case Obstacle.TIER:
            return f"it is for members of tier {', '.join(promotion.tiers)}"
        case Obstacle.ENROLLMENT:
            return "the member is not enrolled in it"
        case _:
            return _failed_criterion(each)


def _kind(scope: AppliesToTransaction) -> str:
    return scope.type.value if scope.sub_type is None else f"{scope.type.value} {scope.sub_type.value}"


def _failed_criterion(each: Considered) -> str:
    if each.rule is None or each.criterion is None:
        return "none of its rules did"
    wanted = wording.criterion_of(each.promotion.rules[each.rule - 1], each.criterion)
    return f"rule {each.rule} wants that {wanted}, found: {each.seen}"


def _loans(story: Story) -> Iterator[str]:
    for each in story.decision.loans:
        if each.limit is None:
            left = _points(each.after, each.point_type)
            what = "Repaid" if story.decision.reversal is None else "Taken back"
            yield f"{what}: {_points(each.repaid, each.point_type)}; {left} of the loan {_are(each.after)} outstanding."
        else:
            owed, limit = _points(each.after, each.point_type), _points(each.limit, each.point_type)
            yield (
                f"Lent: {_points(each.lent, each.point_type)} (bonus), without expiry; the member now owes {owed}, "
                f"at most {limit} are allowed."
            )


def _are(points: Decimal) -> str:
    return "is" if points == 1 else "are"


def _reversal(decision: Decision) -> Iterator[str]:
    back = decision.reversal
    if back is None:
        return
    so_far = "" if not back.before else f", {_share(back.after)} of it by now"
    yield f"Takes back {_share(back.after - back.before)} of the transaction of {back.transaction_date}{so_far}."
    for lot in back.lots:
        if lot.lapsed:
            yield f"{_points(lot.lapsed, lot.point_type)} of it had expired: they are neither taken nor usable."
    for voucher in back.vouchers:
        means = "is taken back" if voucher.move is VoucherMove.CANCEL else "can be used again"
        yield f"Voucher {voucher.number} ({voucher.voucher_type}) {means}."


def _share(share: Fraction) -> str:
    """As people say it: all, or a percentage with two decimals at most."""
    percent = round(Decimal(share.numerator * 100) / share.denominator, 2)
    return "all" if share == 1 else f"{wording.number(percent)} %"


def _costs(decision: Decision) -> Iterator[str]:
    for each in decision.debits:
        points = wording.count(abs(each.points), "point")
        if each.points > 0:
            yield f"{_block(each)} pays {points}."
        else:
            yield f"{_block(each)} gets {points} back."
    for bill in decision.bills:
        verb = "is billed for" if bill.points > 0 else "is no longer billed for"
        part = "" if bill.percentage == WHOLE else f", {wording.number(bill.percentage)} % of it"
        yield (
            f"Partner {bill.partner} {verb} {_points(abs(bill.points), bill.point_type)} at {bill.price:,f} {bill.currency}"
            f"{part}: {abs(bill.amount):,f} {bill.currency}."
        )


WHOLE = Decimal(100)


def _block(debit: DecidedDebit) -> str:
    whose = "the host" if debit.partner is None else f"partner {debit.partner}"
    if debit.block_id is not None:
        return f"Block {debit.block_id} of {whose}"
    return f"An overdraft of {whose}" if debit.points > 0 else f"A new block of {whose}"


def _taken(story: Story) -> Iterator[str]:
    for use, lot in zip(story.uses, story.sources or [None] * len(story.uses), strict=True):
        origin = "" if lot is None else f" of {lot.transaction_date}, {_end(lot.expires_on)}"
        if use.points < 0:
            yield f"Put back: {_points(-use.points, use.point_type)} into the lot{origin}."
        else:
            yield f"Taken: {_points(use.points, use.point_type)} from the lot{origin}."


def _refusal(decision: Decision) -> Iterator[str]:
    if decision.refusal is not None:
        yield f"Refused: {decision.refusal.message} Nothing was given or taken."


def _balances(decision: Decision) -> Iterator[str]:
    for change in decision.balances:
        after = _points(change.after, change.point_type)
        yield f"Available: {change.before:,f} before, {after} after."
