"""What promotions do once they are active: they pay by the transaction date, to whom they are for, until they are taken out."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.approvals import ApprovalNeeded
from domain.commands.programs import SettingsChange
from domain.decisions import Considered, Obstacle
from domain.moves import Move
from domain.promotions import (
    AppliesToTransaction,
    AssignPoints,
    AttributeOperation,
    Criterion,
    Limits,
    Operator,
    ProductScope,
    Rule,
    UpdateAttribute,
)
from domain.services import batch
from domain.services import transactions as services
from domain.services.posting import Desk
from domain.store import decision_reads
from domain.transactions import Status, SubType, Transaction, Type
from tests.support.factories import a_partner, a_price, a_product, result_of
from tests.support.members import a_member
from tests.support.promotions import (
    a_draft_promotion,
    a_promotion,
    activated,
    deactivated,
    gives,
    joins,
    over,
    updated,
)
from tests.support.transactions import EVERYTHING, Stage, a_stage

FIRST, LAST = date(2026, 2, 27), date(2026, 3, 1)


async def earned(stage: Stage, dollars: int = 10, **values: Any) -> Decimal:
    """The points of one purchase of the member."""
    [total] = result_of(await stage.earn(dollars, **values)).totals
    return total.points


async def considered(stage: Stage, transaction: Transaction) -> tuple[Considered, ...]:
    """What the decision says of the promotions."""
    async with stage.database.read() as reader:
        [[decision]] = await decision_reads.of_transactions(reader, EVERYTHING, [transaction.id])
    return tuple(decision.considered)


async def test_a_promotion_pays_from_its_activation_to_its_deactivation(stage: Stage) -> None:
    draft = await a_draft_promotion(stage.database, stage.program)
    drafted = await earned(stage)
    active = await activated(stage.database, stage.program, draft)
    paid = await earned(stage)
    await deactivated(stage.database, stage.program, active)

    assert [drafted, paid, await earned(stage)] == [10, 35, 10]


@pytest.mark.parametrize(
    ("day", "points"),
    [
        (FIRST - timedelta(1), 10),
        (FIRST, 35),
        (date(2026, 2, 28), 35),
        (LAST, 35),
        (LAST + timedelta(1), 10),
    ],
)
async def test_both_dates_are_included_and_the_transaction_date_decides(stage: Stage, day: date, points: int) -> None:
    await a_promotion(stage.database, stage.program, starts_on=FIRST, ends_on=LAST)

    assert await earned(stage, transaction_date=day) == points


async def test_a_promotion_of_one_day_pays_on_that_day(stage: Stage) -> None:
    await a_promotion(stage.database, stage.program, starts_on=date(2024, 2, 29), ends_on=date(2024, 2, 29))

    assert await earned(stage, transaction_date=date(2024, 2, 29)) == 35


async def test_what_was_processed_keeps_the_version_that_paid(stage: Stage) -> None:
    first = await a_promotion(stage.database, stage.program)
    before = result_of(await stage.earn())
    await deactivated(stage.database, stage.program, first)
    second = await updated(stage.database, stage.program, first, name="Better", rules=(gives(50),))
    await activated(stage.database, stage.program, second)
    after = result_of(await stage.earn())

    assert [[total.points for total in each.totals] for each in (before, after)] == [[35], [60]]
    [then], [now] = await considered(stage, before), await considered(stage, after)
    assert [(each.promotion.name, each.promotion.version) for each in (then, now)] == [
        ("A promotion", 1),
        ("Better", 2),
    ]


async def test_only_members_who_joined_are_paid_where_that_is_required(stage: Stage) -> None:
    promotion = await a_promotion(stage.database, stage.program, enrollment_required=True)
    other = await a_member(stage.database, stage.program)
    without = result_of(await stage.earn())
    await joins(stage.database, stage.program, stage.member, promotion)

    with_it = await earned(stage)

    assert [total.points for total in without.totals] == [10]
    [reason] = [each.reason for each in await considered(stage, without)]
    assert reason is Obstacle.ENROLLMENT
    assert [with_it, await earned(stage, member=other)] == [35, 10]


async def test_joining_one_promotion_is_not_joining_another(stage: Stage) -> None:
    joined = await a_promotion(stage.database, stage.program, gives(1), enrollment_required=True, always_apply=True)
    await a_promotion(stage.database, stage.program, gives(100), enrollment_required=True, always_apply=True)
    await joins(stage.database, stage.program, stage.member, joined)

    assert await earned(stage) == 11


async def test_the_batch_knows_who_joined_too(stage: Stage) -> None:
    promotion = await a_promotion(stage.database, stage.program, enrollment_required=True)
    await joins(stage.database, stage.program, stage.member, promotion)
    transaction = await stage.record()
    await stage.moved(Move.QUEUE, transaction)

    async for _ in batch.work(stage.database, stage.desk.programs, stage.program.id):
        pass

    assert await stage.status(transaction) is Status.PROCESSED
    assert (await stage.balance()).available == 35


async def test_approval_is_about_the_points_of_a_member_who_joined(desk: Desk) -> None:
    stage = await a_stage(desk, settings=SettingsChange(approval_above={SubType.PRODUCT: Decimal(20)}))
    promotion = await a_promotion(stage.database, stage.program, enrollment_required=True)
    without = result_of(await stage.earn())
    await joins(stage.database, stage.program, stage.member, promotion)

    refused = await stage.earn()

    assert [total.points for total in without.totals] == [10]
    assert refused.errors == (ApprovalNeeded(points=Decimal(35), limit=Decimal(0)),)


async def test_a_promotion_is_for_the_products_and_partners_that_it_names(stage: Stage) -> None:
    database, program = stage.database, stage.program
    product, other = await a_product(database, program), await a_product(database, program)
    for each in (product, other):
        await a_price(database, program, each, 10)
    partner = await a_partner(database, program)
    scope = {"product_scope": ProductScope.INCLUDED, "products": (product.code,)}
    await a_promotion(database, program, gives(1), always_apply=True, **scope)
    await a_promotion(
        database, program, gives(2), always_apply=True, **{**scope, "product_scope": ProductScope.EXCLUDED}
    )
    await a_promotion(database, program, gives(4), always_apply=True, partners=(partner.code,))

    points = [await earned(stage, product=each.code) for each in (product, other)]

    assert points == [11, 12]
    assert await earned(stage, partner=partner.code, product=product.code) == 15


async def test_a_promotion_is_for_purchases_unless_it_says_for_what(stage: Stage) -> None:
    gifts = (AppliesToTransaction(Type.ACCRUAL, SubType.MANUAL_CREDIT),)
    await a_promotion(stage.database, stage.program, gives(1), applies_to=gifts)
    credit = await stage.record(stage.credit(100))
    submitted = await stage.moved(Move.SUBMIT, credit)
    approved = await stage.moved(Move.APPROVE, submitted, stage.manager)

    processed = await stage.moved(Move.PROCESS, approved)

    assert [total.points for total in processed.totals] == [101]
    assert await earned(stage) == 10


async def test_a_counter_is_kept_between_purchases_and_starts_again(stage: Stage) -> None:
    visits = "counters.visits"
    third = Rule(
        (AssignPoints(constant=Decimal(3000)), UpdateAttribute(visits, AttributeOperation.SET, 0)),
        (Criterion(visits, Operator.AT_LEAST, (2,)),),
    )
    other = Rule((UpdateAttribute(visits, AttributeOperation.ADD, 1),))
    await a_promotion(stage.database, stage.program, third, other)

    assert [await earned(stage) for _ in range(7)] == [10, 10, 3010, 10, 10, 3010, 10]


async def test_a_limit_is_exact_over_several_purchases(stage: Stage) -> None:
    await a_promotion(stage.database, stage.program, limits=Limits(per_member_ever=Decimal(60)))

    assert [await earned(stage) for _ in range(4)] == [35, 35, 20, 10]


async def test_points_come_from_an_expression_and_of_the_base_points(stage: Stage) -> None:
    half = AssignPoints(expression="transaction.basePoints * 0.5")
    await a_promotion(stage.database, stage.program, Rule((half,), (over(9),)))

    assert [await earned(stage, dollars) for dollars in (9, 10, 11)] == [9, 15, 17]


async def test_a_preview_knows_who_joined_and_writes_nothing(stage: Stage) -> None:
    promotion = await a_promotion(stage.database, stage.program, enrollment_required=True)
    await joins(stage.database, stage.program, stage.member, promotion)

    shown = await services.preview(stage.desk, stage.msr, stage.earning())

    assert shown.receipt.result is not None
    assert [total.points for total in shown.receipt.result.totals] == [35]
    assert await stage.recorded() == 0
