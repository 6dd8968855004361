"""Stepped frequency promotions: rules count until the final date, and the day after it each member gets what the step is worth
that the count has reached, once.

The count is closed with its payout, also where it has reached no step: then the counter begins anew.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.points import MAX_DECIMALS
from domain.problems import Invalid, Missing, Problem, TooMany
from domain.programs import PointType
from domain.promotions import AssignPoints, AssignVoucher, Limits, Promotion, RunRule, Step, Steps, UpdateAttribute
from domain.rule_problems import InvalidRule
from domain.values import number_problems, shown, text_problems

MAX_STEPS = 50
MAX_COUNT = Decimal(10**12)
MAX_POINTS = Decimal(10**15)
MAX_CODE = 64
MAX_COUNTER = 200
COUNT_DECIMALS = 6
COUNTERS = "counters."

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """What a member's count was worth. `step` is counted from 1; without one, nothing was given and there is no transaction."""

    promotion_id: int
    promotion: str
    name: str
    member_id: int
    final_on: date
    counter: str
    count: Decimal
    step: int | None
    at_least: Decimal | None
    points: Decimal
    point_type: str
    transaction_id: int | None


def steps_problems(promotion: Promotion, path: Path) -> Iterator[Problem]:
    """What is wrong with steps by themselves, before they are kept."""
    steps = promotion.steps
    if steps is None:
        return
    yield from text_problems(steps.counter, MAX_COUNTER, *path, "counter")
    yield from text_problems(steps.point_type, MAX_CODE, *path, "pointType")
    if promotion.ends_on is not None and steps.counts_through is not None and steps.counts_through < promotion.ends_on:
        expected = f"{promotion.ends_on} (the last day of the promotion) or later"
        yield Invalid(value=steps.counts_through.isoformat(), expected=expected, path=(*path, "countsThrough"))
    if len(steps.steps) > MAX_STEPS:
        yield TooMany(what="steps", limit=MAX_STEPS, found=len(steps.steps), path=(*path, "steps"))
        return
    yield from _ascending_problems(steps.steps, (*path, "steps"))


def _ascending_problems(steps: tuple[Step, ...], path: Path) -> Iterator[Problem]:
    before: Step | None = None
    for place, step in enumerate(steps):
        where = (*path, str(place))
        wrong = [*_number_problems(step, where)]
        yield from wrong
        if before is not None and not wrong:
            for name, one, other in (("count", before.count, step.count), ("points", before.points, step.points)):
                if other <= one:
                    expected = f"more than {one:f}, as in the step before: steps go up"
                    yield Invalid(value=f"{other:f}", expected=expected, path=(*where, name))
        before = None if wrong else step


def _number_problems(step: Step, path: Path) -> Iterator[Problem]:
    for name, value, most, decimals in (
        ("count", step.count, MAX_COUNT, COUNT_DECIMALS),
        ("points", step.points, MAX_POINTS, MAX_DECIMALS),
    ):
        if value == 0:
            yield Invalid(value="0", expected="more than 0", path=(*path, name))
        else:
            yield from number_problems(value, most, decimals, *path, name)


def payable_problems(
    promotion: Promotion, point_types: Mapping[str, PointType], others: Iterable[Promotion]
) -> Iterator[Problem]:
    """What keeps steps from ever being paid; asked when the promotion is activated, beside `others` that are active."""
    steps = promotion.steps
    if steps is None:
        return
    if promotion.ends_on is None:
        yield Missing(why="what is paid by steps is paid the day after the end", path=("endsOn",))
    if not steps.steps:
        yield Missing(why="a promotion that counts up to steps needs at least one", path=("steps", "steps"))
    yield from _counter_problems(promotion, steps, others)
    yield from _point_type_problems(steps, point_types)
    if promotion.limits != Limits():
        yield InvalidRule(path=("limits",), reason="what is paid by steps has no limits: the highest step is the most")
    for place, action in _paying(promotion):
        reason = (
            f"{action} is not for a promotion that pays by steps: its rules count, and nothing is paid before the end"
        )
        yield InvalidRule(path=place, reason=reason)


def _counter_problems(promotion: Promotion, steps: Steps, others: Iterable[Promotion]) -> Iterator[Problem]:
    path = ("steps", "counter")
    if not steps.counter.startswith(COUNTERS):
        yield InvalidRule(path=path, reason=f"{shown(steps.counter)} is no counter: it would be called counters.NAME")
    elif steps.counter not in counted_by(promotion):
        yield InvalidRule(path=path, reason=f"no rule of this promotion counts {steps.counter}: let one add to it")
    for other in others:
        if other.steps is not None and other.steps.counter == steps.counter:
            reason = f"{other.code} is paid by {steps.counter} too: let each have a counter of its own"
            yield InvalidRule(path=path, reason=reason)


def _point_type_problems(steps: Steps, point_types: Mapping[str, PointType]) -> Iterator[Problem]:
    point_type = type_of(steps, point_types)
    if point_type is None:
        known = ", ".join(sorted(point_types)) or "none"
        reason = f"there is no point type {shown(steps.point_type or '')!r}; there are {known}"
        yield InvalidRule(path=("steps", "pointType"), reason=reason)
        return
    for place, step in enumerate(steps.steps):
        yield from number_problems(step.points, MAX_POINTS, point_type.decimals, "steps", "steps", str(place), "points")


def type_of(steps: Steps, point_types: Mapping[str, PointType]) -> PointType | None:
    """The kind of points that steps pay, among those of a program by code."""
    if steps.point_type is not None:
        return point_types.get(steps.point_type)
    return next((each for each in point_types.values() if each.is_default), None)


def counted_by(promotion: Promotion) -> frozenset[str]:
    """The attributes and counters that its rules change."""
    actions = (action for rule in promotion.rules for action in rule.actions)
    return frozenset(action.attribute for action in actions if isinstance(action, UpdateAttribute))


def _paying(promotion: Promotion) -> Iterator[tuple[Path, str]]:
    names = {AssignPoints: "assignPoints", AssignVoucher: "assignVoucher", RunRule: "runRule"}
    for index, rule in enumerate(promotion.rules):
        for number, action in enumerate(rule.actions):
            if type(action) in names:
                name = names[type(action)]
                yield ("rules", str(index), "actions", str(number)), name
