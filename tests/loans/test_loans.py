"""Loans: asked for within the approved maximum, approved by whose loan limit covers them, and repaid by hand."""

from decimal import Decimal

from domain.approvals import ApprovalLimitExceeded, NoApprover, OwnRequest
from domain.commands.members import MemberStatusChange
from domain.commands.programs import SettingsChange
from domain.engine.rejections import (
    InsufficientPoints,
    LoanNotAllowed,
    MemberInactive,
    OtherPointType,
    RepaymentExceedsLoan,
)
from domain.entries import QualifyingLoan
from domain.lots import LotOrigin
from domain.members import MemberStatus
from domain.moves import Move, NotEditable
from domain.people import Role, Scope
from domain.problems import Invalid, NotAllowed, NotFound
from domain.services.member_status import member_status_change
from domain.services.posting import Desk
from domain.store import ledger_reads
from domain.transactions import Status, SubStatus, SubType, Transaction, Type
from tests.loans.lending import Lending, a_manager_who_lends, verified
from tests.support.factories import a_point_type, result_of
from tests.support.members import by_number, refusal
from tests.support.transactions import Stage, a_stage

POINTS = ("input", "points")


def too_much(asked: int, outstanding: int, maximum: int | None, *path: str) -> LoanNotAllowed:
    return LoanNotAllowed(
        point_type="POINTS",
        asked=Decimal(asked),
        outstanding=Decimal(outstanding),
        maximum=None if maximum is None else Decimal(maximum),
        path=path,
    )


async def lots_of(stage: Stage, transaction: Transaction) -> list[tuple[LotOrigin, int, bool, object]]:
    async with stage.database.read() as reader:
        [found] = await ledger_reads.lots_of_transactions(reader, Scope(), [(transaction.member_id, transaction.id)])
    return [(lot.origin, int(lot.remaining), lot.qualifying, lot.expires_on) for lot in found]


async def test_a_loan_is_submitted_approved_and_processed(lending: Lending) -> None:
    stage = lending.stage
    async with verified(lending):
        await lending.set_maximum(500)
        asked = result_of(await lending.request(300, submit_to=stage.director.subject))
        assert (asked.type, asked.sub_type, asked.status) == (Type.ACCRUAL, SubType.LOAN, Status.SUBMITTED)
        assert (asked.submit_to_id, asked.points) == (stage.director.person_id, Decimal(300))
        assert await lending.figures() == (0, 0)
        lent = await lending.approved(asked)
        assert (lent.status, lent.sub_status) == (Status.PROCESSED, SubStatus.SUCCESS)
        assert await lending.figures() == (300, 300)
        assert await stage.trail(lent) == [
            (Move.CREATE, None, Status.IN_PROGRESS),
            (Move.SUBMIT, Status.IN_PROGRESS, Status.SUBMITTED),
            (Move.APPROVE, Status.SUBMITTED, Status.APPROVED),
            (Move.ACCEPT, Status.APPROVED, Status.ACCEPTABLE),
            (Move.PROCESS, Status.ACCEPTABLE, Status.PROCESSED),
        ]


async def test_the_points_of_a_loan_never_qualify_and_never_lapse(lending: Lending) -> None:
    await lending.set_maximum(500)
    lent = await lending.lend(300)
    assert await lots_of(lending.stage, lent) == [(LotOrigin.LOAN, 300, False, None)]
    assert (await lending.stage.balance()).lifetime_qualifying == 0
    with refusal(QualifyingLoan(path=("input", "qualifying"))):
        await lending.request(10, qualifying=True)
    assert len(await lending.loans()) == 1


async def test_a_loan_names_the_product_loan(lending: Lending) -> None:
    await lending.set_maximum(500)
    first, second = await lending.lend(1), await lending.lend(1)
    assert first.product_id == second.product_id is not None


async def test_whose_loan_limit_covers_a_loan_gives_it_at_once(lending: Lending) -> None:
    await lending.set_maximum(1000)
    lent = await lending.lend(1000)
    assert (lent.status, lent.external, lent.submit_to_id) == (Status.PROCESSED, True, None)
    assert await lending.figures() == (1000, 1000)


async def test_the_limit_for_loans_is_not_that_for_transactions(lending: Lending) -> None:
    stage = lending.stage
    await lending.set_maximum(500)
    asked = result_of(await lending.request(100))
    assert asked.submit_to_id == stage.manager.person_id
    with refusal(ApprovalLimitExceeded(points=Decimal(100), limit=Decimal(0))):
        await stage.move(Move.APPROVE, asked, stage.manager)
    forwarded = await stage.moved(Move.FORWARD, asked, stage.manager)
    assert (await lending.approved(forwarded)).status is Status.PROCESSED


async def test_nobody_approves_their_own_loan_above_their_own_limit(lending: Lending) -> None:
    await lending.set_maximum(500)
    deputy = await a_manager_who_lends(lending.stage, 50)
    asked = result_of(await lending.request(100, deputy, submit_to=lending.stage.director.subject))
    with refusal(OwnRequest(points=Decimal(100), limit=Decimal(50))):
        await lending.stage.move(Move.APPROVE, asked, deputy)
    with refusal(NoApprover(name=deputy.subject, path=("input", "submitTo"))):
        await lending.request(100, deputy)


