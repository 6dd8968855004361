"""What partners, and the host, have agreed to give and have in stock: their terms, and the blocks that pay today.

Points of a block are whole hundredths here. A program that charges nobody has no supply, and nothing is asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from domain.blocks import BLOCK_DECIMALS, BlockKind
from domain.points import Units

Owner = int | None
"""A partner, by its key; None: the host."""

ONE = Decimal(1)
RANKS = {BlockKind.NORMAL: 0, BlockKind.RESERVE: 1, BlockKind.OVERDRAFT: 2}
"""The order of kinds; blocks of a promotion come before all of them, and pay for nothing else."""

LASTS = frozenset({BlockKind.NORMAL, BlockKind.RESERVE})
"""What takes back points whose own block is gone."""


class Rate(msgspec.Struct, frozen=True):
    """What a point costs that is given on a date from the first day through the last one (None: until further notice)."""

    valid_from: date
    valid_through: date | None
    price: Decimal
    currency: str
    percentage: Decimal


class TermsState(msgspec.Struct, frozen=True):
    """The terms of one owner. `conversions`: points of the block per member point, by point type; one that is not named is not
    charged. `rates`: by point type, for who is billed afterwards. `point_types`: those that may be given; none: all.
    """

    owner: Owner
    code: str | None
    active: bool = True
    postpaid: bool = False
    credit_limit: Units = Units(0)
    point_types: frozenset[int] = frozenset()
    conversions: Mapping[int, Decimal] = msgspec.field(default_factory=dict)
    rates: Mapping[int, tuple[Rate, ...]] = msgspec.field(default_factory=dict)

    def conversion(self, point_type_id: int) -> Decimal | None:
        """Points of the block per point of the type; None: it is not charged. The host gives one for one."""
        return ONE if self.owner is None else self.conversions.get(point_type_id)

    def rate(self, point_type_id: int, day: date) -> Rate | None:
        """The rate in force on a day; None: the type is not charged then."""
        for each in self.rates.get(point_type_id, ()):
            if each.valid_from <= day and (each.valid_through is None or day <= each.valid_through):
                return each
        return None


class BlockState(msgspec.Struct, frozen=True, gc=False):
    """A block that may be used today. `remaining`: in hundredths, below 0 only of an overdraft, which is still to be opened where
    its `id` is below 0.
    """

    id: int
    owner: Owner
    kind: BlockKind
    remaining: Units
    ends_on: date | None
    price: Decimal
    currency: str
    promotion_id: int | None = None

    @property
    def order(self) -> tuple[int, date, int]:
        """NORMAL before RESERVE before OVERDRAFT, then the earliest end (none last), then the oldest."""
        return RANKS.get(self.kind, -1), self.ends_on or date.max, self.id


@dataclass(frozen=True, slots=True)
class Supply:
    """The terms by owner, and their blocks in the order in which they pay: for all, and for a promotion of theirs alone."""

    terms: Mapping[Owner, TermsState] = field(default_factory=dict)
    by_owner: Mapping[Owner, Sequence[BlockState]] = field(default_factory=dict)
    by_promotion: Mapping[tuple[Owner, int], Sequence[BlockState]] = field(default_factory=dict)
    by_id: Mapping[int, BlockState] = field(default_factory=dict)

    def refuge(self, owner: Owner) -> BlockState | None:
        """The block that takes back points whose own block is gone: the earliest-expiring one; None: there is none."""
        mine = (each for each in self.by_owner.get(owner, ()) if each.kind in LASTS)
        return min(mine, key=lambda each: (each.ends_on or date.max, each.id), default=None)

    def less(self, left: Mapping[int, int]) -> "Supply":
        """The same supply with so much left of some blocks."""
        if not left:
            return self
        blocks = (replace(each, remaining=Units(left.get(each.id, each.remaining))) for each in self.by_id.values())
        return supply_of(self.terms.values(), blocks)


NO_SUPPLY = Supply()


def supply_of(terms: Iterable[TermsState], blocks: Iterable[BlockState]) -> Supply:
    """A supply of these; a partner with credit has an overdraft, be it one that is still to be opened."""
    agreed = {each.owner: each for each in terms}
    known = list(blocks)
    drawn = {each.owner for each in known if each.kind is BlockKind.OVERDRAFT}
    known += [_overdraft(each) for each in agreed.values() if each.credit_limit and each.owner not in drawn]
    by_owner: dict[Owner, list[BlockState]] = {}
    by_promotion: dict[tuple[Owner, int], list[BlockState]] = {}
    for block in sorted(known, key=lambda each: each.order):
        if block.kind is not BlockKind.PROMOTION:
            by_owner.setdefault(block.owner, []).append(block)
        elif block.promotion_id is not None:
            by_promotion.setdefault((block.owner, block.promotion_id), []).append(block)
    return Supply(agreed, by_owner, by_promotion, {each.id: each for each in known})


def _overdraft(terms: TermsState) -> BlockState:
    return BlockState(-(terms.owner or 0), terms.owner, BlockKind.OVERDRAFT, Units(0), None, Decimal(0), "")


def spoken(hundredths: int) -> Decimal:
    """Points of a block as people speak them."""
    return Decimal(hundredths).scaleb(-BLOCK_DECIMALS)
