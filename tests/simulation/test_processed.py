"""What was processed, simulated once more: with the same rules the same, with others what they would have made of it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from domain.commands.simulations import ProcessedSimulate
from domain.people import ENGINE, Principal
from domain.problems import Invalid, NotAllowed
from domain.promotions import (
    AssignPoints,
    AttributeOperation,
    Criterion,
    Limits,
    Operator,
    Rule,
    UpdateAttribute,
)
from domain.services.posting import Desk
from domain.services.simulations import processed, processed_simulate
from domain.simulations import Compared
from tests.simulation.asking import a_rich_program, active_promotions
from tests.support.factories import result_of
from tests.support.members import a_member, herself, refusal
from tests.support.promotions import a_draft_promotion, deactivated, gives, joins
from tests.support.transactions import Stage, a_stage, counts

TODAY = datetime.now(UTC).date()


async def compared(stage: Stage, actor: Principal = ENGINE, **values: Any) -> Compared:
    """All that was found."""
    command = ProcessedSimulate(program=stage.program.code, **values)
    chunks = processed_simulate(stage.database, stage.desk.programs, actor, command)
    return [found async for found in chunks][-1]


@pytest_asyncio.fixture
async def year(desk: Desk) -> Stage:
    """A program with promotions of many kinds, and members who have bought and spent in any order of dates."""
    stage = await a_stage(desk)
    joined = (await a_rich_program(stage))[4]
    for place in range(4):
        member = await a_member(stage.database, stage.program)
        if place % 2:
            await joins(stage.database, stage.program, member, joined)
        for step in range(7):
            day = TODAY - timedelta((step * 13 + place * 5) % 60)
            await stage.earn(step * 9, member=member, transaction_date=day)
            if step == 4:
                result_of(await stage.redeem(20, member=member))
    return stage


async def test_with_the_same_rules_nothing_differs(year: Stage) -> None:
    found = await compared(year)
    assert (found.transactions, found.differ) == (28, 0)
    assert found.then == found.now
    assert sum(found.now.outcomes.values()) == 28


async def test_members_may_come_in_parts(year: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await compared(year)
    monkeypatch.setattr(processed, "AT_ONCE", 2)
    assert await compared(year) == whole


async def test_nothing_is_written(year: Stage) -> None:
    draft = await a_draft_promotion(year.database, year.program)
    before = await counts(year.database)
    await compared(year, draft_promotions=(draft.code,))
    assert await counts(year.database) == before


async def test_only_the_dates_asked_about_are_compared_though_those_between_count(year: Stage) -> None:
    first, last = TODAY - timedelta(30), TODAY - timedelta(3)
    some = await compared(year, from_date=first, through_date=last)
    assert (0 < some.transactions < 28, some.differ) == (True, 0)


async def test_a_draft_is_counted_and_limited_as_if_it_had_run_all_the_time(stage: Stage) -> None:
    for dollars in (10, 20, 30):
        await stage.earn(dollars)
    limited = await a_draft_promotion(
        stage.database, stage.program, gives(25), limits=Limits(per_member_ever=Decimal(60))
    )
    found = await compared(stage, draft_promotions=(limited.code,))
    assert (found.transactions, found.differ) == (3, 3)
    assert (found.then.given, found.now.given) == ({"POINTS": Decimal(60)}, {"POINTS": Decimal(120)})
    assert found.now.by_promotion == {(limited.code, "POINTS"): Decimal(60)}


async def test_a_draft_that_counts_pays_at_every_third(stage: Stage) -> None:
    for _ in range(7):
        await stage.earn(10)
    third = Criterion("counters.visits", Operator.EQUALS, (Decimal(2),))
    resets = UpdateAttribute("counters.visits", AttributeOperation.SET, Decimal(0))
    adds = UpdateAttribute("counters.visits", AttributeOperation.ADD, Decimal(1))
    rules = Rule((AssignPoints(constant=Decimal(40)), resets), (third,)), Rule((adds,))
    draft = await a_draft_promotion(stage.database, stage.program, *rules)
    found = await compared(stage, draft_promotions=(draft.code,))
    assert found.now.by_promotion == {(draft.code, "POINTS"): Decimal(80)}
    assert found.differ == 7, "the others change a counter"


async def test_what_a_promotion_has_paid_is_missing_now_that_it_is_over(year: Stage) -> None:
    [first, *_] = [each for each in await active_promotions(year) if each.limits.total is not None]
    await deactivated(year.database, year.program, first)
    found = await compared(year)
    assert found.then.by_promotion[first.code, "POINTS"] == 30
    assert (first.code, "POINTS") not in found.now.by_promotion
    assert found.then.given["POINTS"] - found.now.given["POINTS"] == 30


async def test_employees_alone_compare_and_dates_do_not_run_backwards(stage: Stage) -> None:
    with refusal(NotAllowed(why="only employees simulate what was processed")):
        await compared(stage, herself(stage.member))
    expected = f"{TODAY} (the first date) or later"
    day = TODAY - timedelta(1)
    with refusal(Invalid(value=str(day), expected=expected, path=("input", "throughDate"))):
        await compared(stage, from_date=TODAY, through_date=day)
