"""The maximum that a member may owe: set by one, approved by another whose loan limit covers it, and started again by a new amount."""

from dataclasses import replace
from decimal import Decimal

from domain.approvals import ApprovalLimitExceeded, NoApprover, OwnRequest, UnsuitableApprover
from domain.commands.members import MemberReference, MemberStatusChange
from domain.families import MemberFinal
from domain.inbox import ApprovalKind
from domain.loans import MaximumLoanDecided, MaximumLoanMove, MaximumLoanStatus
from domain.members import MemberStatus
from domain.people import ENGINE, Role, Scope
from domain.problems import Invalid, NotAllowed, NotFound, VersionConflict
from domain.services.member_status import member_status_change
from domain.store import maximum_loans as store
from tests.inbox.test_inbox import effect
from tests.loans.lending import Lending, a_manager_who_lends
from tests.support.factories import acting, result_of
from tests.support.members import refusal

SUBMITTED, APPROVED, REJECTED = MaximumLoanStatus
SUBMIT_TO = ("input", "submitTo")


async def moves(lending: Lending) -> list[MaximumLoanMove]:
    async with lending.stage.database.read() as reader:
        [found] = await store.load_moves(reader, Scope(), [(await lending.maximum()).id])
    return found


async def test_what_the_setters_own_loan_limit_covers_is_approved_at_once(lending: Lending) -> None:
    maximum = await lending.set_maximum(1000)
    assert (maximum.status, maximum.points, maximum.submit_to_id) == (APPROVED, Decimal(1000), None)
    [move] = await moves(lending)
    assert (move.person_id, move.from_status, move.to_status) == (lending.stage.director.person_id, None, APPROVED)
    assert move.points == 1000


async def test_all_else_goes_to_the_manager_and_is_decided_by_whose_limit_covers_it(lending: Lending) -> None:
    stage = lending.stage
    maximum = await lending.set_maximum(500, stage.msr, comment="a good customer")
    assert (maximum.status, maximum.submit_to_id) == (SUBMITTED, stage.manager.person_id)
    with refusal(ApprovalLimitExceeded(points=Decimal(500), limit=Decimal(0))):
        await lending.approve(maximum, stage.manager)
    forwarded = await lending.forward(maximum, stage.manager, comment="yours")
    assert forwarded.submit_to_id == stage.director.person_id
    approved = await lending.approve(forwarded, comment="fine")
    assert (approved.status, approved.submit_to_id) == (APPROVED, None)
    assert [(each.person_id, each.to_status, each.submit_to_id, each.comment) for each in await moves(lending)] == [
        (stage.msr.person_id, SUBMITTED, stage.manager.person_id, "a good customer"),
        (stage.manager.person_id, SUBMITTED, stage.director.person_id, "yours"),
        (stage.director.person_id, APPROVED, None, "fine"),
    ]


async def test_somebody_else_may_be_asked_during_a_holiday(lending: Lending) -> None:
    stage = lending.stage
    asked = await lending.set_maximum(500, stage.msr, submit_to=stage.director.subject)
    assert asked.submit_to_id == stage.director.person_id
    deputy = await a_manager_who_lends(stage, 500)
    passed_on = await lending.forward(asked, stage.director, submit_to=deputy.subject)
    assert passed_on.submit_to_id == deputy.person_id
    assert (await lending.approve(passed_on, deputy)).status is APPROVED


async def test_another_amount_starts_again_and_the_same_changes_nothing(lending: Lending) -> None:
    stage = lending.stage
    before = await lending.set_maximum(500)
    assert await lending.set_maximum(500, stage.msr) == before
    raised = await lending.set_maximum(600, stage.msr)
    assert (raised.id, raised.status, raised.version) == (before.id, SUBMITTED, 2)
    assert raised.requested_by_id == stage.msr.person_id
    lowered = await lending.set_maximum(100)
    assert (lowered.status, lowered.points, lowered.submit_to_id) == (APPROVED, Decimal(100), None)


async def test_an_approver_decides_about_the_amount_that_they_have_seen(lending: Lending) -> None:
    seen = await lending.set_maximum(500, lending.stage.msr)
    await lending.set_maximum(900, lending.stage.msr)
    with refusal(VersionConflict(expected=1, current=2, path=("input", "expectedVersion"))):
        await lending.approve(seen)
    assert (await lending.maximum()).status is SUBMITTED


