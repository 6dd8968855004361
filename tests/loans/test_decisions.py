"""What decisions say of loans and repayments, that both do the same again, and what a preview shows."""

from collections.abc import Sequence
from decimal import Decimal

from domain.commands.simulations import TransactionSimulate
from domain.decisions import Decision
from domain.engine.explain import Story, explain
from domain.moves import Move
from domain.people import Scope
from domain.services.loans import loan_preview
from domain.services.posting import Desk
from domain.services.simulations.transactions import transaction_simulate
from domain.store import decision_reads, ledger_reads
from domain.tiers import TierLoan
from domain.transactions import Status, Transaction
from tests.loans.lending import Lending
from tests.support.factories import result_of
from tests.support.transactions import a_stage
from tests.tiers.club import a_class, a_tier

EVERYTHING = Scope()


async def decision(lending: Lending, transaction: Transaction) -> Decision:
    async with lending.stage.database.read() as reader:
        [found] = await decision_reads.of_transactions(reader, EVERYTHING, [transaction.id])
    return found[-1]


async def sentences(lending: Lending, transaction: Transaction) -> Sequence[str]:
    key = (transaction.member_id, transaction.id)
    async with lending.stage.database.read() as reader:
        [lots] = await ledger_reads.lots_of_transactions(reader, EVERYTHING, [key])
        [uses] = await ledger_reads.uses_of_transactions(reader, EVERYTHING, [key])
        keys = [(use.member_id, use.lot_transaction_id, use.lot_position) for use in uses]
        sources = await ledger_reads.lots_by_key(reader, EVERYTHING, keys)
    story = Story(
        decision=await decision(lending, transaction), transaction=transaction, lots=lots, uses=uses, sources=sources
    )
    return explain(story)[1:]


async def again(lending: Lending, transaction: Transaction) -> tuple[str, ...]:
    """In what the transaction would differ, were it worked again."""
    stage = lending.stage
    command = TransactionSimulate(program=stage.program.code, transaction_id=transaction.id)
    simulation = await transaction_simulate(stage.database, stage.desk.programs, stage.msr, command)
    assert simulation.receipt.errors == ()
    return simulation.differs


async def test_a_loan_explains_itself(lending: Lending) -> None:
    await lending.set_maximum(500)
    loan = await lending.lend(300)
    assert await sentences(lending, loan) == [
        "Lent: 300 POINTS (bonus), without expiry; the member now owes 300 POINTS, at most 500 POINTS are allowed.",
        "Available: 0 before, 300 POINTS after.",
    ]


async def test_a_repayment_explains_itself(lending: Lending) -> None:
    stage = lending.stage
    await lending.set_maximum(500)
    loan = await lending.lend(300)
    repaid = result_of(await lending.repay(loan, 299))
    assert await sentences(lending, repaid) == [
        "Repaid: 299 POINTS; 1 POINTS of the loan is outstanding.",
        f"Taken: 299 POINTS from the lot of {loan.transaction_date}, without expiry.",
        "Available: 300 before, 1 POINTS after.",
    ]
    assert stage.member.id == repaid.member_id


async def test_a_redemption_that_borrowed_explains_itself(desk: Desk) -> None:
    stage = await a_stage(desk)
    await a_class(desk.database, stage.program)
    await a_tier(desk.database, stage.program, "BASIC", 1, loan=TierLoan(Decimal(100)))
    lending = Lending(stage)
    await stage.earn(20)
    redeemed = result_of(await stage.redeem(50))
    day = redeemed.transaction_date
    assert await sentences(lending, redeemed) == [
        f"The member's tier on {day}: BASIC.",
        "Cost: 50 POINTS named by the transaction.",
        "Lent: 30 POINTS (bonus), without expiry; the member now owes 30 POINTS, at most 100 POINTS are allowed.",
        f"Taken: 20 POINTS from the lot of {day}, without expiry.",
        f"Taken: 30 POINTS from the lot of {day}, without expiry.",
        "Available: 20 before, 0 POINTS after.",
    ]


async def test_a_refused_loan_says_why(lending: Lending) -> None:
    await lending.set_maximum(500)
    asked = [result_of(await lending.request(300, submit_to=lending.stage.director.subject)) for _ in range(2)]
    await lending.approved(asked[0])
    director = lending.stage.director
    refused = (await lending.stage.move(Move.APPROVE, asked[1], director, and_process=True)).result
    assert refused is not None
    assert refused.status is Status.REJECTED_ENGINE
    assert await sentences(lending, refused) == [
        "Refused: 300 POINTS beside 300 outstanding are more than the approved maximum of 500. Nothing was given or taken."
    ]


async def test_a_loan_and_its_repayment_do_the_same_again_whatever_came_after(lending: Lending) -> None:
    await lending.set_maximum(500)
    first = await lending.lend(200)
    second = await lending.lend(300)
    repaid = result_of(await lending.repay(first, 150))
    await lending.repay(first, 50)
    await lending.set_maximum(10)
    for each in (first, second, repaid):
        assert await again(lending, each) == ()


async def test_an_accrual_that_repaid_does_the_same_again(desk: Desk) -> None:
    lending = Lending(await a_stage(desk))
    await lending.settings(repay_automatically=True)
    await lending.set_maximum(500)
    await lending.lend(300)
    assert await again(lending, result_of(await lending.stage.earn(100))) == ()


async def test_a_preview_shows_a_loan_of_which_nothing_stays(lending: Lending) -> None:
    stage = lending.stage
    await lending.set_maximum(500)
    shown = await loan_preview(stage.desk, stage.director, lending.requesting(300))
    assert shown.receipt.result is not None
    assert shown.receipt.result.status is Status.PROCESSED
    assert [(each.available, each.loan_outstanding) for each in shown.balances] == [(Decimal(300), Decimal(300))]
    waiting = await loan_preview(stage.desk, stage.msr, lending.requesting(300))
    assert waiting.receipt.result is not None
    assert waiting.receipt.result.status is Status.SUBMITTED
    assert await stage.recorded() == 0
    assert await lending.figures() == (0, 0)
