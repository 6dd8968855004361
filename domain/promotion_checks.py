"""What can be wrong with a promotion in itself, before anything is stored: sizes, texts, numbers, dates and limits.

A draft may be unfinished: whether its rules could ever work is asked when it is activated.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.codes import code_problems, foreign_code_problems, name_problems
from domain.expiry import policy_problems
from domain.points import MAX_DECIMALS
from domain.problems import Invalid, Problem, TooMany
from domain.promotions import Action, AssignPoints, Criterion, Limits, Promotion, Rule, UpdateAttribute
from domain.values import MAX_DECIMALS as MAX_FRACTION
from domain.values import MAX_NUMBER, number_problems, shown, text_problems

EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
MAX_APPLIES_TO = 50
MAX_CODES = 1_000
MAX_RULES = 100
MAX_ACTIONS = 20
MAX_CRITERIA = 100
MAX_VALUES = 10_000
MAX_WHERE = 20
MAX_TEXT = 1_000
MAX_EXPRESSION = 10_000
MAX_LIMIT = Decimal(10**15)

Path = tuple[str, ...]


def name_and_code_problems(code: str, name: str | None, *path: str) -> Iterator[Problem]:
    """What a promotion is called."""
    yield from code_problems(code, *path, "code")
    yield from name_problems(name, *path, "name")


def draft_problems(promotion: Promotion, *path: str) -> Iterator[Problem]:
    """Everything wrong with a promotion that is to be kept; `path` is its place in the input."""
    yield from _date_problems(promotion, path)
    yield from _count_problems("types", promotion.applies_to, MAX_APPLIES_TO, (*path, "appliesTo"))
    yield from _codes_problems(promotion.partners, (*path, "partners"))
    yield from _codes_problems(promotion.products, (*path, "products"))
    yield from _codes_problems(promotion.tiers, (*path, "tiers"))
    yield from _limit_problems(promotion.limits, (*path, "limits"))
    yield from _count_problems("rules", promotion.rules, MAX_RULES, (*path, "rules"))
    for index, rule in enumerate(promotion.rules[:MAX_RULES]):
        yield from _rule_problems(rule, (*path, "rules", str(index)))


def camel(name: str) -> str:
    """A field's name as the API writes it."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _date_problems(promotion: Promotion, path: Path) -> Iterator[Problem]:
    for name, day in (("startsOn", promotion.starts_on), ("endsOn", promotion.ends_on)):
        if day is not None and not EARLIEST <= day <= LATEST:
            yield Invalid(value=day.isoformat(), expected=f"{EARLIEST} to {LATEST}", path=(*path, name))
    if promotion.ends_on is not None and promotion.ends_on < promotion.starts_on:
        expected = f"{promotion.starts_on} (the start) or later"
        yield Invalid(value=promotion.ends_on.isoformat(), expected=expected, path=(*path, "endsOn"))


def _codes_problems(codes: Sequence[str], path: Path) -> Iterator[Problem]:
    yield from _count_problems("codes", codes, MAX_CODES, path)
    for index, code in enumerate(codes[:MAX_CODES]):
        yield from foreign_code_problems(code, *path, str(index))


def _limit_problems(limits: Limits, path: Path) -> Iterator[Problem]:
    for field in fields(limits):
        value, where = getattr(limits, field.name), (*path, camel(field.name))
        if value is not None and value == 0:
            yield Invalid(value="0", expected="more than 0 points, or no limit at all", path=where)
        else:
            yield from number_problems(value, MAX_LIMIT, MAX_DECIMALS, *where)


def _rule_problems(rule: Rule, path: Path) -> Iterator[Problem]:
    yield from _criteria_problems(rule.criteria, MAX_CRITERIA, (*path, "criteria"))
    yield from text_problems(rule.expression, MAX_EXPRESSION, *path, "expression", lines=True)
    yield from _count_problems("actions", rule.actions, MAX_ACTIONS, (*path, "actions"))
    for index, action in enumerate(rule.actions[:MAX_ACTIONS]):
        name = type(action).__name__
        yield from _action_problems(action, (*path, "actions", str(index), name[0].lower() + name[1:]))


def _criteria_problems(
    criteria: Sequence[Criterion], most: int, path: Path, *, inside: bool = False
) -> Iterator[Problem]:
    yield from _count_problems("criteria", criteria, most, path)
    for index, criterion in enumerate(criteria[:most]):
        where = (*path, str(index))
        yield from _texts_problems(criterion, ("attribute", "other"), where)
        yield from _count_problems("values", criterion.values, MAX_VALUES, (*where, "values"))
        for number, value in enumerate(criterion.values[:MAX_VALUES]):
            yield from _value_problems(value, (*where, "values", str(number)))
        yield from _factor_problems(criterion.factor, (*where, "factor"))
        if inside and criterion.where:
            expected = "no `where`: these criteria select line items already"
            yield Invalid(value=f"{len(criterion.where)} criteria", expected=expected, path=(*where, "where"))
        else:
            yield from _criteria_problems(criterion.where, MAX_WHERE, (*where, "where"), inside=True)


def _action_problems(action: Action, path: Path) -> Iterator[Problem]:
    yield from _texts_problems(
        action, ("point_type", "attribute", "other", "voucher_type", "tier_class", "tier", "kind"), path
    )
    if isinstance(action, UpdateAttribute) and action.value is not None:
        yield from _value_problems(action.value, (*path, "value"))
    if isinstance(action, AssignPoints):
        yield from _points_problems(action, path)


def _points_problems(action: AssignPoints, path: Path) -> Iterator[Problem]:
    yield from _factor_problems(action.constant, (*path, "constant"))
    yield from _factor_problems(action.factor, (*path, "factor"))
    yield from text_problems(action.expression, MAX_EXPRESSION, *path, "expression", lines=True)
    yield from _criteria_problems(action.lines or (), MAX_WHERE, (*path, "lines"), inside=True)
    if action.expiry is not None:
        yield from policy_problems(action.expiry, *path, "expiry")


def _texts_problems(source: object, names: Iterable[str], path: Path) -> Iterator[Problem]:
    for name in names:
        yield from text_problems(getattr(source, name, None), MAX_TEXT, *path, camel(name))


def _value_problems(value: Any, path: Path) -> Iterator[Problem]:
    """A constant that an attribute is compared with or set to."""
    match value:
        case str():
            yield from text_problems(value, MAX_TEXT, *path, lines=True)
        case bool():
            return
        case int() | Decimal():
            yield from _factor_problems(Decimal(value), path)
        case date() if not isinstance(value, datetime):
            return
        case _:
            yield Invalid(
                value=shown(repr(value)), expected="a text, an exact number, a date, true or false", path=path
            )


def _factor_problems(number: Decimal | None, path: Path) -> Iterator[Problem]:
    size = number if number is None or not number.is_finite() else abs(number)
    yield from number_problems(size, MAX_NUMBER, MAX_FRACTION, *path)


def _count_problems(what: str, items: Sequence[object], most: int, path: Path) -> Iterator[Problem]:
    if len(items) > most:
        yield TooMany(what=what, limit=most, found=len(items), path=path)
