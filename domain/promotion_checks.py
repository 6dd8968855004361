"""What can be wrong with a promotion in itself, before anything is stored: dates, limits, codes and sizes.

A draft may be unfinished: whether its rules could ever work is asked when it is activated.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal

from domain.codes import code_problems, foreign_code_problems, name_problems
from domain.points import MAX_DECIMALS
from domain.problems import Invalid, Problem
from domain.promotion_rule_checks import Path, camel, count_problems, rule_problems
from domain.promotion_steps import steps_problems
from domain.promotions import Limits, Promotion
from domain.values import number_problems

EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
MAX_APPLIES_TO = 50
MAX_CODES = 1_000
MAX_RULES = 100
MAX_LIMIT = Decimal(10**15)


def name_and_code_problems(code: str, name: str | None, *path: str) -> Iterator[Problem]:
    """What a promotion is called."""
    yield from code_problems(code, *path, "code")
    yield from name_problems(name, *path, "name")


def draft_problems(promotion: Promotion, *path: str) -> Iterator[Problem]:
    """Everything wrong with a promotion that is to be kept; `path` is its place in the input."""
    yield from _date_problems(promotion, path)
    yield from count_problems("types", promotion.applies_to, MAX_APPLIES_TO, (*path, "appliesTo"))
    yield from _codes_problems(promotion.partners, (*path, "partners"))
    yield from _codes_problems(promotion.products, (*path, "products"))
    yield from _codes_problems(promotion.tiers, (*path, "tiers"))
    yield from _limit_problems(promotion.limits, (*path, "limits"))
    yield from count_problems("rules", promotion.rules, MAX_RULES, (*path, "rules"))
    for index, rule in enumerate(promotion.rules[:MAX_RULES]):
        yield from rule_problems(rule, (*path, "rules", str(index)))
    yield from steps_problems(promotion, (*path, "steps"))


def _date_problems(promotion: Promotion, path: Path) -> Iterator[Problem]:
    final_on = None if promotion.steps is None else promotion.steps.counts_through
    for day, *name in (
        (promotion.starts_on, "startsOn"),
        (promotion.ends_on, "endsOn"),
        (final_on, "steps", "countsThrough"),
    ):
        if day is not None and not EARLIEST <= day <= LATEST:
            yield Invalid(value=day.isoformat(), expected=f"{EARLIEST} to {LATEST}", path=(*path, *name))
    if promotion.ends_on is not None and promotion.ends_on < promotion.starts_on:
        expected = f"{promotion.starts_on} (the start) or later"
        yield Invalid(value=promotion.ends_on.isoformat(), expected=expected, path=(*path, "endsOn"))


def _codes_problems(codes: Sequence[str], path: Path) -> Iterator[Problem]:
    yield from count_problems("codes", codes, MAX_CODES, path)
    for index, code in enumerate(codes[:MAX_CODES]):
        yield from foreign_code_problems(code, *path, str(index))


def _limit_problems(limits: Limits, path: Path) -> Iterator[Problem]:
    for field in fields(limits):
        value, where = getattr(limits, field.name), (*path, camel(field.name))
        if value is not None and value == 0:
            yield Invalid(value="0", expected="more than 0 points, or no limit at all", path=where)
        else:
            yield from number_problems(value, MAX_LIMIT, MAX_DECIMALS, *where)
