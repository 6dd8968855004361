"""Automatic loans: a redemption borrows by itself what it lacks, if the member's tier allows as much."""

from decimal import Decimal
from typing import Any

import pytest

import domain.commands.transactions as c
from domain.commands.simulations import TransactionSimulate
from domain.engine.loans import limit_of
from domain.engine.rejections import InsufficientPoints
from domain.entries import NewTransaction
from domain.moves import Move
from domain.people import ENGINE
from domain.problems import Missing, Refused
from domain.services import transactions as services
from domain.services.posting import Desk
from domain.services.simulations.transactions import transaction_simulate
from domain.tiers import TierLoan
from domain.transactions import Status, SubType, Transaction, Type
from tests.loans.lending import Lending, verified
from tests.support.factories import result_of
from tests.support.members import by_number
from tests.support.transactions import a_key, a_stage
from tests.tiers.club import a_class, a_tier

CAP, PERCENT = Decimal(3000), Decimal(20)


def lacking(available: int, required: int) -> tuple[InsufficientPoints, ...]:
    problem = InsufficientPoints(point_type="POINTS", available=Decimal(available), required=Decimal(required))
    return (problem.at("input"),)


async def allowed(desk: Desk, loan: TierLoan | None, **values: Any) -> Lending:
    """Everybody is in a tier that allows so much."""
    stage = await a_stage(desk, **values)
    await a_class(desk.database, stage.program)
    await a_tier(desk.database, stage.program, "BASIC", 1, loan=loan)
    return Lending(stage)


@pytest.mark.parametrize(
    ("loan", "limit"),
    [
        (TierLoan(CAP, PERCENT, larger=True), 3000),
        (TierLoan(CAP, PERCENT), 2000),
        (TierLoan(CAP), 3000),
        (TierLoan(percent=PERCENT), 2000),
        (TierLoan(percent=Decimal("0.015")), 1),
        (TierLoan(cap=Decimal("2.5")), 2),
    ],
)
def test_golden_a_cap_of_3000_and_20_percent_of_10000(loan: TierLoan, limit: int) -> None:
    assert limit_of(loan, 10_000, 0) == limit


async def test_what_is_lacking_is_lent_and_spent_at_once(desk: Desk) -> None:
    lending = await allowed(desk, TierLoan(CAP, PERCENT))
    async with verified(lending):
        await lending.stage.earn(10_000)
        redeemed = result_of(await lending.stage.redeem(12_000))
        assert redeemed.status is Status.PROCESSED
        assert [total.points for total in redeemed.totals] == [Decimal(12_000)]
        assert await lending.figures() == (0, 2_000)
        [loan] = await lending.loans()
        assert (loan.points, loan.outstanding, loan.follows_id) == (Decimal(2000), Decimal(2000), redeemed.id)
        lent = await lending.stage.stored(loan.transaction_id)
        assert lent is not None
        assert (lent.type, lent.sub_type, lent.status) == (Type.ACCRUAL, SubType.LOAN, Status.PROCESSED)
        assert (lent.follows_id, lent.points) == (redeemed.id, Decimal(2000))
        assert lent.product_id is not None


async def test_a_shortfall_above_the_limit_is_refused_and_leaves_nothing(desk: Desk) -> None:
    lending = await allowed(desk, TierLoan(CAP, PERCENT))
    await lending.stage.earn(10_000)
    receipt = await lending.stage.redeem(12_001)
    assert receipt.errors == lacking(10_000, 12_001)
    assert await lending.figures() == (10_000, 0)
    assert await lending.loans() == []


async def test_of_two_bases_the_larger_if_the_tier_says_so(desk: Desk) -> None:
    lending = await allowed(desk, TierLoan(CAP, PERCENT, larger=True))
    await lending.stage.earn(10_000)
    assert (await lending.stage.redeem(13_000)).errors == ()
    assert await lending.figures() == (0, 3_000)


async def test_what_is_owed_already_counts_against_the_limit(desk: Desk) -> None:
    lending = await allowed(desk, TierLoan(Decimal(100)))
    async with verified(lending):
        await lending.stage.redeem(60)
        assert (await lending.stage.redeem(41)).errors == lacking(0, 41)
        assert (await lending.stage.redeem(40)).errors == ()
        assert await lending.figures() == (0, 100)


async def test_without_a_gap_nothing_is_lent(desk: Desk) -> None:
    lending = await allowed(desk, TierLoan(CAP))
    await lending.stage.earn(100)
    await lending.stage.redeem(100)
    assert await lending.loans() == []


async def test_a_tier_that_does_not_lend_lends_nothing(desk: Desk) -> None:
    lending = await allowed(desk, None)
    assert (await lending.stage.redeem(10)).errors == lacking(0, 10)


