"""Base points: what a transaction is worth before any promotion, and the minimum that a member receives.

Points that came with the transaction win, then the product's price for that partner and date, then the program's base rules.
"""

from decimal import Decimal
from typing import Any

from domain.engine.decision import BaseLine
from domain.engine.program import EngineProgram
from domain.engine.rejections import CurrencyMismatch, Rejected, RuleFailed
from domain.engine.snapshot import Entry, Price
from domain.points import MAX_UNITS, from_units, round_base
from domain.programs import PointType, PriceKind
from domain.rules import CurrencyMismatch as WrongCurrency
from domain.rules import RuleError

ZERO = Decimal(0)


def base_of(program: EngineProgram, entry: Entry, facts: dict[str, Any]) -> BaseLine:
    """The base points of an accrual; raises Rejected."""
    if entry.points is not None and entry.point_type_id is not None:
        point_type = program.point_types[entry.point_type_id]
        return BaseLine("ENTRY", None, from_units(entry.points, point_type.decimals), point_type.id)
    point_type = program.point_types.get(entry.point_type_id or 0, program.default)
    if entry.base_points is not None:
        return _kept("GIVEN", None, entry.base_points, point_type)
    if price := price_of(entry, PriceKind.ACCRUAL):
        return _kept("PRICE", None, price.points * _quantity(entry), program.point_types[price.point_type_id])
    return _by_rules(program, facts, point_type)


def _by_rules(program: EngineProgram, facts: dict[str, Any], point_type: PointType) -> BaseLine:
    try:
        base = program.rules.base(facts)
    except WrongCurrency as error:
        raise Rejected(CurrencyMismatch(currency=error.currency or "none", expected=error.expected)) from None
    except RuleError as error:
        raise Rejected(RuleFailed(where=error.where, reason=error.message)) from None
    return _kept("NONE" if base.rule is None else "RULE", base.rule, base.points, point_type)


def _kept(source: str, rule: int | None, points: Decimal, point_type: PointType) -> BaseLine:
    if not 0 <= (points.scaleb(point_type.decimals) if point_type.decimals else points) <= MAX_UNITS:
        reason = f"{points} {point_type.code} are out of bounds: a transaction gives zero or more, and at most {MAX_UNITS} units"
        raise Rejected(RuleFailed(where="base points", reason=reason))
    return BaseLine(source, rule, round_base(points, point_type.decimals), point_type.id)


def _quantity(entry: Entry) -> Decimal:
    return Decimal(1) if entry.quantity is None else entry.quantity


def cost_of(entry: Entry) -> tuple[Price, Decimal] | None:
    """The price of what is redeemed, and what it comes to for the quantity."""
    price = price_of(entry, PriceKind.REDEMPTION)
    return None if price is None else (price, price.points * _quantity(entry))


def price_of(entry: Entry, kind: PriceKind) -> Price | None:
    """The product's price in force on the transaction date; one made for the partner wins over the one for all."""
    if entry.product is None or not entry.product.prices:
        return None
    partner_id, day = entry.partner.id if entry.partner else None, entry.transaction_date
    in_force = [
        price
        for price in entry.product.prices
        if price.kind is kind
        and price.partner_id in (None, partner_id)
        and price.starts_on <= day
        and (price.ends_on is None or day <= price.ends_on)
    ]
    return min(in_force, key=lambda price: price.partner_id is None, default=None)
