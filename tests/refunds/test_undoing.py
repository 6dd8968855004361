"""What goes back besides points: counters and attributes as each says, limits of promotions, tier progress, points of late."""

from decimal import Decimal
from typing import Any

import pytest

from domain.attributes import AttributeType, OnReversal
from domain.promotions import AssignPoints, AttributeOperation, Criterion, Limits, Operator, Rule, UpdateAttribute
from domain.services.posting import Desk
from domain.transactions import Status
from tests.refunds.ledgers import everything, violations
from tests.support.factories import result_of
from tests.support.promotions import a_promotion, deactivated, gives
from tests.support.transactions import Stage, a_stage

SPENT, STORE, FLIGHTS = "member.attributes.spent", "member.attributes.store", "counters.flights"
DECLARED = {SPENT: AttributeType.NUMBER, STORE: AttributeType.TEXT, FLIGHTS: AttributeType.INTEGER}


def adds(attribute: str, value: int) -> UpdateAttribute:
    return UpdateAttribute(attribute, AttributeOperation.ADD, value=Decimal(value))


async def kept(stage: Stage) -> dict[str, Any]:
    """The member's attributes and counters."""
    found = await everything(stage)
    return {**found["attributes"], **found["counters"]}


async def test_a_counter_comes_back_when_all_of_its_flight_has(stage: Stage) -> None:
    await a_promotion(stage.database, stage.program, Rule((adds("counters.flights", 1),)))
    result_of(await stage.earn(100))
    before = await everything(stage)
    second = result_of(await stage.earn(100))
    assert (await kept(stage))["flights"] == 2
    result_of(await stage.refund(second, amount=60))
    assert (await kept(stage))["flights"] == 2
    result_of(await stage.refund(second, amount=40))
    assert await everything(stage) == before


async def test_a_number_falls_by_the_share_and_a_text_is_restored(desk: Desk) -> None:
    stage = await a_stage(desk, attributes=DECLARED)
    update = UpdateAttribute(STORE, AttributeOperation.SET, value="Berlin")
    await a_promotion(stage.database, stage.program, Rule((adds(FLIGHTS, 3), update)))
    bought = result_of(await stage.earn(30))
    assert await kept(stage) == {"flights": 3, "store": "Berlin"}
    result_of(await stage.refund(bought, amount=20))
    assert await kept(stage) == {"flights": 1, "store": "Berlin"}
    result_of(await stage.refund(bought, amount=10))
    assert await kept(stage) == {"flights": 0, "store": None}


async def test_money_spent_falls_by_what_is_refunded(desk: Desk) -> None:
    stage = await a_stage(desk, attributes=DECLARED)
    update = UpdateAttribute(SPENT, AttributeOperation.SET, other="transaction.amount")
    await a_promotion(stage.database, stage.program, Rule((update,)))
    bought = result_of(await stage.earn(30))
    for amount, left in (("10", "20"), ("0.01", "19.99"), ("19.99", "0")):
        result_of(await stage.refund(bought, amount=amount))
        assert (await kept(stage))["spent"] == Decimal(left)


async def test_what_has_changed_since_is_not_restored(desk: Desk) -> None:
    stage = await a_stage(desk, attributes=DECLARED)
    over = Criterion("transaction.amount", Operator.GREATER, (Decimal(50),))
    rules = (
        Rule((UpdateAttribute(STORE, AttributeOperation.SET, value="Berlin"),), (over,)),
        Rule((UpdateAttribute(STORE, AttributeOperation.SET, value="Paris"),)),
    )
    await a_promotion(stage.database, stage.program, *rules)
    first, _ = result_of(await stage.earn(60)), result_of(await stage.earn(40))
    result_of(await stage.cancel(first))
    assert await kept(stage) == {"store": "Paris"}


@pytest.mark.parametrize(("policy", "left"), [(OnReversal.LEAVE, 2), (OnReversal.UNDO, 1), (OnReversal.RESTORE, 1)])
async def test_an_attribute_says_what_becomes_of_it(desk: Desk, policy: OnReversal, left: int) -> None:
    stage = await a_stage(desk, attributes=DECLARED, reversals={FLIGHTS: policy})
    await a_promotion(stage.database, stage.program, Rule((adds(FLIGHTS, 1),)))
    result_of(await stage.earn(10))
    result_of(await stage.cancel(result_of(await stage.earn(10))))
    assert await kept(stage) == {"flights": left}


async def test_a_limited_promotion_may_give_again_what_came_back(stage: Stage) -> None:
    limits = Limits(total=Decimal(50), per_member_month=Decimal(40))
    await a_promotion(stage.database, stage.program, gives(30), limits=limits)
    first = result_of(await stage.earn(10))
    second = result_of(await stage.earn(10))
    assert [int(each.totals[0].points) for each in (first, second)] == [40, 20]
    result_of(await stage.cancel(first))
    third = result_of(await stage.earn(10))
    assert third.totals[0].points == 40
    assert result_of(await stage.earn(10)).totals[0].points == 10
    assert await violations(stage.database) == []


async def test_limits_of_promotions_that_have_ended_come_back_too(stage: Stage) -> None:
    limits = Limits(total=Decimal(50), per_member_ever=Decimal(30))
    promotion = await a_promotion(stage.database, stage.program, gives(30), limits=limits)
    first = result_of(await stage.earn(10))
    await deactivated(stage.database, stage.program, promotion)
    result_of(await stage.cancel(first))
    assert (await everything(stage))["usage"] == {}


async def test_promotions_are_not_evaluated_again(stage: Stage) -> None:
    """Earn, return, keep the points: the bonus for a large purchase goes back with its share."""
    over = Criterion("transaction.amount", Operator.GREATER, (Decimal(90),))
    promotion = await a_promotion(stage.database, stage.program, Rule((AssignPoints(constant=Decimal(50)),), (over,)))
    bought = result_of(await stage.earn(100))
    assert (await stage.balance()).available == 150
    await deactivated(stage.database, stage.program, promotion)
    result_of(await stage.refund(bought, amount=50))
    assert (await stage.balance()).available == 75
    result_of(await stage.cancel(bought))
    assert (await stage.balance()).available == 0
    assert await stage.status(bought) is Status.CANCELLED


async def test_points_of_the_last_months_fall(desk: Desk) -> None:
    stage = await a_stage(desk)
    recent = Criterion("points.POINTS.lastMonths.3", Operator.AT_LEAST, (Decimal(100),))
    await a_promotion(stage.database, stage.program, Rule((AssignPoints(constant=Decimal(7)),), (recent,)))
    bought = result_of(await stage.earn(100))
    assert result_of(await stage.earn(10)).totals[0].points == 17
    result_of(await stage.refund(bought, amount=50))
    assert result_of(await stage.earn(10)).totals[0].points == 10
