"""Terms of partners as they will be after a change, and everything that can be wrong with them.

Terms that are active say all that will be needed: what a postpaid partner pays, and by what a reorder is priced.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

from domain.blocks import BLOCK_DECIMALS, MAX_BLOCK_POINTS, points_problems
from domain.commands.members import Unchanged
from domain.commands.partners import PartnerTermsSet
from domain.currencies import currency_problems
from domain.partners import Billing, BillingRate, PartnerTerms
from domain.points import Spoken
from domain.pricing_rules import (
    MAX_PRICE,
    PRICE_DECIMALS,
    CurrenciesDiffer,
    PricingRule,
    PricingRuleInactive,
    no_price,
    price_for,
)
from domain.problems import Invalid, Missing, NotFound, Problem, TooMany
from domain.values import number_problems, shown

MAX_REPORT_DAYS = 3_650
MAX_POINT_TYPES = 100
MAX_RATES = 1_000
MAX_CONVERSION = Decimal(10**6)
MAX_PERCENTAGE = Decimal(1_000)
RATE_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingPeriodsOverlap(Problem):
    """Two rates of one point type with a day in common: what is given on it would have two prices."""

    code = "BILLING_PERIODS_OVERLAP"
    point_type: str
    first: str
    second: str

    @property
    def message(self) -> str:
        return f"The rates of {self.point_type} for {self.first} and {self.second} overlap: every day has at most one."


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditInUse(Problem):
    """A credit limit below what is overdrawn already."""

    code = "CREDIT_IN_USE"
    overdrawn: Spoken
    credit_limit: Spoken

    @property
    def message(self) -> str:
        return (
            f"{self.overdrawn:,f} points are overdrawn: the credit limit cannot be {self.credit_limit:,f} "
            "before they are made up for."
        )


_SIMPLE = ("active", "billing", "reorder_automatically", "credit_limit", "partner_approves")
_LISTS = ("point_types", "conversions", "rates")
_CLEARED = ("report_within_days", "reorder_limit", "minimum_order")


def changed(before: PartnerTerms, command: PartnerTermsSet, rule: PricingRule | None) -> PartnerTerms:
    """The terms after a change; `rule` is the pricing rule that the command names, if it does."""
    values: dict[str, Any] = {name: getattr(command, name) for name in (*_SIMPLE, *_LISTS)}
    values = {name: value for name, value in values.items() if value is not None}
    for name in _CLEARED:
        value = getattr(command, name)
        if not isinstance(value, Unchanged):
            values[name] = value
    if not isinstance(command.pricing_rule, Unchanged):
        values["pricing_rule_id"] = None if rule is None else rule.id
    return replace(before, **values, version=before.version + 1)


def terms_problems(
    terms: PartnerTerms, rule: PricingRule | None, point_types: Collection[str], *path: str
) -> Iterator[Problem]:
    """Everything wrong with terms; `rule` is their pricing rule, `point_types` are those of the program."""
    wrong = [
        *_number_problems(terms, *path),
        *_point_type_problems(terms, point_types, *path),
        *_rate_problems(terms.rates, point_types, *path, "rates"),
    ]
    yield from wrong or (
        *_currency_problems(terms, rule, *path),
        *_overlaps(terms.rates, *path, "rates"),
        *(_needs(terms, rule, *path) if terms.active else ()),
    )


def _number_problems(terms: PartnerTerms, *path: str) -> Iterator[Problem]:
    days = terms.report_within_days
    if days is not None and not 0 <= days <= MAX_REPORT_DAYS:
        yield Invalid(value=str(days), expected=f"0 to {MAX_REPORT_DAYS} days", path=(*path, "reportWithinDays"))
    yield from number_problems(terms.reorder_limit, MAX_BLOCK_POINTS, BLOCK_DECIMALS, *path, "reorderLimit")
    yield from points_problems(terms.minimum_order, *path, "minimumOrder")
    yield from number_problems(terms.credit_limit, MAX_BLOCK_POINTS, BLOCK_DECIMALS, *path, "creditLimit")


def _point_type_problems(terms: PartnerTerms, known: Collection[str], *path: str) -> Iterator[Problem]:
    if len(terms.point_types) > MAX_POINT_TYPES:
        found = len(terms.point_types)
        yield TooMany(what="point types", limit=MAX_POINT_TYPES, found=found, path=(*path, "pointTypes"))
        return
    for index, code in enumerate(terms.point_types):
        if code not in known:
            yield NotFound(what="point type", key=shown(code), path=(*path, "pointTypes", str(index)))
        elif code in terms.point_types[:index]:
            yield Invalid(value=shown(code), expected="every point type once", path=(*path, "pointTypes", str(index)))
    for index, (code, rate) in enumerate(terms.conversions.items()):
        place = (*path, "conversions", str(index))
        if code not in known:
            yield NotFound(what="point type", key=shown(code), path=(*place, "pointType"))
        if rate == 0:
            expected = "more than 0; a point type that is not to be charged is left out"
            yield Invalid(value="0", expected=expected, path=(*place, "rate"))
        yield from number_problems(rate, MAX_CONVERSION, RATE_DECIMALS, *place, "rate")


def _rate_problems(rates: Sequence[BillingRate], known: Collection[str], *path: str) -> Iterator[Problem]:
    if len(rates) > MAX_RATES:
        yield TooMany(what="rates", limit=MAX_RATES, found=len(rates), path=path)
        return
    for index, rate in enumerate(rates):
        place = (*path, str(index))
        if rate.point_type not in known:
            yield NotFound(what="point type", key=shown(rate.point_type), path=(*place, "pointType"))
        if rate.valid_through is not None and rate.valid_through < rate.valid_from:
            expected = f"{rate.valid_from} or later, when it begins"
            yield Invalid(value=str(rate.valid_through), expected=expected, path=(*place, "validThrough"))
        yield from number_problems(rate.price, MAX_PRICE, PRICE_DECIMALS, *place, "price")
        yield from number_problems(rate.percentage, MAX_PERCENTAGE, RATE_DECIMALS, *place, "percentage")
        yield from currency_problems(rate.currency, *place, "currency")


def _currency_problems(terms: PartnerTerms, rule: PricingRule | None, *path: str) -> Iterator[Problem]:
    expected, of = None, ""
    if rule is not None:
        expected, of = rule.currency, f"the pricing rule {rule.code}"
    elif terms.rates:
        expected, of = terms.rates[0].currency, "the first rate"
    for index, rate in enumerate(terms.rates):
        if expected is not None and rate.currency != expected:
            place = (*path, "rates", str(index), "currency")
            yield CurrenciesDiffer(given=rate.currency, expected=expected, of=of, path=place)


def _overlaps(rates: Sequence[BillingRate], *path: str) -> Iterator[Problem]:
    by_type: dict[str, list[tuple[int, BillingRate]]] = defaultdict(list)
    for index, rate in enumerate(rates):
        by_type[rate.point_type].append((index, rate))
    for point_type, found in by_type.items():
        for (_, before), (index, after) in pairwise(sorted(found, key=lambda each: each[1].valid_from)):
            if before.valid_through is None or after.valid_from <= before.valid_through:
                yield BillingPeriodsOverlap(
                    point_type=point_type, first=_period(before), second=_period(after), path=(*path, str(index))
                )


def _period(rate: BillingRate) -> str:
    end = "on" if rate.valid_through is None else f"through {rate.valid_through}"
    return f"{rate.valid_from} {end}"


def _needs(terms: PartnerTerms, rule: PricingRule | None, *path: str) -> Iterator[Problem]:
    """What active terms must say."""
    if terms.billing is Billing.POSTPAID and not terms.rates:
        yield Missing(why="a postpaid partner is billed by rates: give at least one", path=(*path, "rates"))
    if rule is not None and not rule.active:
        yield PricingRuleInactive(pricing_rule=rule.code, path=(*path, "pricingRule"))
    if terms.reorder_limit is None:
        return
    if terms.minimum_order is None:
        yield Missing(why="a reorder is about so many points", path=(*path, "minimumOrder"))
    elif rule is None:
        yield Missing(why="a reorder is priced by a pricing rule", path=(*path, "pricingRule"))
    elif price_for(rule, terms.minimum_order) is None:
        yield no_price(rule, terms.minimum_order, *path, "minimumOrder")
