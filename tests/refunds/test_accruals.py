"""Taking accruals back: points, progress and what was earned fall, whatever became of the points since."""

from decimal import Decimal

from domain.commands.programs import SettingsChange
from domain.engine.rejections import AlreadyCancelled, InsufficientPoints, RefundTooHigh
from domain.promotions import AssignPoints, Criterion, Operator, Rule
from domain.services.posting import Desk
from domain.transactions import LineItem, Status, SubStatus, SubType, Type
from tests.refunds.ledgers import everything, ints, line, violations
from tests.support.factories import result_of
from tests.support.promotions import a_promotion, gives
from tests.support.transactions import Stage, a_stage


async def test_a_cancelled_purchase_leaves_the_member_as_before(stage: Stage) -> None:
    result_of(await stage.earn(100))
    before = await everything(stage)
    bought = result_of(await stage.earn(70))
    cancellation = result_of(await stage.cancel(bought))
    assert (cancellation.type, cancellation.sub_type, cancellation.status) == (
        Type.REDEMPTION, SubType.CANCELLATION, Status.PROCESSED,
    )  # fmt: skip
    assert cancellation.cancels_id == bought.id
    assert [ints(each.points, each.qualifying) for each in cancellation.totals] == [(70, 70)]
    after = await stage.stored(bought)
    assert after is not None
    assert (after.status, after.sub_status, after.version) == (Status.CANCELLED, bought.sub_status, bought.version + 1)
    assert await everything(stage) == before
    assert await violations(stage.database) == []


async def test_parts_by_amount_add_up_to_the_whole(stage: Stage) -> None:
    before = await everything(stage)
    bought = result_of(await stage.earn(100))
    backs = [result_of(await stage.refund(bought, amount=amount)) for amount in ("33.33", "33.33", "33.34")]
    assert [each.totals[0].points for each in backs] == [33, 34, 33]
    assert await stage.status(bought) is Status.CANCELLED
    assert await everything(stage) == before


async def test_a_part_may_be_named_by_quantity_or_points(stage: Stage) -> None:
    bought = result_of(await stage.earn(100, quantity=Decimal(4)))
    assert result_of(await stage.refund(bought, quantity=1)).totals[0].points == 25
    assert result_of(await stage.refund(bought, points=10)).totals[0].points == 10
    assert (await stage.balance()).available == 65
    assert await stage.status(bought) is Status.PROCESSED


async def test_lines_come_back_with_their_share_of_the_amount(stage: Stage) -> None:
    lines = (LineItem("A", Decimal(2), Decimal(60)), LineItem("B", Decimal(1), Decimal(40)))
    bought = result_of(await stage.earn(100, line_items=lines))
    assert result_of(await stage.refund(bought, lines=(line(1, quantity=1),))).totals[0].points == 30
    assert result_of(await stage.refund(bought, lines=(line(2, amount=10),))).totals[0].points == 10
    assert result_of(await stage.refund(bought, lines=(line(1), line(2)))).totals[0].points == 60
    assert await stage.status(bought) is Status.CANCELLED
    assert (await stage.balance()).available == 0


async def test_points_that_were_spent_come_from_other_lots(stage: Stage) -> None:
    bought = result_of(await stage.earn(100))
    result_of(await stage.redeem(80))
    result_of(await stage.earn(90))
    result_of(await stage.cancel(bought))
    balance = await stage.balance()
    assert ints(balance.available, balance.earned, balance.redeemed) == (10, 90, 80)
    assert await violations(stage.database) == []


async def test_points_that_are_gone_are_not_taken_twice(stage: Stage) -> None:
    bought = result_of(await stage.earn(100))
    result_of(await stage.redeem(80))
    before = await everything(stage)
    answer = await stage.cancel(bought)
    problem = InsufficientPoints(point_type="POINTS", available=Decimal(20), required=Decimal(100), path=("input",))
    assert answer.errors == (problem,)
    assert answer.result is not None
    assert (answer.result.status, answer.result.sub_status) == (Status.REJECTED_ENGINE, SubStatus.INSUFFICIENT_POINTS)
    assert await everything(stage) == before
    assert await stage.status(bought) is Status.PROCESSED
    assert result_of(await stage.refund(bought, amount=20)).totals[0].points == 20
    assert (await stage.balance()).available == 0


async def test_nothing_is_cancelled_twice(stage: Stage) -> None:
    bought = result_of(await stage.earn(100))
    result_of(await stage.cancel(bought))
    before, count = await everything(stage), await stage.recorded()
    assert (await stage.cancel(bought)).errors == (AlreadyCancelled(path=("input", "id")),)
    assert await everything(stage) == before
    assert await stage.recorded() == count


async def test_no_more_than_the_rest_comes_back(stage: Stage) -> None:
    bought = result_of(await stage.earn(100))
    result_of(await stage.refund(bought, amount=70))
    problem = RefundTooHigh(what="amount", asked=Decimal(31), left=Decimal(30), path=("input", "amount"))
    assert (await stage.refund(bought, amount=31)).errors == (problem,)
    result_of(await stage.cancel(bought))
    assert (await stage.balance()).available == 0
    assert (await stage.balance()).earned == 0


async def test_an_award_computed_from_lines_goes_back_with_its_lines(stage: Stage) -> None:
    food = Criterion("product", Operator.IN, ("MILK", "CHEESE"))
    doubled = AssignPoints(attribute="amount", factor=Decimal(2), lines=(food,))
    await a_promotion(stage.database, stage.program, Rule((doubled,)), always_apply=True)
    await a_promotion(stage.database, stage.program, gives(10), always_apply=True)
    before = await everything(stage)
    lines = (
        LineItem("MILK", Decimal(3), Decimal(30)), LineItem("WINE", Decimal(1), Decimal(50)),
        LineItem("CHEESE", Decimal(1), Decimal(20)),
    )  # fmt: skip
    bought = result_of(await stage.earn(100, line_items=lines))
    assert (await stage.balance()).available == 100 + 100 + 10
    backs = [
        result_of(await stage.refund(bought, lines=(line(2),))),
        result_of(await stage.refund(bought, lines=(line(1, quantity=1),))),
        result_of(await stage.refund(bought, amount=20)),
        result_of(await stage.cancel(bought)),
    ]
    assert [int(sum(total.points for total in back.totals)) for back in backs] == [50 + 5, 10 + 20 + 1, 20 + 20 + 2, 82]
    assert await everything(stage) == before
    assert await violations(stage.database) == []


async def test_a_program_may_lend_what_the_member_has_spent(desk: Desk) -> None:
    """Refund after partial spend: nobody keeps the points, and no balance falls below zero."""
    stage = await a_stage(desk, settings=SettingsChange(lend_refund_shortfall=True))
    bought = result_of(await stage.earn(100))
    result_of(await stage.redeem(80))
    result_of(await stage.cancel(bought))
    balance = await stage.balance()
    assert ints(balance.available, balance.loan_outstanding, balance.redeemed) == (0, 80, 80)
    assert balance.lifetime_qualifying == 0
    assert await violations(stage.database) == []
