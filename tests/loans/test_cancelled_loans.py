"""Loans are cancelled while nothing of them is spent, held or repaid: then it is as if they had never been given."""

from datetime import datetime
from decimal import Decimal

from domain.engine.rejections import LoanInUse
from domain.loans import MaximumLoanStatus
from domain.members import Balance
from domain.people import Scope
from domain.store import past_balances
from domain.store.database import Database
from domain.transactions import Status, SubStatus, SubType, Transaction, Type
from tests.holds.kit import hold
from tests.loans.lending import Lending, verified
from tests.support.factories import result_of


def in_use(unspent: int, outstanding: int) -> tuple[LoanInUse]:
    lent, unspent_points, owed = Decimal(300), Decimal(unspent), Decimal(outstanding)
    return (LoanInUse(point_type="POINTS", lent=lent, unspent=unspent_points, outstanding=owed, path=("input",)),)


async def lent(lending: Lending) -> Transaction:
    await lending.set_maximum(500)
    return await lending.lend(300)


async def past(lending: Lending, moment: datetime) -> Balance:
    async with lending.stage.database.read() as reader:
        [[found]] = await past_balances.load_many(reader, Scope(), [lending.stage.member.id], moment)
    return found


async def test_a_loan_is_cancelled_and_nothing_is_owed(lending: Lending) -> None:
    stage = lending.stage
    async with verified(lending):
        await stage.earn(100)
        loan = await lent(lending)
        before = await stage.balance()
        assert tuple(map(int, (before.available, before.loan_outstanding, before.earned))) == (400, 300, 400)
        back = result_of(await stage.cancel(loan))
        assert (back.type, back.sub_type, back.status) == (Type.REDEMPTION, SubType.CANCELLATION, Status.PROCESSED)
        assert await stage.status(loan) is Status.CANCELLED
        assert await lending.figures() == (100, 0)
        assert await lending.outstanding(loan) == 0
        assert await lending.repayments(loan) == []
        balance = await stage.balance()
        assert tuple(map(int, (balance.earned, balance.redeemed))) == (100, 0)
        again = await lending.lend(500)
        assert await lending.outstanding(again) == 500
        assert (await lending.maximum()).status is MaximumLoanStatus.APPROVED


async def test_what_was_owed_before_a_loan_was_cancelled_can_still_be_asked(
    lending: Lending, database: Database
) -> None:
    loan = await lent(lending)
    async with database.read() as reader:
        before = await database.now(reader)
    result_of(await lending.stage.cancel(loan))
    assert (await past(lending, before)).loan_outstanding == 300
    async with database.read() as reader:
        now = await database.now(reader)
    then = await past(lending, now)
    assert {then.available, then.loan_outstanding, then.earned, then.redeemed} == {Decimal(0)}


async def test_a_loan_is_cancelled_when_what_was_spent_of_it_has_come_back(lending: Lending) -> None:
    loan = await lent(lending)
    spent = result_of(await lending.stage.redeem(1))
    refused = await lending.stage.cancel(loan)
    assert refused.errors == in_use(299, 300)
    assert refused.result is not None
    assert (refused.result.status, refused.result.sub_status) == (Status.REJECTED_ENGINE, SubStatus.LOAN_NOT_ALLOWED)
    assert await lending.figures() == (299, 300)
    result_of(await lending.stage.cancel(spent))
    async with verified(lending):
        assert result_of(await lending.stage.cancel(loan)).status is Status.PROCESSED
        assert await lending.figures() == (0, 0)


async def test_a_loan_of_which_something_was_repaid_is_not_cancelled(lending: Lending) -> None:
    await lending.stage.earn(100)
    loan = await lent(lending)
    await lending.repay(loan, 1)
    assert (await lending.stage.cancel(loan, idempotency_key="once")).errors == in_use(300, 299)
    again = await lending.stage.cancel(loan, idempotency_key="once")
    assert (again.replayed, again.errors) == (True, in_use(300, 299))
    assert await lending.figures() == (399, 299)


async def test_a_part_of_a_loan_is_repaid_not_refunded(lending: Lending) -> None:
    loan = await lent(lending)
    assert (await lending.stage.refund(loan, points=100)).errors == in_use(300, 300)
    assert result_of(await lending.stage.refund(loan, points=300)).status is Status.PROCESSED
    assert await lending.figures() == (0, 0)


async def test_a_loan_whose_points_are_held_is_in_use(lending: Lending) -> None:
    loan = await lent(lending)
    stage = lending.stage
    await hold(stage, 1)
    assert (await stage.cancel(loan)).errors == in_use(299, 300)
