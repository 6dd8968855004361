"""Which promotions are for a transaction at all, before any of their rules is asked.

Law 2: the transaction date decides, both ends included; the date of processing plays no part.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.engine.decision import FailedLine
from domain.engine.snapshot import Entry
from domain.promotions import AppliesToTransaction, ProductScope, Promotion
from domain.tiers import Tier
from domain.transactions import ENGINE_ONLY, SubType, Type

DEFAULT_SCOPE = (AppliesToTransaction(Type.ACCRUAL, SubType.PRODUCT),)


@dataclass(frozen=True, slots=True)
class Who:
    """A transaction and what is asked of its member: the dominant tier on its date, and the promotions joined."""

    entry: Entry
    tier: Tier | None
    enrolled: frozenset[int]


Test = Callable[[Promotion, Who], bool]


def in_dates(promotion: Promotion, who: Who) -> bool:
    """The transaction date is within the promotion's dates."""
    day = who.entry.transaction_date
    return promotion.starts_on <= day and (promotion.ends_on is None or day <= promotion.ends_on)


def of_type(promotion: Promotion, who: Who) -> bool:
    """One of the promotion's types and sub-types."""
    return any(
        scope.type is who.entry.type
        and (who.entry.sub_type not in ENGINE_ONLY if scope.sub_type is None else scope.sub_type is who.entry.sub_type)
        for scope in promotion.applies_to or DEFAULT_SCOPE
    )


def of_partner(promotion: Promotion, who: Who) -> bool:
    """One of the promotion's partners, if it names any."""
    partner = who.entry.partner
    return not promotion.partners or (partner is not None and partner.code in promotion.partners)


def of_product(promotion: Promotion, who: Who) -> bool:
    """Included: at least one product of the transaction or its lines is; excluded: at least one is not, or there is none."""
    if promotion.product_scope is ProductScope.ALL:
        return True
    codes = {line.product for line in who.entry.line_items if line.product is not None}
    codes |= {who.entry.product.code} if who.entry.product else set()
    named = set(promotion.products)
    if promotion.product_scope is ProductScope.INCLUDED:
        return not codes.isdisjoint(named)
    return not codes or not codes <= named


def of_tier(promotion: Promotion, who: Who) -> bool:
    """One of the promotion's tiers, if it names any."""
    return not promotion.tiers or (who.tier is not None and who.tier.code in promotion.tiers)


def enrolled(promotion: Promotion, who: Who) -> bool:
    """The member is enrolled, if the promotion requires it."""
    return not promotion.enrollment_required or promotion.id in who.enrolled


TESTS: tuple[tuple[str, Test], ...] = (
    ("DATE", in_dates),
    ("TYPE", of_type),
    ("PARTNER", of_partner),
    ("PRODUCT", of_product),
    ("TIER", of_tier),
    ("ENROLLMENT", enrolled),
)
"""In this order; the first that fails is the reason the decision gives."""


def candidates(promotions: Sequence[Promotion], who: Who) -> tuple[list[int], list[FailedLine]]:
    """The indexes of the promotions that may compete, and why the others may not."""
    chosen: list[int] = []
    failed: list[FailedLine] = []
    for index, promotion in enumerate(promotions):
        reason = next((name for name, test in TESTS if not test(promotion, who)), None)
        if reason is None:
            chosen.append(index)
        else:
            failed.append(FailedLine(promotion.id, promotion.version, reason))
    return chosen, failed
