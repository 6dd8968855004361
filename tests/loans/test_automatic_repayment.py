"""Automatic repayment: once per accrual made after the loan, out of its own lots, the oldest loan first."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.commands.programs import SettingsChange
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.moves import Move
from domain.people import ENGINE
from domain.problems import Invalid, Refused
from domain.promotions import AppliesToTransaction
from domain.services.batch import work
from domain.services.posting import Desk
from domain.transactions import Status, SubType, Type
from tests.loans.lending import Lending, verified
from tests.support.factories import a_draft, a_point_type, result_of
from tests.support.promotions import a_promotion, gives
from tests.support.transactions import a_stage

HALF = SettingsChange(repay_automatically=True, repayment_percent=50)


async def half(desk: Desk) -> Lending:
    lending = Lending(await a_stage(desk, settings=HALF))
    await lending.set_maximum(1000)
    return lending


async def test_golden_points_owned_before_the_loan_are_never_taken_and_every_accrual_repays_once(desk: Desk) -> None:
    lending = await half(desk)
    async with verified(lending):
        await lending.stage.earn(900)
        loan = await lending.lend(100)
        assert (await lending.night()).transactions == 0
        assert await lending.figures() == (1000, 100)
        more = await lending.lend(300)
        await lending.stage.earn(500)
        assert await lending.repaid(loan) == [100]
        assert await lending.repaid(more) == [150]
        assert await lending.figures() == (1550, 150)
        assert (await lending.night()).transactions == 0
        await lending.stage.earn(500)
        assert await lending.repaid(more) == [150, 150]
        assert await lending.figures() == (1900, 0)
        await lending.stage.earn(500)
        assert await lending.figures() == (2400, 0)


async def test_golden_of_one_loan(desk: Desk) -> None:
    lending = await half(desk)
    loan = await lending.lend(400)
    await lending.stage.earn(500)
    assert await lending.figures() == (650, 150)
    await lending.night()
    await lending.stage.earn(500)
    assert await lending.repaid(loan) == [250, 150]
    assert await lending.figures() == (1000, 0)


async def test_the_share_is_rounded_down(desk: Desk) -> None:
    lending = await half(desk)
    loan = await lending.lend(400)
    await lending.stage.earn(1)
    assert await lending.repaid(loan) == []
    await lending.stage.earn(3)
    assert await lending.repaid(loan) == [1]


async def test_a_repayment_follows_its_accrual_and_names_its_loan(desk: Desk) -> None:
    lending = await half(desk)
    loan = await lending.lend(400)
    earned = result_of(await lending.stage.earn(100))
    [repayment] = await lending.repayments(loan)
    assert (repayment.type, repayment.sub_type, repayment.status) == (
        Type.REDEMPTION,
        SubType.LOAN_REPAYMENT,
        Status.PROCESSED,
    )
    assert (repayment.follows_id, repayment.loan_id, repayment.points) == (earned.id, loan.id, Decimal(50))
    assert repayment.transaction_date == earned.transaction_date
    assert await lending.stage.approvals(repayment) == []


async def test_batch_repays_as_real_time_does(desk: Desk) -> None:
    lending = await half(desk)
    stage = lending.stage
    async with verified(lending):
        loan = await lending.lend(400)
        for dollars in (500, 500):
            await stage.record(stage.entry(amount=Decimal(dollars)), queue=True)
        async for _ in work(stage.database, desk.programs, stage.program.id):
            pass
        assert await lending.repaid(loan) == [250, 150]
        assert await lending.figures() == (1000, 0)


async def test_only_points_of_the_same_type_repay(desk: Desk) -> None:
    lending = await half(desk)
    stage = lending.stage
    await a_point_type(stage.database, stage.program, code="MILES")
    loan = await lending.lend(100)
    await stage.earn(500, point_type="MILES")
    assert await lending.repaid(loan) == []


async def test_points_that_have_lapsed_already_repay_nothing(desk: Desk) -> None:
    lending = await half(desk)
    await lending.settings(expiry=ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.MONTH))
    loan = await lending.lend(100)
    async with desk.database.read() as reader:
        today = (await desk.database.now(reader)).date()
    await lending.stage.earn(500, transaction_date=today - timedelta(40))
    assert await lending.repaid(loan) == []


async def test_an_award_on_a_redemption_repays_too(desk: Desk) -> None:
    lending = await half(desk)
    scope = AppliesToTransaction(Type.REDEMPTION, None)
    await a_promotion(desk.database, lending.stage.program, gives(100), applies_to=(scope,))
    loan = await lending.lend(400)
    await lending.stage.redeem(10)
    assert await lending.repaid(loan) == [50]


async def test_points_that_are_only_to_be_usable_repay_after_those_that_are(desk: Desk) -> None:
    lending = await half(desk)
    rule = gives(100, starts_after_days=10)
    async with verified(lending):
        await a_promotion(desk.database, lending.stage.program, rule)
        loan = await lending.lend(400)
        await lending.stage.earn(20)
        assert await lending.repaid(loan) == [60]
        balance = await lending.stage.balance()
        assert (balance.available, balance.pending) == (Decimal(400), Decimal(60))


async def test_while_the_program_does_not_repay_accruals_wait_for_the_night(desk: Desk) -> None:
    lending = Lending(await a_stage(desk))
    stage = lending.stage
    async with verified(lending):
        await lending.set_maximum(1000)
        await stage.earn(900)
        old = await lending.lend(100)
        await stage.earn(500)
        new = await lending.lend(300)
        await stage.earn(200)
        assert await lending.figures() == (2000, 400)
        assert (await lending.night()).transactions == 0
        await lending.settings(repay_automatically=True, repayment_percent=50)
        done = await lending.night()
        assert (done.transactions, done.points) == (2, {"POINTS": Decimal(200)})
        assert await lending.repaid(old) == [100]
        assert await lending.repaid(new) == [100]
        assert (await lending.night()).transactions == 0
        assert await lending.figures() == (1800, 200)


async def test_an_accrual_is_never_taken_for_a_younger_loan(desk: Desk) -> None:
    lending = Lending(await a_stage(desk))
    await lending.set_maximum(1000)
    first = await lending.lend(10)
    await lending.stage.earn(500)
    second = await lending.lend(300)
    await lending.settings(repay_automatically=True)
    await lending.night()
    assert await lending.repaid(first) == [10]
    assert await lending.repaid(second) == []


async def test_the_night_takes_only_what_is_left_of_an_accruals_own_lots(desk: Desk) -> None:
    lending = Lending(await a_stage(desk))
    stage = lending.stage
    async with verified(lending):
        await stage.earn(100)
        await lending.set_maximum(1000)
        loan = await lending.lend(300)
        await stage.earn(200)
        await stage.redeem(550)
        await lending.settings(repay_automatically=True)
        await lending.night()
        assert await lending.repaid(loan) == [50]
        assert await lending.figures() == (0, 250)


async def test_loans_themselves_and_points_given_back_repay_nothing(desk: Desk) -> None:
    lending = await half(desk)
    first = await lending.lend(100)
    await lending.lend(200)
    assert await lending.repaid(first) == []
    assert await lending.figures() == (300, 300)


async def test_a_manual_credit_repays(desk: Desk) -> None:
    lending = await half(desk)
    loan = await lending.lend(100)
    stage = lending.stage
    credit = await stage.moved(Move.SUBMIT, await stage.record(stage.credit(80)))
    await stage.moved(Move.APPROVE, credit, stage.manager, and_process=True)
    assert await lending.repaid(loan) == [40]


@pytest.mark.parametrize("percent", [0, 101])
async def test_a_percentage_is_1_to_100(desk: Desk, percent: int) -> None:
    with pytest.raises(Refused) as caught:
        await a_draft(desk.database, ENGINE, settings=SettingsChange(repayment_percent=percent))
    path = ("input", "settings", "repaymentPercent")
    assert caught.value.problems == (Invalid(value=str(percent), expected="1 to 100 percent", path=path),)
