"""Pricing rules: what a point costs a partner, by how many it buys at once.

Ranges include both their ends and do not overlap; a quantity between two of them, or outside all, has no price.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PriceRange:
    """A price per point for quantities from `from_quantity` through `to_quantity` (None: without end)."""

    from_quantity: Decimal
    to_quantity: Decimal | None
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PricingRule:
    """A named list of ranges in one currency; terms of partners refer to it. `ranges` are in their order."""

    id: int
    program_id: int
    code: str
    name: str
    currency: str
    active: bool
    ranges: tuple[PriceRange, ...]
    version: int
