"""Who paid for what a transaction gave, as people read it in a decision: points of blocks, and what is billed afterwards.

Employees see all of it, a partner's user what is its own partner's, a member nothing: what points cost is between companies.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from domain.engine.decision import BillLine, DebitLine
from domain.engine.rejections import InsufficientPointBlocks
from domain.engine.supply import spoken
from domain.people import Scope
from domain.problems import Problem
from domain.programs import PointType


def plain(number: Decimal) -> Decimal:
    """Without zeros at its end, and never in scientific notation."""
    short = number.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedDebit:
    """Points of a block of a partner (None: of the host) that paid for the lot at a position; below 0: that came back of it.

    `block_id` None: a block that was still to be made.
    """

    block_id: int | None
    partner_id: int | None
    partner: str | None
    lot_position: int
    points: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedBill:
    """Points of the lot at a position for which a partner is billed; below 0: which are taken off again."""

    partner_id: int
    partner: str
    lot_position: int
    point_type: str
    points: Decimal
    price: Decimal
    currency: str
    percentage: Decimal
    amount: Decimal


Cost = TypeVar("Cost", DecidedDebit, DecidedBill)
P = TypeVar("P", bound=Problem)


def debit_of(line: DebitLine) -> DecidedDebit:
    """From the line of a stored decision."""
    return DecidedDebit(
        block_id=line.block_id if line.block_id > 0 else None, partner_id=line.owner, partner=line.partner,
        lot_position=line.position, points=spoken(line.points),
    )  # fmt: skip


def bill_of(line: BillLine, point_type: PointType) -> DecidedBill:
    """The same of a bill."""
    return DecidedBill(
        partner_id=line.partner_id, partner=line.partner, lot_position=line.position, point_type=point_type.code,
        points=plain(line.points), price=plain(line.price), currency=line.currency, percentage=plain(line.percentage),
        amount=plain(line.amount),
    )  # fmt: skip


def shown_to(scope: Scope, costs: Iterable[Cost]) -> tuple[Cost, ...]:
    """Those that somebody may see."""
    if scope.member_id is not None:
        return ()
    return tuple(each for each in costs if scope.partner_id in (None, each.partner_id))


def refusal_told(scope: Scope, company: str | None, refusal: P) -> P:
    """A refusal as somebody of a company (the code of a partner; None: of none) may hear it: how much is left of the blocks of
    one partner is told to the host and to that partner alone.
    """
    if not isinstance(refusal, InsufficientPointBlocks) or (scope.member_id is None and scope.partner_id is None):
        return refusal
    if scope.partner_id is not None and company is not None and company == refusal.partner:
        return refusal
    return replace(refusal, available=None, required=None)
