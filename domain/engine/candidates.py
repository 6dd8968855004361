"""Which promotions are for a transaction at all, before any of their rules is asked.

Law 2: the transaction date decides, both ends included; the date of processing plays no part.
"""

from collections.abc import Callable, Sequence
from typing import Any

from domain.engine.decision import FailedLine
from domain.engine.snapshot import Entry, MemberState
from domain.promotions import AppliesToTransaction, ProductScope, Promotion
from domain.transactions import ENGINE_ONLY, SubType, Type

DEFAULT_SCOPE = (AppliesToTransaction(Type.ACCRUAL, SubType.PRODUCT),)

Test = Callable[[Promotion, Entry, MemberState], bool]


def in_dates(promotion: Promotion, entry: Entry, _: MemberState) -> bool:
    """The transaction date is within the promotion's dates."""
    day = entry.transaction_date
    return promotion.starts_on <= day and (promotion.ends_on is None or day <= promotion.ends_on)


def of_type(promotion: Promotion, entry: Entry, _: MemberState) -> bool:
    """One of the promotion's types and sub-types."""
    return any(
        scope.type is entry.type
        and (entry.sub_type not in ENGINE_ONLY if scope.sub_type is None else scope.sub_type is entry.sub_type)
        for scope in promotion.applies_to or DEFAULT_SCOPE
    )


def of_partner(promotion: Promotion, entry: Entry, _: MemberState) -> bool:
    """One of the promotion's partners, if it names any."""
    return not promotion.partners or (entry.partner is not None and entry.partner.code in promotion.partners)


def of_product(promotion: Promotion, entry: Entry, _: MemberState) -> bool:
    """Included: at least one product of the transaction or its lines is; excluded: at least one is not, or there is none."""
    if promotion.product_scope is ProductScope.ALL:
        return True
    codes = {line.product for line in entry.line_items if line.product is not None}
    codes |= {entry.product.code} if entry.product else set()
    named = set(promotion.products)
    if promotion.product_scope is ProductScope.INCLUDED:
        return not codes.isdisjoint(named)
    return not codes or not codes <= named


def of_tier(promotion: Promotion, _: Entry, member: MemberState) -> bool:
    """One of the promotion's tiers, if it names any."""
    tier: Any = member.tier
    return not promotion.tiers or (tier is not None and tier["code"] in promotion.tiers)


def enrolled(promotion: Promotion, _: Entry, member: MemberState) -> bool:
    """The member is enrolled, if the promotion requires it."""
    return not promotion.enrollment_required or promotion.id in member.enrolled


TESTS: tuple[tuple[str, Test], ...] = (
    ("DATE", in_dates),
    ("TYPE", of_type),
    ("PARTNER", of_partner),
    ("PRODUCT", of_product),
    ("TIER", of_tier),
    ("ENROLLMENT", enrolled),
)
"""In this order; the first that fails is the reason the decision gives."""


def candidates(
    promotions: Sequence[Promotion], entry: Entry, member: MemberState
) -> tuple[list[int], list[FailedLine]]:
    """The indexes of the promotions that may compete, and why the others may not."""
    chosen: list[int] = []
    failed: list[FailedLine] = []
    for index, promotion in enumerate(promotions):
        reason = next((name for name, test in TESTS if not test(promotion, entry, member)), None)
        if reason is None:
            chosen.append(index)
        else:
            failed.append(FailedLine(promotion.id, promotion.version, reason))
    return chosen, failed
