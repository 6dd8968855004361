"""Approval: who is asked, who may say yes, how it is passed on, and what every person on the way leaves behind."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.approvals import (
    ApprovalLimitExceeded,
    ApprovalNeeded,
    ApprovalNotNeeded,
    NoApprover,
    OwnRequest,
    UnsuitableApprover,
)
from domain.commands.programs import SettingsChange
from domain.engine.rejections import InsufficientPoints
from domain.members import MemberStatus
from domain.moves import Move, WrongStatus
from domain.people import Role
from domain.problems import IdempotencyKeyReused, NotAllowed, NotFound, Refused, VersionConflict
from domain.programs import BaseRule, PriceKind
from domain.services.posting import Desk
from domain.transactions import Status, SubStatus, SubType, Transaction, Type
from tests.support.factories import a_person, a_price, a_product, acting, result_of
from tests.support.members import a_member, by_number, refusal
from tests.support.transactions import LIMIT, Stage, a_key, a_stage

SUBMIT_TO = ("input", "submitTo")


async def submitted(stage: Stage, points: int = 500, **values: Any) -> Transaction:
    return await stage.moved(Move.SUBMIT, await stage.record(stage.credit(points)), **values)


async def test_a_submitted_transaction_waits_for_the_requesters_manager(stage: Stage) -> None:
    transaction = await submitted(stage, comment="the till was down")
    assert transaction.status is Status.SUBMITTED
    assert transaction.submit_to_id == stage.manager.person_id
    last = (await stage.approvals(transaction))[-1]
    assert (last.move, last.from_status, last.to_status) == (Move.SUBMIT, Status.IN_PROGRESS, Status.SUBMITTED)
    assert (last.person_id, last.submit_to_id) == (stage.msr.person_id, stage.manager.person_id)
    assert last.comment == "the till was down"


async def test_somebody_else_may_be_asked_during_a_holiday(stage: Stage) -> None:
    assert (await submitted(stage, submit_to=stage.director.subject)).submit_to_id == stage.director.person_id
    recorded = await stage.record(stage.credit(5, submit_to=stage.director.subject))
    assert (await stage.moved(Move.SUBMIT, recorded)).submit_to_id == stage.director.person_id


async def test_what_needs_no_approval_is_not_submitted(stage: Stage) -> None:
    transaction = await stage.record()
    with refusal(ApprovalNotNeeded(sub_type=SubType.PRODUCT, points=Decimal(0))):
        await stage.move(Move.SUBMIT, transaction)
    assert await stage.stored(transaction) == transaction


async def test_a_second_submit_says_where_it_stands(stage: Stage) -> None:
    transaction = await submitted(stage)
    allowed = (Move.FORWARD, Move.APPROVE, Move.REJECT, Move.RECALL)
    with refusal(WrongStatus(status=Status.SUBMITTED, move=Move.SUBMIT, allowed=allowed)):
        await stage.move(Move.SUBMIT, transaction)
    assert len(await stage.approvals(transaction)) == 2


async def test_the_end_of_the_chain_says_so(stage: Stage) -> None:
    alone = await stage.person(Role.MSR)
    transaction = await stage.record(stage.credit(5), alone)
    with refusal(NoApprover(name=alone.subject, path=SUBMIT_TO)):
        await stage.move(Move.SUBMIT, transaction, alone)


async def test_a_manager_who_is_gone_is_skipped(stage: Stage) -> None:
    away = await stage.someone(Role.MANAGER, manager=stage.director.subject, active=False)
    msr = await stage.person(Role.MSR, manager=away.subject)
    transaction = await stage.record(stage.credit(5), msr)
    assert (await stage.moved(Move.SUBMIT, transaction, msr)).submit_to_id == stage.director.person_id


async def test_who_is_named_must_be_able_to_decide_or_pass_it_on(stage: Stage, desk: Desk) -> None:
    other = await a_stage(desk)
    colleague = await stage.someone(Role.MSR)
    away = await stage.someone(Role.MANAGER, active=False)
    unsuitable = {
        colleague.subject: "500 points are above their limit of 0, and they have no manager",
        away.subject: "they are not active",
        stage.msr.subject: "it is their own request",
    }
    transaction = await stage.record(stage.credit(500))
    for subject, why in unsuitable.items():
        with refusal(UnsuitableApprover(name=subject, why=why, path=SUBMIT_TO)):
            await stage.move(Move.SUBMIT, transaction, submit_to=subject)
    for subject in ("nobody", other.manager.subject):
        with refusal(NotFound(what="person", key=subject, path=SUBMIT_TO)):
            await stage.move(Move.SUBMIT, transaction, submit_to=subject)
    assert await stage.stored(transaction) == transaction


async def test_an_approver_within_the_limit_makes_it_acceptable_and_both_moves_are_kept(stage: Stage) -> None:
    transaction = await submitted(stage, points=1000)
    approved = await stage.moved(Move.APPROVE, transaction, stage.manager, comment="fine")
    assert approved.status is Status.ACCEPTABLE
    assert (approved.submit_to_id, approved.external) == (None, False)
    moves = (await stage.approvals(approved))[-2:]
    assert [(each.move, each.from_status, each.to_status) for each in moves] == [
        (Move.APPROVE, Status.SUBMITTED, Status.APPROVED),
        (Move.ACCEPT, Status.APPROVED, Status.ACCEPTABLE),
    ]
    assert [each.person_id for each in moves] == [stage.manager.person_id] * 2
    assert [each.comment for each in moves] == ["fine", None]
    assert (await stage.balance()).available == 0


async def test_anyone_whose_own_limit_covers_it_may_approve(stage: Stage) -> None:
    transaction = await submitted(stage)
    assert (await stage.moved(Move.APPROVE, transaction, stage.director)).status is Status.ACCEPTABLE


async def test_above_the_limit_it_is_passed_on_up_the_chain(stage: Stage) -> None:
    transaction = await submitted(stage, points=1001)
    with refusal(ApprovalLimitExceeded(points=Decimal(1001), limit=LIMIT)):
        await stage.move(Move.APPROVE, transaction, stage.manager)
    forwarded = await stage.moved(Move.FORWARD, transaction, stage.manager, comment="too much for me")
    assert (forwarded.status, forwarded.submit_to_id) == (Status.SUBMITTED, stage.director.person_id)
    assert (await stage.trail(transaction))[-1] == (Move.FORWARD, Status.SUBMITTED, Status.SUBMITTED)
    assert (await stage.moved(Move.APPROVE, transaction, stage.director)).status is Status.ACCEPTABLE


async def test_the_last_of_the_chain_can_pass_it_to_somebody_named_only(stage: Stage) -> None:
    transaction = await submitted(stage, submit_to=stage.director.subject)
    with refusal(NoApprover(name=stage.director.subject, path=SUBMIT_TO)):
        await stage.move(Move.FORWARD, transaction, stage.director)
    passed = await stage.moved(Move.FORWARD, transaction, stage.director, submit_to=stage.manager.subject)
    assert passed.submit_to_id == stage.manager.person_id


async def test_it_is_not_passed_to_whom_it_waits_for_already(stage: Stage) -> None:
    transaction = await submitted(stage)
    waiting = UnsuitableApprover(name=stage.manager.subject, why="it waits for them already", path=SUBMIT_TO)
    with refusal(waiting):
        await stage.move(Move.FORWARD, transaction, stage.manager, submit_to=stage.manager.subject)
    assert len(await stage.approvals(transaction)) == 2


async def test_nobody_approves_their_own_request_above_their_own_limit(stage: Stage) -> None:
    for points, refused in ((1000, False), (1001, True)):
        mine = await stage.record(stage.credit(points), stage.manager)
        mine = await stage.moved(Move.SUBMIT, mine, stage.manager)
        if refused:
            with refusal(OwnRequest(points=Decimal(points), limit=LIMIT)):
                await stage.move(Move.APPROVE, mine, stage.manager)
        else:
            assert (await stage.moved(Move.APPROVE, mine, stage.manager)).status is Status.ACCEPTABLE


async def test_a_rejection_needs_a_reason_and_can_be_taken_up_again(stage: Stage) -> None:
    transaction = await submitted(stage)
    for nothing in ("", "  "):
        with pytest.raises(Refused) as caught:
            await stage.move(Move.REJECT, transaction, stage.manager, comment=nothing)
        assert {problem.path for problem in caught.value.problems} == {("input", "comment")}
    rejected = await stage.moved(Move.REJECT, transaction, stage.manager, comment="no receipt")
    assert (rejected.status, rejected.submit_to_id) == (Status.REJECTED_MANAGER, None)
    assert (await stage.approvals(transaction))[-1].comment == "no receipt"
    assert (await stage.moved(Move.REOPEN, transaction)).status is Status.IN_PROGRESS


async def test_the_requester_and_strangers_decide_nothing(stage: Stage, desk: Desk) -> None:
    transaction = await submitted(stage)
    with refusal(ApprovalLimitExceeded(points=Decimal(500), limit=Decimal(0)).at()):
        await stage.move(Move.APPROVE, transaction, await stage.person(Role.MSR))
    with pytest.raises(Refused) as caught:
        await stage.move(Move.REJECT, transaction, stage.msr)
    assert [type(problem) for problem in caught.value.problems] == [NotAllowed]
    with refusal(NotFound(what="transaction", path=("input", "id"))):
        await stage.move(Move.APPROVE, transaction, (await a_stage(desk)).director)
    assert await stage.status(transaction) is Status.SUBMITTED


async def test_going_around_approval_ticks_external_and_asks_nobody(stage: Stage) -> None:
    transaction = await stage.record(stage.credit(500, submit_to=stage.director.subject), stage.manager)
    accepted = await stage.moved(Move.ACCEPT, transaction, stage.manager)
    assert (accepted.status, accepted.external, accepted.submit_to_id) == (Status.ACCEPTABLE, True, None)
    mine = await stage.record(stage.credit(500))
    for around in (Move.ACCEPT, Move.QUEUE):
        with refusal(ApprovalNeeded(points=Decimal(500), limit=Decimal(0))):
            await stage.move(around, mine)


async def test_who_has_read_another_version_decides_nothing(stage: Stage) -> None:
    transaction = await submitted(stage)
    await stage.moved(Move.RECALL, transaction)
    reopened = await stage.moved(Move.REOPEN, transaction)
    raised = result_of(await stage.update(reopened, points=Decimal(900)))
    await stage.moved(Move.SUBMIT, raised)
    conflict = VersionConflict(expected=2, current=6, path=("input", "expectedVersion"))
    with refusal(conflict):
        await stage.move(Move.APPROVE, transaction, stage.manager, expected_version=transaction.version)


# And process


async def test_an_approval_may_press_process_too(stage: Stage) -> None:
    transaction = await submitted(stage)
    done = await stage.moved(Move.APPROVE, transaction, stage.manager, and_process=True)
    assert (done.status, done.sub_status) == (Status.PROCESSED, SubStatus.SUCCESS)
    assert (await stage.balance()).available == 500
    assert [move for move, _, _ in await stage.trail(transaction)] == [
        Move.CREATE, Move.SUBMIT, Move.APPROVE, Move.ACCEPT, Move.PROCESS,
    ]  # fmt: skip


async def test_the_same_approval_again_changes_nothing(stage: Stage) -> None:
    transaction, key = await submitted(stage), a_key()
    for and_process in (False, True):
        other = await submitted(stage) if and_process else transaction
        key = a_key()
        first = await stage.move(Move.APPROVE, other, stage.manager, idempotency_key=key, and_process=and_process)
        before = await stage.approvals(other)
        again = await stage.move(Move.APPROVE, other, stage.manager, idempotency_key=key, and_process=and_process)
        assert (again.result, again.replayed) == (first.result, True)
        assert await stage.approvals(other) == before
    reused = await stage.move(Move.APPROVE, transaction, stage.manager, idempotency_key=key)
    assert reused.errors == (IdempotencyKeyReused(path=("input", "idempotencyKey")),)


async def test_a_refused_approval_leaves_its_key_unused(stage: Stage) -> None:
    transaction, key = await submitted(stage, points=1001), a_key()
    for _ in range(2):
        with refusal(ApprovalLimitExceeded(points=Decimal(1001), limit=LIMIT)):
            await stage.move(Move.APPROVE, transaction, stage.manager, idempotency_key=key)


async def test_who_may_not_process_does_not_approve_halfway(stage: Stage) -> None:
    administrator = await stage.person(Role.PROGRAM_ADMINISTRATOR, transaction_approval_limit=LIMIT)
    transaction = await submitted(stage)
    with pytest.raises(Refused):
        await stage.move(Move.APPROVE, transaction, administrator, and_process=True)
    assert await stage.status(transaction) is Status.SUBMITTED
    assert (await stage.moved(Move.APPROVE, transaction, administrator)).status is Status.ACCEPTABLE


async def test_what_the_engine_refuses_after_the_approval_is_an_answer(stage: Stage) -> None:
    entry = stage.entry(type=Type.REDEMPTION, sub_type=SubType.MANUAL_DEBIT, points=Decimal(50))
    transaction = await stage.moved(Move.SUBMIT, await stage.record(entry))
    receipt = await stage.move(Move.APPROVE, transaction, stage.manager, and_process=True)
    short = InsufficientPoints(point_type="POINTS", available=Decimal(0), required=Decimal(50), path=("input",))
    assert receipt.errors == (short,)
    assert receipt.result is not None
    assert receipt.result.status is Status.REJECTED_ENGINE


async def test_an_approval_that_was_not_processed_is_processed_by_the_same_request(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    transaction, key = await submitted(stage), a_key()

    async def closed(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(Desk, "submit", closed)
        with pytest.raises(ConnectionError):
            await stage.move(Move.APPROVE, transaction, stage.manager, idempotency_key=key, and_process=True)
    assert await stage.status(transaction) is Status.ACCEPTABLE
    again = await stage.move(Move.APPROVE, transaction, stage.manager, idempotency_key=key, and_process=True)
    assert result_of(again).status is Status.PROCESSED
    assert [move for move, _, _ in await stage.trail(transaction)].count(Move.APPROVE) == 1


# Points that only the engine knows


@pytest.fixture
def careful() -> dict[str, Any]:
    """A program that wants purchases of more than 100 points approved, and gives two points per dollar."""
    rule = BaseRule("perAmount", {"points": Decimal(2), "currency": "USD"})
    return {"settings": SettingsChange(approval_above={SubType.PRODUCT: Decimal(100)}), "base_rules": (rule,)}


async def test_where_purchases_need_approval_the_engine_says_how_many_points_they_are_about(
    desk: Desk, careful: dict[str, Any]
) -> None:
    stage = await a_stage(desk, **careful)
    small, large = (
        await stage.record(stage.entry(amount=Decimal(50))),
        await stage.record(stage.entry(amount=Decimal(51))),
    )
    with refusal(ApprovalNotNeeded(sub_type=SubType.PRODUCT, points=Decimal(100))):
        await stage.move(Move.SUBMIT, small)
    with refusal(ApprovalNeeded(points=Decimal(102), limit=Decimal(0))):
        await stage.move(Move.ACCEPT, large)
    assert (await stage.moved(Move.SUBMIT, large)).status is Status.SUBMITTED
    assert (await stage.moved(Move.APPROVE, large, stage.manager)).status is Status.ACCEPTABLE


async def test_it_plays_no_part_whether_the_member_may_earn_now(desk: Desk, careful: dict[str, Any]) -> None:
    stage = await a_stage(desk, **careful)
    newcomer = await a_member(stage.database, stage.program, status=MemberStatus.PENDING)
    transaction = await stage.record(stage.entry(amount=Decimal(51)), member=by_number(newcomer))
    with refusal(ApprovalNeeded(points=Decimal(102), limit=Decimal(0))):
        await stage.move(Move.ACCEPT, transaction)


async def test_a_redemption_is_about_its_price(desk: Desk, careful: dict[str, Any]) -> None:
    stage = await a_stage(desk, **careful)
    product = await a_product(stage.database, stage.program)
    await a_price(stage.database, stage.program, product, 60, kind=PriceKind.REDEMPTION)
    one, two = [
        await stage.record(stage.entry(type=Type.REDEMPTION, product=product.code, quantity=Decimal(each)))
        for each in (1, 2)
    ]
    assert (await stage.moved(Move.ACCEPT, one)).status is Status.ACCEPTABLE
    with refusal(ApprovalNeeded(points=Decimal(120), limit=Decimal(0))):
        await stage.move(Move.ACCEPT, two)


async def test_one_call_operations_are_no_way_around_it(desk: Desk, careful: dict[str, Any]) -> None:
    stage = await a_stage(desk, **careful)
    assert result_of(await stage.earn(50)).status is Status.PROCESSED
    receipt = await stage.earn(51)
    assert receipt.errors == (ApprovalNeeded(points=Decimal(102), limit=Decimal(0)),)
    assert await stage.recorded() == 1
    assert result_of(await stage.earn(51, stage.manager)).status is Status.PROCESSED


async def test_limits_are_those_of_now(stage: Stage) -> None:
    transaction = await submitted(stage)
    pensioner = await a_person(
        stage.database, Role.MANAGER, program=stage.program.code, transaction_approval_limit=LIMIT, active=False
    )
    with refusal(ApprovalLimitExceeded(points=Decimal(500), limit=Decimal(0))):
        await stage.move(Move.APPROVE, transaction, replace(acting(pensioner), subject=pensioner.subject))