async def test_a_debit_by_hand_borrows_nothing(desk: Desk) -> None:
    lending = await allowed(desk, TierLoan(CAP))
    stage = lending.stage
    debit = await stage.record(
        stage.entry(type=Type.REDEMPTION, sub_type=SubType.MANUAL_DEBIT, points=Decimal(10)), stage.director
    )
    accepted = await stage.moved(Move.ACCEPT, debit, stage.director)
    assert (await stage.move(Move.PROCESS, accepted)).errors == lacking(0, 10)


async def test_what_was_lent_by_itself_is_repaid_like_any_loan(desk: Desk) -> None:
    lending = await allowed(desk, TierLoan(CAP))
    async with verified(lending):
        await lending.settings(repay_automatically=True)
        await lending.stage.redeem(60)
        await lending.stage.earn(50)
        [loan] = await lending.loans()
        assert loan.outstanding == 10
        await lending.stage.earn(50)
        assert await lending.figures() == (40, 0)


async def test_many_lots_are_all_known_before_anything_is_lent(desk: Desk) -> None:
    lending = await allowed(desk, TierLoan(CAP))
    for _ in range(40):
        await lending.stage.earn(1)
    await lending.stage.redeem(40)
    assert await lending.loans() == []
    for _ in range(40):
        await lending.stage.earn(1)
    await lending.stage.redeem(41)
    assert await lending.figures() == (0, 1)


async def taken_back(lending: Lending, redeemed: Transaction, points: int | None = None) -> None:
    stage = lending.stage
    given: dict[str, Any] = {"idempotency_key": a_key(), "original": redeemed.id}
    if points is None:
        result_of(await services.transaction_cancel(stage.desk, stage.director, c.TransactionCancel(**given)))
    else:
        command = c.TransactionRefund(**given, points=Decimal(points))
        result_of(await services.transaction_refund(stage.desk, stage.director, command))


async def test_cancelling_such_a_redemption_repays_its_loan_first(desk: Desk) -> None:
    lending = await allowed(desk, TierLoan(CAP))
    async with verified(lending):
        await lending.stage.earn(100)
        redeemed = result_of(await lending.stage.redeem(150))
        [loan] = await lending.loans()
        await taken_back(lending, redeemed)
        assert await lending.figures() == (100, 0)
        lent = await lending.stage.stored(loan.transaction_id)
        assert lent is not None
        assert await lending.repaid(lent) == [50]


async def test_parts_that_add_up_to_the_whole_repay_all_of_it(desk: Desk) -> None:
    lending = await allowed(desk, TierLoan(CAP))
    async with verified(lending):
        await lending.stage.earn(100)
        redeemed = result_of(await lending.stage.redeem(150))
        for points in (75, 30, 45):
            await taken_back(lending, redeemed, points)
        assert await lending.figures() == (100, 0)
        [loan] = await lending.loans()
        lent = await lending.stage.stored(loan.transaction_id)
        assert lent is not None
        assert await lending.repaid(lent) == [25, 10, 15]


async def test_what_was_repaid_since_stays_with_the_member(desk: Desk) -> None:
    lending = await allowed(desk, TierLoan(CAP))
    async with verified(lending):
        redeemed = result_of(await lending.stage.redeem(50))
        [loan] = await lending.loans()
        await lending.stage.earn(30)
        result_of(await lending.repay(loan.transaction_id, 30))
        await taken_back(lending, redeemed)
        assert await lending.figures() == (30, 0)


async def test_a_processed_redemption_with_a_loan_does_the_same_again(desk: Desk) -> None:
    lending = await allowed(desk, TierLoan(CAP))
    stage = lending.stage
    await stage.earn(100)
    redeemed = result_of(await stage.redeem(150))
    command = TransactionSimulate(program=stage.program.code, transaction_id=redeemed.id)
    again = await transaction_simulate(stage.database, desk.programs, stage.msr, command)
    assert again.differs == ()


async def test_a_simulation_borrows_without_a_trace(desk: Desk) -> None:
    lending = await allowed(desk, TierLoan(CAP))
    stage = lending.stage
    entry = NewTransaction(program=stage.program.code, member="", type=Type.REDEMPTION, points=Decimal(50))
    command = TransactionSimulate(program=stage.program.code, member=by_number(stage.member), entry=entry)
    simulation = await transaction_simulate(stage.database, desk.programs, ENGINE, command)
    assert simulation.receipt.result is not None
    assert simulation.receipt.result.status is Status.PROCESSED
    assert [each.loan_outstanding for each in simulation.balances] == [Decimal(50)]
    assert await lending.loans() == []
    assert await stage.recorded() == 0


async def test_a_tier_that_lends_says_how_much(desk: Desk) -> None:
    with pytest.raises(Refused) as caught:
        await allowed(desk, TierLoan())
    why = "a loan at redemption has a cap, a percentage of the balance, or both"
    assert caught.value.problems == (Missing(why=why, path=("input", "loan")),)
