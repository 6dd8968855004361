"""Pricing rules: what a point costs a partner, by how many it buys at once.

Ranges include both their ends and do not overlap; a quantity between two of them, or outside all, has no price.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from domain.blocks import BLOCK_DECIMALS, MAX_BLOCK_POINTS, points_problems
from domain.currencies import DECIMALS
from domain.points import Spoken
from domain.problems import Invalid, Missing, Problem, TooMany
from domain.values import number_problems

MAX_RANGES = 100
MAX_PRICE = Decimal(10**9)
PRICE_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class PriceRange:
    """A price per point for quantities from `from_quantity` through `to_quantity` (None: without end)."""

    from_quantity: Decimal
    to_quantity: Decimal | None
    price: Decimal

    def __contains__(self, quantity: Decimal) -> bool:
        return self.from_quantity <= quantity and (self.to_quantity is None or quantity <= self.to_quantity)

    def __str__(self) -> str:
        end = "or more" if self.to_quantity is None else f"to {self.to_quantity:,f}"
        return f"{self.from_quantity:,f} {end}"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRangesOverlap(Problem):
    """Two ranges with a quantity in common: it would have two prices."""

    code = "PRICE_RANGES_OVERLAP"
    first: str
    second: str

    @property
    def message(self) -> str:
        return f"The ranges {self.first} and {self.second} overlap: every quantity has at most one price."


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPriceForQuantity(Problem):
    """A quantity outside every range of a pricing rule."""

    code = "NO_PRICE_FOR_QUANTITY"
    quantity: Spoken
    pricing_rule: str
    ranges: tuple[str, ...]

    @property
    def message(self) -> str:
        ranges = "; ".join(self.ranges)
        return f"{self.pricing_rule} has no price for {self.quantity:,f} points: its ranges are {ranges}."


@dataclass(frozen=True, slots=True, kw_only=True)
class PricingRuleInactive(Problem):
    """A pricing rule by which nothing is sold any more."""

    code = "PRICING_RULE_INACTIVE"
    pricing_rule: str

    @property
    def message(self) -> str:
        return f"The pricing rule {self.pricing_rule} is not active: activate it, or give the terms another one."


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrenciesDiffer(Problem):
    """Two prices of one partner in different currencies: they could not be summed."""

    code = "CURRENCIES_DIFFER"
    given: str
    expected: str
    of: str

    @property
    def message(self) -> str:
        return f"{self.given} is not the currency of {self.of}, which is {self.expected}: one partner pays in one currency."


def price_for(rule: PricingRule, quantity: Decimal) -> Decimal | None:
    """The price per point of so many points bought at once; None if the rule has none."""
    return next((each.price for each in rule.ranges if quantity in each), None)


def no_price(rule: PricingRule, quantity: Decimal, *path: str) -> NoPriceForQuantity:
    """Why a quantity cannot be bought by a rule."""
    ranges = tuple(str(each) for each in rule.ranges)
    return NoPriceForQuantity(quantity=quantity, pricing_rule=rule.code, ranges=ranges, path=path)


def cost_of(points: Decimal, price: Decimal, currency: str) -> Decimal:
    """What so many points cost, rounded half up to the smallest part of the currency."""
    return (points * price).quantize(Decimal(1).scaleb(-DECIMALS[currency]), ROUND_HALF_UP)


def range_problems(ranges: Sequence[PriceRange], *path: str) -> Iterator[Problem]:
    """Everything wrong with the ranges of a rule; `path` is the place of the list."""
    if not ranges:
        yield Missing(why="a pricing rule has at least one range", path=path)
    if len(ranges) > MAX_RANGES:
        yield TooMany(what="ranges", limit=MAX_RANGES, found=len(ranges), path=path)
        return
    wrong = [problem for index, each in enumerate(ranges) for problem in _one_problems(each, *path, str(index))]
    yield from wrong or _overlaps(ranges, *path)


def _one_problems(given: PriceRange, *path: str) -> list[Problem]:
    found: list[Problem] = [
        *points_problems(given.from_quantity, *path, "fromQuantity"),
        *number_problems(given.to_quantity, MAX_BLOCK_POINTS, BLOCK_DECIMALS, *path, "toQuantity"),
        *number_problems(given.price, MAX_PRICE, PRICE_DECIMALS, *path, "price"),
    ]
    if not found and given.to_quantity is not None and given.to_quantity < given.from_quantity:
        expected = f"{given.from_quantity:f} or more, where the range begins"
        found.append(Invalid(value=f"{given.to_quantity:f}", expected=expected, path=(*path, "toQuantity")))
    return found


def _overlaps(ranges: Sequence[PriceRange], *path: str) -> Iterator[Problem]:
    for (_, before), (index, after) in pairwise(sorted(enumerate(ranges), key=lambda each: each[1].from_quantity)):
        if after.from_quantity in before:
            yield PriceRangesOverlap(first=str(before), second=str(after), path=(*path, str(index)))
