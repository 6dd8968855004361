"""When points are bought anew: as soon as a partner has no more of them than the limit that its terms set.

What counts is what it can use for everything: promotion blocks are set aside, what is overdrawn is missing. What it has
asked for or bought already, and cannot use yet, is on its way and counts too. A purchase that nobody has decided about is
not proposed twice.
"""

from collections.abc import Iterable
from decimal import Decimal

from domain.blocks import BlockKind, BlockStatus, PointBlock
from domain.partners import PartnerTerms


def usable(active: Iterable[PointBlock]) -> Decimal:
    """How many points an owner can use for everything, of its active blocks."""
    return sum((each.remaining for each in active if each.kind is not BlockKind.PROMOTION), Decimal(0))


def is_due(terms: PartnerTerms, left: Decimal, on_the_way: Iterable[PointBlock]) -> bool:
    """Whether a reorder is due, with so many usable points left."""
    if terms.reorder_limit is None or terms.minimum_order is None:
        return False
    coming = Decimal(0)
    for block in on_the_way:
        if block.status is not BlockStatus.APPROVED:
            return False
        coming += block.remaining
    return left + coming <= terms.reorder_limit