async def test_no_loan_before_its_maximum_is_approved(lending: Lending) -> None:
    with refusal(too_much(10, 0, None, *POINTS)):
        await lending.request(10)
    await lending.set_maximum(500, lending.stage.msr)
    with refusal(too_much(10, 0, None, *POINTS)):
        await lending.request(10)
    await lending.reject(await lending.maximum())
    with refusal(too_much(10, 0, None, *POINTS)):
        await lending.request(10)
    assert await lending.stage.recorded() == 0


async def test_what_is_owed_never_exceeds_the_maximum(lending: Lending) -> None:
    await lending.set_maximum(500)
    await lending.lend(300)
    with refusal(too_much(201, 300, 500, *POINTS)):
        await lending.request(201)
    await lending.lend(200)
    assert await lending.figures() == (500, 500)


async def test_the_maximum_is_looked_at_again_when_the_loan_is_processed(lending: Lending) -> None:
    stage = lending.stage
    async with verified(lending):
        await lending.set_maximum(500)
        waiting = [result_of(await lending.request(300, submit_to=stage.director.subject)) for _ in range(2)]
        assert (await lending.approved(waiting[0])).status is Status.PROCESSED
        receipt = await stage.move(Move.APPROVE, waiting[1], stage.director, and_process=True)
        assert receipt.errors == (too_much(300, 300, 500, "input"),)
        assert receipt.result is not None
        assert (receipt.result.status, receipt.result.sub_status) == (
            Status.REJECTED_ENGINE,
            SubStatus.LOAN_NOT_ALLOWED,
        )
        assert await lending.figures() == (300, 300)


async def test_a_maximum_that_is_changed_meanwhile_stops_a_loan(lending: Lending) -> None:
    stage = lending.stage
    await lending.set_maximum(500)
    asked = result_of(await lending.request(300, submit_to=stage.director.subject))
    await lending.set_maximum(800, stage.msr)
    receipt = await stage.move(Move.APPROVE, asked, stage.director, and_process=True)
    assert receipt.errors == (too_much(300, 0, None, "input"),)
    assert await lending.figures() == (0, 0)


async def test_each_point_type_has_a_maximum_of_its_own(lending: Lending) -> None:
    stage = lending.stage
    await a_point_type(stage.database, stage.program, code="MILES")
    await lending.set_maximum(500)
    with refusal(
        LoanNotAllowed(point_type="MILES", asked=Decimal(5), outstanding=Decimal(0), maximum=None, path=POINTS)
    ):
        await lending.request(5, point_type="MILES")
    with refusal(NotFound(what="point type", key="STARS", path=("input", "pointType"))):
        await lending.request(5, point_type="STARS")


async def test_a_loan_is_of_more_than_no_points(lending: Lending) -> None:
    await lending.set_maximum(500)
    with refusal(Invalid(value="0", expected="more than 0 points", path=POINTS)):
        await lending.request(0)


async def test_only_who_may_spend_may_borrow(lending: Lending) -> None:
    stage = lending.stage
    await lending.set_maximum(100)
    change = MemberStatusChange(
        member=by_number(stage.member), program=stage.program.code, status=MemberStatus.SUSPENDED, reason="a test"
    )
    await member_status_change(stage.database, stage.director, change)
    receipt = await lending.request(10, stage.director)
    assert receipt.errors == (MemberInactive(status="SUSPENDED", allowed=("ACTIVE", "DORMANT"), path=("input",)),)
    assert await lending.figures() == (0, 0)


async def test_a_loan_is_spent_like_other_points(lending: Lending) -> None:
    async with verified(lending):
        await lending.set_maximum(500)
        await lending.stage.earn(200)
        await lending.lend(300)
        assert result_of(await lending.stage.redeem(450)).status is Status.PROCESSED
        assert await lending.figures() == (50, 300)


async def test_a_loan_that_was_reopened_is_corrected_but_stays_a_loan(lending: Lending) -> None:
    stage = lending.stage
    await lending.set_maximum(500)
    asked = result_of(await lending.request(300, submit_to=stage.director.subject))
    with refusal(NotEditable(status=Status.SUBMITTED, allowed=(Move.FORWARD, Move.APPROVE, Move.REJECT, Move.RECALL))):
        await stage.update(asked, points=Decimal(200))
    rejected = await stage.moved(Move.REJECT, asked, stage.director)
    reopened = await stage.moved(Move.REOPEN, rejected)
    with refusal(Invalid(value="MANUAL_CREDIT", expected="one of LOAN", path=("input", "subType"))):
        await stage.update(reopened, sub_type=SubType.MANUAL_CREDIT)
    with refusal(QualifyingLoan(path=("input", "qualifying"))):
        await stage.update(reopened, qualifying=True)
    corrected = result_of(await stage.update(reopened, points=Decimal(200)))
    again = await stage.moved(Move.SUBMIT, corrected, submit_to=stage.director.subject)
    assert (await lending.approved(again)).status is Status.PROCESSED
    assert await lending.figures() == (200, 200)


