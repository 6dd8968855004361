"""What a partner, or the host, has in its blocks at a moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.blocks import BLOCK_DECIMALS, BlockKind, PointBlock

ZERO = Decimal(0).scaleb(-BLOCK_DECIMALS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerBalance:
    """Block points. `total` is what a statement through today closes with: everything, less what is overdrawn.

    `available` and `promotions` are in active blocks, `idle` in those that have not begun or have passed their last day.
    """

    available: Decimal
    promotions: Decimal
    idle: Decimal
    overdrawn: Decimal
    credit_limit: Decimal

    @property
    def total(self) -> Decimal:
        """The sum of all blocks."""
        return self.available + self.promotions + self.idle - self.overdrawn

    @property
    def credit_left(self) -> Decimal:
        """How much more may be overdrawn."""
        return max(ZERO, self.credit_limit - self.overdrawn)


def balance_of(blocks: Iterable[PointBlock], credit_limit: Decimal, today: date) -> PartnerBalance:
    """What approved blocks come to."""
    found = {"available": ZERO, "promotions": ZERO, "idle": ZERO, "overdrawn": ZERO}
    for block in blocks:
        if block.kind is BlockKind.OVERDRAFT:
            found["overdrawn"] -= block.remaining
        elif not block.active(today):
            found["idle"] += block.remaining
        else:
            found["promotions" if block.kind is BlockKind.PROMOTION else "available"] += block.remaining
    return PartnerBalance(**found, credit_limit=credit_limit + ZERO)
