"""What steps must be to be saved, and what a promotion must be to pay by them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.problems import Invalid, Missing, Problem
from domain.promotions import AssignPoints, AttributeOperation, Limits, Rule, Step, Steps, UpdateAttribute
from domain.rule_problems import InvalidRule
from domain.store.database import Database
from tests.support.factories import a_program
from tests.support.members import refusal
from tests.support.promotions import a_draft_promotion, a_promotion, activated, updated

FIRST, LAST, FINAL = date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 10)
FLIGHTS = "counters.flights"
COUNT = Rule((UpdateAttribute(FLIGHTS, AttributeOperation.ADD, 1),))
GOLDEN = (Step(Decimal(3), Decimal(1000)), Step(Decimal(4), Decimal(3000)), Step(Decimal(6), Decimal(5000)))
STEPS = Steps(FLIGHTS, GOLDEN, FINAL)


def step(count: int | str, points: int | str) -> Step:
    return Step(Decimal(count), Decimal(points))


IN = ("input", "steps")


@pytest.mark.parametrize(
    ("steps", "problems"),
    [
        (
            Steps(FLIGHTS, (step(3, 1000), step(3, 2000))),
            [
                Invalid(
                    value="3",
                    expected="more than 3, as in the step before: steps go up",
                    path=(*IN, "steps", "1", "count"),
                )
            ],
        ),
        (
            Steps(FLIGHTS, (step(3, 1000), step(2, 2000), step(4, 1500))),
            [
                Invalid(
                    value="2",
                    expected="more than 3, as in the step before: steps go up",
                    path=(*IN, "steps", "1", "count"),
                ),
                Invalid(
                    value="1500",
                    expected="more than 2000, as in the step before: steps go up",
                    path=(*IN, "steps", "2", "points"),
                ),
            ],
        ),
        (
            Steps(FLIGHTS, (step(0, 10), step(1, 0))),
            [
                Invalid(value="0", expected="more than 0", path=(*IN, "steps", "0", "count")),
                Invalid(value="0", expected="more than 0", path=(*IN, "steps", "1", "points")),
            ],
        ),
        (
            Steps(FLIGHTS, GOLDEN, LAST - timedelta(1)),
            [
                Invalid(
                    value="2026-03-30",
                    expected="2026-03-31 (the last day of the promotion) or later",
                    path=(*IN, "countsThrough"),
                )
            ],
        ),
        (
            Steps(" ", GOLDEN),
            [Invalid(value=" ", expected="a text that is not blank", path=(*IN, "counter"))],
        ),
    ],
)
async def test_steps_that_cannot_be_are_not_saved(database: Database, steps: Steps, problems: list[Problem]) -> None:
    program = await a_program(database)
    with refusal(*problems):
        await a_draft_promotion(database, program, COUNT, starts_on=FIRST, ends_on=LAST, steps=steps)


AT = ("input", "promotion")
OTHER = Rule((UpdateAttribute("counters.other", AttributeOperation.ADD, 1),))
GIVES = Rule((AssignPoints(constant=Decimal(5)), UpdateAttribute(FLIGHTS, AttributeOperation.ADD, 1)))


@pytest.mark.parametrize(
    ("rule", "values", "problem"),
    [
        (
            COUNT,
            {"ends_on": None},
            Missing(why="what is paid by steps is paid the day after the end", path=(*AT, "endsOn")),
        ),
        (
            COUNT,
            {"steps": Steps(FLIGHTS, ())},
            Missing(why="a promotion that counts up to steps needs at least one", path=(*AT, "steps", "steps")),
        ),
        (
            OTHER,
            {},
            InvalidRule(
                reason="no rule of this promotion counts counters.flights: let one add to it",
                path=(*AT, "steps", "counter"),
            ),
        ),
        (
            COUNT,
            {"steps": Steps("flights", GOLDEN)},
            InvalidRule(
                reason="flights is no counter: it would be called counters.NAME", path=(*AT, "steps", "counter")
            ),
        ),
        (
            COUNT,
            {"steps": Steps(FLIGHTS, GOLDEN, point_type="MILES")},
            InvalidRule(reason="there is no point type 'MILES'; there are POINTS", path=(*AT, "steps", "pointType")),
        ),
        (
            COUNT,
            {"steps": Steps(FLIGHTS, (step(3, "10.5"),))},
            Invalid(value="10.5", expected="at most 0 decimals", path=(*AT, "steps", "steps", "0", "points")),
        ),
        (
            COUNT,
            {"limits": Limits(total=Decimal(10_000))},
            InvalidRule(
                reason="what is paid by steps has no limits: the highest step is the most", path=(*AT, "limits")
            ),
        ),
        (
            GIVES,
            {},
            InvalidRule(
                reason="assignPoints is not for a promotion that pays by steps: its rules count, and nothing is paid before the end",
                path=(*AT, "rules", "0", "actions", "0"),
            ),
        ),
    ],
)
async def test_steps_that_could_never_be_paid_are_not_activated(
    database: Database, rule: Rule, values: dict[str, Any], problem: Problem
) -> None:
    program = await a_program(database)
    given = {"starts_on": FIRST, "ends_on": LAST, "steps": Steps(FLIGHTS, GOLDEN), **values}
    draft = await a_draft_promotion(database, program, rule, **given)
    with refusal(problem):
        await activated(database, program, draft)


async def test_a_counter_is_paid_by_one_promotion_at_a_time(database: Database) -> None:
    program = await a_program(database)
    await a_promotion(database, program, COUNT, code="SPRING", starts_on=FIRST, ends_on=LAST, steps=STEPS)
    draft = await a_draft_promotion(database, program, COUNT, starts_on=FIRST, ends_on=LAST, steps=STEPS)
    reason = "SPRING is paid by counters.flights too: let each have a counter of its own"
    with refusal(InvalidRule(reason=reason, path=(*AT, "steps", "counter"))):
        await activated(database, program, draft)


async def test_steps_are_taken_away_by_naming_them_as_nothing(database: Database) -> None:
    program = await a_program(database)
    draft = await a_draft_promotion(database, program, COUNT, starts_on=FIRST, ends_on=LAST, steps=STEPS)
    kept = await updated(database, program, draft, name="The same")
    plain = await updated(database, program, kept, steps=None)

    assert (draft.steps, kept.steps, plain.steps) == (STEPS, STEPS, None)
    assert (plain.ends_on, plain.name) == (LAST, "The same")
