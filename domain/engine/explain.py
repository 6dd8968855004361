"""Why a transaction gave or took what it did, in sentences for the person at the service desk and the member beside them.

Everything said is derived from the decision and from what it left in the ledger; nothing is worked out again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.decisions import Base, BaseSource, Considered, DecidedAward, Decision, Obstacle
from domain.engine import wording
from domain.lots import Lot, LotOrigin, LotUse
from domain.promotions import AppliesToTransaction, ProductScope, Promotion
from domain.tiers import TierReason
from domain.transactions import SubType, Transaction, Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A decision and what belongs to it: the lots it made, the uses it made, and the lots these took from."""

    decision: Decision
    transaction: Transaction
    product: str | None = None
    lots: Sequence[Lot] = ()
    uses: Sequence[LotUse] = ()
    sources: Sequence[Lot | None] = ()


def explain(story: Story) -> list[str]:
    """The sentences, in the order in which the engine worked."""
    return [
        _heading(story.decision),
        *_tier(story),
        *_base(story),
        *_taken(story),
        *_promotions(story),
        *_changes(story.decision),
        *_tier_changes(story.decision),
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


def _base(story: Story) -> Iterator[str]:
    base = story.decision.base
    if base is None:
        return
    if story.transaction.type is Type.REDEMPTION:
        yield f"{_cost_name(story)}: {wording.number(base.points)} {base.point_type} {_source(base, story)}."
    else:
        yield f"Base points: {base.points:,f} {_source(base, story)}{_given(story, LotOrigin.BASE, LotOrigin.ENTRY)}."


def _cost_name(story: Story) -> str:
    return "Lapsed" if story.transaction.sub_type is SubType.EXPIRY else "Cost"


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
        case BaseSource.ENTRY if said.sub_type is SubType.EXPIRY:
            return "past the last day of use"
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
        yield f"{_name(each.promotion)} applied by {rules}; it gives no points."
    for award, lot in awards:
        yield f"{_name(each.promotion)} applied by {rules}: {_award(award, lot, story)}."


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
    return f"{amount} {award.point_type} not paid, because another promotion gives more ({rule})"


def _changes(decision: Decision) -> Iterator[str]:
    for each in decision.changes:
        before, after = wording.value(each.before), wording.value(each.after)
        yield f"{_name(each.promotion)} changed {each.attribute} from {before} to {after}."


def _why_unfit(each: Considered, said: Transaction) -> str:
    promotion = each.promotion
    match each.reason:
        case Obstacle.DATE:
            end = "" if promotion.ends_on is None else f" through {promotion.ends_on}"
            return f"it runs from {promotion.starts_on}{end}, the transaction is of {said.transaction_date}"
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


def _taken(story: Story) -> Iterator[str]:
    for use, lot in zip(story.uses, story.sources or [None] * len(story.uses), strict=True):
        origin = "" if lot is None else f" of {lot.transaction_date}, {_end(lot.expires_on)}"
        yield f"Taken: {_points(use.points, use.point_type)} from the lot{origin}."


def _refusal(decision: Decision) -> Iterator[str]:
    if decision.refusal is not None:
        yield f"Refused: {decision.refusal.message} Nothing was given or taken."


def _balances(decision: Decision) -> Iterator[str]:
    for change in decision.balances:
        after = _points(change.after, change.point_type)
        yield f"Available: {change.before:,f} before, {after} after."
