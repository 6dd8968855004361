"""What a plug-in proposes, checked as strictly as what a promotion's own actions propose: nonsense is an error, never an effect."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from domain.attributes import AttributeType
from domain.expiry import ExpiryPolicy
from domain.promotions import AttributeOperation, TierDirection
from domain.rules import AttributeUpdate, Award, Proposal, TierMove, VoucherAward
from rules.context import Context
from rules.exact import MAX_DIGITS, is_number
from rules.values import CONVERT

MAX_VOUCHERS = 1000
CHANGEABLE = ("member.attributes.", "counters.")
"""Attributes that a rule may change begin so."""


def checked(answer: Any, context: Context) -> Proposal:
    """One proposal that can be meant; raises TypeError or ValueError. A bare number is points of the base point type."""
    if is_number(answer):
        answer = Award(None, qualifying=False, points=Decimal(answer))
    check = _CHECKS.get(type(answer))
    if check is None:
        raise TypeError(f"{answer!r} is neither points nor a proposal")
    check(answer, context)
    return answer  # type: ignore[no-any-return]


def _award(award: Any, context: Context) -> None:
    if not is_number(award.points):
        raise TypeError(f"{award.points!r} points; expected a finite Decimal")
    if award.points < 0 or Decimal(award.points).adjusted() >= MAX_DIGITS:
        raise ValueError(f"{award.points} points; expected none or more")
    if award.point_type is not None and award.point_type not in context.point_types:
        raise ValueError(f"there is no point type {award.point_type!r}")
    _expect(type(award.qualifying) is bool, "qualifying", award.qualifying)
    _expect(award.starts_on is None or type(award.starts_on) is date, "starts_on", award.starts_on)
    _expect(award.expiry is None or isinstance(award.expiry, ExpiryPolicy), "expiry", award.expiry)


def _update(update: Any, context: Context) -> None:
    _expect(isinstance(update.operation, AttributeOperation), "operation", update.operation)
    kind = context.scope.type_of(update.attribute) if isinstance(update.attribute, str) else None
    if kind is None or not update.attribute.startswith(CHANGEABLE):
        raise ValueError(f"{update.attribute!r} is no attribute that a rule may change")
    _expect(_fits(update.value, kind), "value", update.value)
    if update.operation is not AttributeOperation.SET:
        _expect(kind in (AttributeType.INTEGER, AttributeType.NUMBER), "operation", update.operation)
    if update.operation is AttributeOperation.DIVIDE and update.value == 0:
        raise ValueError(f"{update.attribute} would be divided by zero")


def _fits(value: Any, kind: AttributeType) -> bool:
    try:
        return CONVERT[kind](value) is not None
    except (TypeError, ValueError):
        return False


def _voucher(voucher: Any, context: Context) -> None:
    _expect(isinstance(voucher.voucher_type, str) and voucher.voucher_type != "", "voucher_type", voucher.voucher_type)
    _expect(type(voucher.quantity) is int and 1 <= voucher.quantity <= MAX_VOUCHERS, "quantity", voucher.quantity)


def _move(move: Any, context: Context) -> None:
    _expect(isinstance(move.tier_class, str) and move.tier_class != "", "tier_class", move.tier_class)
    _expect(isinstance(move.direction, TierDirection), "direction", move.direction)
    _expect(move.tier is None or isinstance(move.tier, str), "tier", move.tier)


def _expect(right: bool, name: str, value: Any) -> None:
    if not right:
        raise ValueError(f"{name} cannot be {value!r}")


_CHECKS: Mapping[type, Callable[[Any, Context], None]] = {
    Award: _award,
    AttributeUpdate: _update,
    VoucherAward: _voucher,
    TierMove: _move,
}
