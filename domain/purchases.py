"""What points cost when they are bought: by the pricing rule of the partner's terms, or by hand where there is none.

The host pays itself nothing unless somebody says otherwise. One partner pays in one currency.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.block_moves import BOUGHT
from domain.blocks import points_problems
from domain.commands.blocks import PointBlockPurchase
from domain.currencies import amount_problems, currency_problems
from domain.partners import PartnerTerms
from domain.pricing_rules import (
    MAX_PRICE,
    PRICE_DECIMALS,
    CurrenciesDiffer,
    PricingRule,
    PricingRuleInactive,
    cost_of,
    no_price,
    price_for,
)
from domain.problems import Invalid, Missing, Problem, Refused
from domain.values import number_problems

FREE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Price:
    """Per point and of all of them, in one currency."""

    each: Decimal
    currency: str
    cost: Decimal


def priced(
    command: PointBlockPurchase, terms: PartnerTerms | None, rule: PricingRule | None, currency: str, *path: str
) -> Price:
    """What the points cost; `terms` and `rule` are those of the partner, `currency` is the program's. Raises Refused."""
    if rule is not None:
        problems = list(_rule_problems(command, rule, *path))
        each, currency = price_for(rule, command.points), rule.currency
        if each is None and not problems:
            problems.append(no_price(rule, command.points, *path, "points"))
    else:
        agreed = terms.rates[0].currency if terms is not None and terms.rates else None
        each, currency = command.price, command.currency or agreed or currency
        problems = list(_hand_problems(command, terms, agreed, currency, *path))
        each = FREE if each is None else each
    if problems or each is None:
        raise Refused(*problems)
    cost = cost_of(command.points, each, currency)
    if wrong := [*amount_problems(cost, currency, *path, "points")]:
        raise Refused(*wrong)
    return Price(each, currency, cost)


def _rule_problems(command: PointBlockPurchase, rule: PricingRule, *path: str) -> Iterator[Problem]:
    if not rule.active:
        yield PricingRuleInactive(pricing_rule=rule.code, path=(*path, "partner"))
    if command.price is not None:
        expected = f"none: the pricing rule {rule.code} says what points cost this partner"
        yield Invalid(value=f"{command.price:f}", expected=expected, path=(*path, "price"))
    if command.currency not in (None, rule.currency):
        of = f"the pricing rule {rule.code}"
        place = (*path, "currency")
        yield CurrenciesDiffer(given=command.currency or "", expected=rule.currency, of=of, path=place)


def _hand_problems(
    command: PointBlockPurchase, terms: PartnerTerms | None, agreed: str | None, currency: str, *path: str
) -> Iterator[Problem]:
    if command.price is None and terms is not None:
        yield Missing(
            why="the terms of this partner name no pricing rule: say what a point costs", path=(*path, "price")
        )
    yield from number_problems(command.price, MAX_PRICE, PRICE_DECIMALS, *path, "price")
    yield from currency_problems(currency, *path, "currency")
    if agreed is not None and currency != agreed:
        yield CurrenciesDiffer(given=currency, expected=agreed, of="the rates of the partner", path=(*path, "currency"))


def purchase_problems(command: PointBlockPurchase, today: date, *path: str) -> Iterator[Problem]:
    """Everything wrong with a purchase, besides its price."""
    yield from points_problems(command.points, *path, "points")
    if command.kind not in BOUGHT:
        expected = " or ".join(kind.value for kind in BOUGHT)
        yield Invalid(value=command.kind.value, expected=expected, path=(*path, "kind"))
    yield from date_problems(command.starts_on or today, command.ends_on, today, *path)


def date_problems(starts_on: date, ends_on: date | None, today: date, *path: str) -> Iterator[Problem]:
    """Everything wrong with the dates of a new block: it must be of use on some day."""
    if ends_on is None:
        return
    earliest, why = max((starts_on, "when it starts"), (today, "today"))
    if ends_on < earliest:
        yield Invalid(value=ends_on.isoformat(), expected=f"{earliest} ({why}) or later", path=(*path, "endsOn"))
