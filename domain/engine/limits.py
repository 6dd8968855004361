"""Limits of promotions: so many points in all, and so many per member and span of time, by the transaction date.

A limit cuts an award before the contest; only what is paid counts towards it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal

from domain.engine.supply import NO_SUPPLY, BlockState, Supply
from domain.points import Units
from domain.promotions import Limits, Promotion

Span = str
"""A member's span of time, such as `MONTH:2026-06-01`, by its first day."""

GrantKey = tuple[int, Span]
"""A promotion and a span."""

FIRST_DAYS: dict[str, Callable[[date], date]] = {
    "DAY": lambda day: day,
    "WEEK": lambda day: day - timedelta(day.weekday()),
    "MONTH": lambda day: day.replace(day=1),
    "YEAR": lambda day: day.replace(month=1, day=1),
    "EVER": lambda _: date.min,
}
"""Where a span begins; weeks begin on Monday."""

PER_MEMBER: dict[str, Callable[[Limits], Decimal | None]] = {
    "DAY": lambda limits: limits.per_member_day,
    "WEEK": lambda limits: limits.per_member_week,
    "MONTH": lambda limits: limits.per_member_month,
    "YEAR": lambda limits: limits.per_member_year,
    "EVER": lambda limits: limits.per_member_ever,
}


@dataclass(slots=True)
class Stock:
    """What is used up by all members of a chunk together, kept up to date while it is worked: what promotions with a limit in
    all have paid, and what is left of blocks, in hundredths, where it is not as in the supply.
    """

    paid: dict[int, Decimal] = field(default_factory=dict)
    supply: Supply = NO_SUPPLY
    left: dict[int, int] = field(default_factory=dict)

    def left_of(self, block: BlockState) -> int:
        """What is left of a block."""
        left = self.left.get(block.id)
        return block.remaining if left is None else left


def spans(promotion: Promotion, day: date) -> Iterator[tuple[Span, Decimal]]:
    """The spans that a transaction of this date falls into, as far as the promotion limits them, and how much each allows."""
    for name, limit_of in PER_MEMBER.items():
        limit = limit_of(promotion.limits)
        if limit is not None:
            yield f"{name}:{FIRST_DAYS[name](day)}", limit


def left(promotion: Promotion, day: date, granted: Mapping[GrantKey, Decimal], stock: Stock) -> Decimal | None:
    """How many points the promotion may still give for a transaction of this date; None: as many as it likes."""
    rest = [limit - granted.get((promotion.id, span), Decimal(0)) for span, limit in spans(promotion, day)]
    if promotion.limits.total is not None:
        rest.append(promotion.limits.total - stock.paid.get(promotion.id, Decimal(0)))
    return max(Decimal(0), min(rest)) if rest else None


def cut(points: Units, decimals: int, rest: Decimal | None) -> Units:
    """An award as far as a limit allows it, in whole units."""
    if rest is None:
        return points
    return Units(min(points, int(rest.scaleb(decimals).to_integral_value(ROUND_FLOOR))))