async def test_a_rejection_says_why_and_the_same_amount_may_be_asked_again(lending: Lending) -> None:
    stage = lending.stage
    maximum = await lending.set_maximum(500, stage.msr)
    blank = Invalid(value=" ", expected="a text that is not blank", path=("input", "comment"))
    with refusal(blank):
        await lending.reject(maximum, stage.manager, comment=" ")
    rejected = await lending.reject(maximum, stage.manager)
    assert (rejected.status, rejected.submit_to_id) == (REJECTED, None)
    assert (await lending.set_maximum(500, stage.msr)).status is SUBMITTED


async def test_what_is_decided_waits_for_nobody(lending: Lending) -> None:
    maximum = await lending.set_maximum(500)
    for decide in (lending.approve, lending.reject):
        with refusal(MaximumLoanDecided(status=APPROVED, path=("input", "id"))):
            await decide(maximum)
    with refusal(MaximumLoanDecided(status=APPROVED, path=("input", "id"))):
        await lending.forward(maximum, lending.stage.director)


async def test_only_the_person_asked_and_those_whose_limit_covers_it_decide(lending: Lending) -> None:
    maximum = await lending.set_maximum(500, lending.stage.msr)
    problem = NotAllowed(why="this is for the named approver and employees whose limit covers it")
    with refusal(problem):
        await lending.reject(maximum, lending.stage.msr)
    with refusal(problem):
        await lending.forward(maximum, lending.stage.msr)


async def test_nobody_approves_their_own_request_above_their_own_limit(lending: Lending) -> None:
    deputy = await a_manager_who_lends(lending.stage, 400)
    maximum = await lending.set_maximum(500, deputy, submit_to=lending.stage.director.subject)
    with refusal(OwnRequest(points=Decimal(500), limit=Decimal(400))):
        await lending.approve(maximum, deputy)


async def test_the_end_of_the_chain_says_so(lending: Lending) -> None:
    alone = await lending.stage.person(Role.MSR)
    with refusal(NoApprover(name=alone.subject, path=SUBMIT_TO)):
        await lending.set_maximum(5, alone)
    with refusal(NoApprover(name=lending.stage.director.subject, path=SUBMIT_TO)):
        await lending.set_maximum(1001)


async def test_who_could_not_approve_is_not_asked(lending: Lending) -> None:
    director = await lending.stage.someone(Role.MANAGER, loan_approval_limit=Decimal(10))
    why = "500 points are above their limit of 10, and they have no manager"
    with refusal(UnsuitableApprover(name=director.name, why=why, path=SUBMIT_TO)):
        await lending.set_maximum(500, lending.stage.msr, submit_to=director.subject)
    maximum = await lending.set_maximum(500, lending.stage.msr)
    with refusal(UnsuitableApprover(name=director.name, why=why, path=SUBMIT_TO)):
        await lending.forward(maximum, lending.stage.manager, submit_to=director.subject)
    manager = lending.stage.manager
    already = UnsuitableApprover(name=manager.subject, why="it waits for them already", path=SUBMIT_TO)
    with refusal(already):
        await lending.forward(maximum, manager, submit_to=manager.subject)


async def test_a_maximum_is_a_number_of_a_point_type(lending: Lending) -> None:
    with refusal(NotFound(what="point type", key="MILES", path=("input", "pointType"))):
        await lending.set_maximum(5, point_type="MILES")
    with refusal(
        Invalid(value="-5", expected="0 or more, and less than 1,000,000,000,000,000", path=("input", "points"))
    ):
        await lending.set_maximum(-5)


async def test_of_another_program_there_is_none(lending: Lending) -> None:
    stranger = acting(await lending.stage.someone(Role.MANAGER, program=None, loan_approval_limit=Decimal(9000)))
    elsewhere = replace(stranger, scope=Scope(program_id=0))
    maximum = await lending.set_maximum(500, lending.stage.msr)
    with refusal(NotFound(what="maximum loan", path=("input", "id"))):
        await lending.approve(maximum, elsewhere)


async def test_who_has_left_meanwhile_borrows_nothing(lending: Lending) -> None:
    asked = await lending.set_maximum(500, lending.stage.msr)
    leave = MemberStatusChange(
        member=MemberReference(id=lending.stage.member.id), status=MemberStatus.CANCELLED, reason="wanted to go"
    )
    result_of(await member_status_change(lending.stage.database, ENGINE, leave))
    with refusal(MemberFinal(status=MemberStatus.CANCELLED, path=("input", "id"))):
        await lending.approve(asked)
    shown = await effect(lending.stage, lending.stage.director, ApprovalKind.MAXIMUM_LOAN)
    assert shown.problems == (MemberFinal(status=MemberStatus.CANCELLED),)
    assert (await lending.reject(asked)).status is MaximumLoanStatus.REJECTED
