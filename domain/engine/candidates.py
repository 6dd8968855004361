"""Which promotions are for a transaction at all, before any of their rules is asked.

Law 2: the transaction date decides, both ends included; the date of processing plays no part, but for the final date of
promotions that pay by steps: what is processed after it comes too late to be counted.
"""

from collections.abc import Callable, Hashable, Sequence
from datetime import date
from typing import NamedTuple

from domain.engine.snapshot import Entry
from domain.promotions import AppliesToTransaction, ProductScope, Promotion
from domain.tiers import Tier
from domain.transactions import ENGINE_ONLY, SubType, Type
from domain.verdicts import FIRED, OBSTACLES

DEFAULT_SCOPE = (AppliesToTransaction(Type.ACCRUAL, SubType.PRODUCT),)


MOST_REMEMBERED = 4_096
"""Kinds of transactions for which a sieve remembers what passes."""


class Who(NamedTuple):
    """A transaction and what is asked of its member: the dominant tier on its date, and the promotions joined."""

    entry: Entry
    tier: Tier | None
    enrolled: frozenset[int]
    today: date


Test = Callable[[Promotion, Who], bool]


def in_dates(promotion: Promotion, who: Who) -> bool:
    """The transaction date is within the promotion's dates."""
    day = who.entry.transaction_date
    return promotion.starts_on <= day and (promotion.ends_on is None or day <= promotion.ends_on)


def still_counting(promotion: Promotion, who: Who) -> bool:
    """Not after the final date of a promotion that pays by steps."""
    final_on = promotion.final_on
    return final_on is None or who.today <= final_on


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
    codes, named = codes_of(who.entry), set(promotion.products)
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
    ("FINAL_DATE", still_counting),
    ("TYPE", of_type),
    ("PARTNER", of_partner),
    ("PRODUCT", of_product),
    ("TIER", of_tier),
    ("ENROLLMENT", enrolled),
)
"""In this order; the first that fails is the reason the decision gives."""


class Sieve:
    """The tests for all promotions of a program, asked once for transactions that are alike in everything that decides."""

    def __init__(self, promotions: Sequence[Promotion], joined: frozenset[int]) -> None:
        self._promotions = promotions
        self._joined = joined
        self._stepped = any(promotion.steps for promotion in promotions)
        self._tiered = any(promotion.tiers for promotion in promotions)
        scoped = [promotion for promotion in promotions if promotion.product_scope is not ProductScope.ALL]
        self._named = frozenset(code for promotion in scoped for code in promotion.products) if scoped else None
        self._known: dict[Hashable, tuple[int, ...]] = {}

    def obstacles(self, who: Who) -> tuple[int, ...]:
        """For each promotion 0, or the number of the first test that fails (`domain/verdicts.py`)."""
        entry, tier, partner = who.entry, who.tier, who.entry.partner
        key = (
            entry.transaction_date,
            entry.type,
            entry.sub_type,
            who.today if self._stepped else None,
            partner.code if partner else None,
            tier.code if tier and self._tiered else None,
            self._products(entry) if self._named is not None else None,
            who.enrolled & self._joined if self._joined else None,
        )
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            found = self._known[key] = tuple(_obstacle(promotion, who) for promotion in self._promotions)
        return found

    def _products(self, entry: Entry) -> Hashable:
        """The products that any promotion names, and whether there is another: more about them decides nothing."""
        assert self._named is not None
        if not entry.line_items:
            code = entry.product.code if entry.product else None
            return code if code in self._named else code is None
        codes = codes_of(entry)
        return codes & self._named, bool(codes - self._named)


def codes_of(entry: Entry) -> frozenset[str]:
    """The products of a transaction and its lines."""
    codes = {line.product for line in entry.line_items if line.product is not None}
    return frozenset(codes | {entry.product.code}) if entry.product else frozenset(codes)


def _obstacle(promotion: Promotion, who: Who) -> int:
    return next((-1 - OBSTACLES.index(name) for name, test in TESTS if not test(promotion, who)), FIRED)
