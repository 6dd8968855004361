"""Any parts in any order that add up to the whole leave the member exactly where they started: points, progress, counters, limits."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.attributes import AttributeType
from domain.promotions import (
    AppliesToTransaction,
    AssignPoints,
    AttributeOperation,
    Limits,
    Rule,
    UpdateAttribute,
)
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from domain.transactions import LineItem, Status, SubType, Type
from tests.refunds.ledgers import everything, line, violations
from tests.support.factories import result_of
from tests.support.members import a_member
from tests.support.promotions import a_promotion, gives
from tests.support.transactions import Stage, a_stage

SPENT = "member.attributes.spent"


@pytest_asyncio.fixture
async def rich(fresh_database: Database) -> AsyncIterator[Stage]:
    """A program that counts, sums, limits and rewards redemptions."""
    desk = Desk(fresh_database, EnginePrograms())
    stage = await a_stage(desk, attributes={SPENT: AttributeType.NUMBER})
    redeeming = (AppliesToTransaction(Type.REDEMPTION, SubType.PRODUCT),)
    counted = UpdateAttribute("counters.visits", AttributeOperation.ADD, value=Decimal(1))
    summed = UpdateAttribute(SPENT, AttributeOperation.SET, other="transaction.amount")
    half = AssignPoints(attribute="transaction.basePoints", factor=Decimal("0.37"))
    await a_promotion(
        stage.database, stage.program, Rule((half, counted, summed)), limits=Limits(per_member_ever=Decimal(500))
    )
    await a_promotion(stage.database, stage.program, gives(13), always_apply=True)
    await a_promotion(stage.database, stage.program, gives(7), applies_to=redeeming)
    yield stage
    await desk.close()


PARTS = st.lists(st.integers(1, 40), min_size=1, max_size=5)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=PARTS, data=st.data())
async def test_parts_of_a_purchase_add_up_to_it(rich: Stage, parts: list[int], data: st.DataObject) -> None:
    member = await a_member(rich.database, rich.program)
    stage = Stage(rich.desk, rich.program, member, rich.msr, rich.manager, rich.director)
    result_of(await stage.earn(data.draw(st.integers(1, 60)), transaction_date=None))
    before = await everything(stage)
    lines = tuple(LineItem(f"L{number}", Decimal(part), Decimal(part)) for number, part in enumerate(parts, 1))
    bought = result_of(await stage.earn(sum(parts), line_items=lines, quantity=Decimal(sum(parts))))
    order = data.draw(st.permutations(range(len(parts))))
    for number in order:
        way = data.draw(st.sampled_from(["amount", "quantity", "line", "halves"]))
        ways: dict[str, dict[str, Any]] = {
            "amount": {"amount": parts[number]},
            "quantity": {"quantity": parts[number]},
            "line": {"lines": (line(number + 1),)},
            "halves": {"lines": (line(number + 1, amount=parts[number]),)},
        }
        result_of(await stage.refund(bought, **ways[way]))
    assert await stage.status(bought) is Status.CANCELLED
    assert await everything(stage) == before
    assert await violations(stage.database) == []


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lots=st.lists(st.integers(1, 50), min_size=1, max_size=4), data=st.data())
async def test_parts_of_a_redemption_add_up_to_it(rich: Stage, lots: list[int], data: st.DataObject) -> None:
    member = await a_member(rich.database, rich.program)
    stage = Stage(rich.desk, rich.program, member, rich.msr, rich.manager, rich.director)
    for dollars in lots:
        result_of(await stage.earn(dollars))
    before = await everything(stage)
    price = data.draw(st.integers(1, int((await stage.balance()).available)))
    spent = result_of(await stage.redeem(price))
    left = price
    while left and data.draw(st.booleans()):
        part = data.draw(st.integers(1, left))
        done = result_of(await stage.refund(spent, points=part))
        assert done.totals[0].points == part
        left -= part
    if left:
        result_of(await stage.cancel(spent))
    assert await stage.status(spent) is Status.CANCELLED
    assert await everything(stage) == before
    assert await violations(stage.database) == []