async def test_a_repayment_takes_points_that_were_not_lent_first(lending: Lending) -> None:
    stage = lending.stage
    async with verified(lending):
        await lending.set_maximum(500)
        lent = await lending.lend(300)
        await stage.earn(100)
        repaid = result_of(await lending.repay(lent, 150))
        assert (repaid.type, repaid.sub_type, repaid.status) == (
            Type.REDEMPTION,
            SubType.LOAN_REPAYMENT,
            Status.PROCESSED,
        )
        assert repaid.loan_id == lent.id
        assert await lending.figures() == (250, 150)
        assert (await lots_of(stage, lent))[0][1] == 250
        assert await lending.outstanding(lent) == 150
        assert await lending.repaid(lent) == [150]


async def test_a_loan_is_repaid_wholly_or_in_part_but_not_by_more(lending: Lending) -> None:
    async with verified(lending):
        await lending.set_maximum(500)
        lent = await lending.lend(300)
        await lending.repay(lent, 100)
        too_high = RepaymentExceedsLoan(point_type="POINTS", asked=Decimal(201), outstanding=Decimal(200), path=POINTS)
        with refusal(too_high):
            await lending.repay(lent, 201)
        await lending.repay(lent, 200)
        assert await lending.figures() == (0, 0)
        with refusal(RepaymentExceedsLoan(point_type="POINTS", asked=Decimal(1), outstanding=Decimal(0), path=POINTS)):
            await lending.repay(lent, 1)


async def test_a_repayment_is_of_the_same_point_type(lending: Lending) -> None:
    await a_point_type(lending.stage.database, lending.stage.program, code="MILES")
    await lending.set_maximum(500)
    lent = await lending.lend(300)
    with refusal(OtherPointType(point_type="MILES", expected="POINTS", path=("input", "pointType"))):
        await lending.repay(lent, 10, point_type="MILES")
    assert await lending.repayments(lent) == []


async def test_what_is_no_loan_is_not_repaid(lending: Lending) -> None:
    earned = result_of(await lending.stage.earn(100))
    for number in (earned.id, 1):
        with refusal(NotFound(what="loan", path=("input", "loan"))):
            await lending.repay(number, 10)


async def test_a_repayment_beyond_the_actors_limit_waits_and_is_looked_at_again(lending: Lending) -> None:
    stage = lending.stage
    await lending.set_maximum(500)
    lent = await lending.lend(300)
    waiting = [result_of(await lending.repay(lent, 200, stage.msr)) for _ in range(2)]
    assert [each.status for each in waiting] == [Status.SUBMITTED, Status.SUBMITTED]
    assert waiting[0].submit_to_id == stage.manager.person_id
    assert await lending.figures() == (300, 300)
    await stage.moved(Move.APPROVE, waiting[0], stage.manager, and_process=True)
    receipt = await stage.move(Move.APPROVE, waiting[1], stage.manager, and_process=True)
    assert receipt.errors == (
        RepaymentExceedsLoan(point_type="POINTS", asked=Decimal(200), outstanding=Decimal(100), path=("input",)),
    )
    assert await lending.figures() == (100, 100)


async def test_who_has_too_little_cannot_repay(lending: Lending) -> None:
    await lending.set_maximum(500)
    lent = await lending.lend(300)
    await lending.stage.redeem(250)
    receipt = await lending.repay(lent, 100)
    assert receipt.errors == (
        InsufficientPoints(point_type="POINTS", available=Decimal(50), required=Decimal(100), path=("input",)),
    )
    assert await lending.figures() == (50, 300)


async def test_the_same_request_again_gives_the_first_answer(lending: Lending) -> None:
    await lending.set_maximum(500)
    first = await lending.request(100, lending.stage.director, idempotency_key="once")
    again = await lending.request(100, lending.stage.director, idempotency_key="once")
    assert again.replayed
    assert again.result == first.result
    lent = result_of(first)
    for replayed in (False, True):
        repaid = await lending.repay(lent, 40, idempotency_key="back")
        assert repaid.replayed is replayed
    waiting = await lending.request(100, idempotency_key="wait")
    asked_again = await lending.request(100, idempotency_key="wait")
    assert (asked_again.replayed, asked_again.result) == (True, waiting.result)
    assert await lending.figures() == (60, 60)


async def test_where_no_approval_is_needed_a_loan_is_given_at_once(desk: Desk) -> None:
    lending = Lending(await a_stage(desk, settings=SettingsChange(approval_above={})))
    await lending.set_maximum(500)
    lent = result_of(await lending.request(100))
    assert lent.status is Status.PROCESSED
    assert result_of(await lending.repay(lent, 100, lending.stage.msr)).status is Status.PROCESSED


async def test_only_who_serves_members_lends(lending: Lending) -> None:
    await lending.set_maximum(500)
    stranger = await lending.stage.person(Role.PARTNER_MANAGER)
    why = "CREATE is for member service representatives, managers and the transaction's own partner"
    with refusal(NotAllowed(why=why)):
        await lending.request(100, stranger)
    assert await lending.stage.recorded() == 0
