"""The inbox: everything that waits for somebody, whatever its kind, the oldest first, and what their approval would lead to."""

from decimal import Decimal
from typing import Any

from domain.approvals import NoApprover
from domain.commands.members import MemberReference, MemberStatusChange
from domain.commands.tiers import MemberTierRequest, MemberTierRequestForward
from domain.decisions import BalanceChange
from domain.engine.rejections import InsufficientPoints, LoanNotAllowed
from domain.families import MemberFinal
from domain.inbox import ApprovalEffect, ApprovalFilter, ApprovalKind, ApprovalRequest
from domain.members import MemberStatus
from domain.moves import Move
from domain.pages import PageRequest
from domain.people import ENGINE, Principal, Role, Scope
from domain.services import inbox as services
from domain.services.member_status import member_status_change
from domain.services.tier_requests import member_tier_request, member_tier_request_forward
from domain.store import inbox, tier_requests
from domain.tier_requests import NotTierApprover, TierRequest
from domain.transactions import SubType, Type
from tests.loans.lending import Lending, a_manager_who_lends
from tests.support.factories import acting, result_of
from tests.support.members import by_number, refusal
from tests.support.transactions import Stage
from tests.tiers.club import a_class, a_tier

TRANSACTION, MAXIMUM_LOAN, TIER_REQUEST, *_ = ApprovalKind


async def waiting(stage: Stage, actor: Principal, **values: Any) -> list[ApprovalRequest]:
    page = await services.approvals_list(stage.database, actor, ApprovalFilter(**values), PageRequest(first=100))
    return [edge.node for edge in page.edges]


async def kinds(stage: Stage, actor: Principal, **values: Any) -> list[tuple[ApprovalKind, int]]:
    return [(each.kind, each.id) for each in await waiting(stage, actor, **values)]


async def effect(stage: Stage, actor: Principal, kind: ApprovalKind) -> ApprovalEffect:
    """That of the one request of a kind."""
    [request] = await waiting(stage, actor, kinds=(kind,))
    async with stage.database.read() as reader:
        now = await stage.database.now(reader)
        [found] = await services.effects(reader, stage.desk.programs, actor, [request], now)
    return found


async def a_tier_request(stage: Stage) -> TierRequest:
    """The MSR asks for GOLD."""
    await a_class(stage.database, stage.program)
    await a_tier(stage.database, stage.program, "BASIC", 1)
    await a_tier(stage.database, stage.program, "GOLD", 2)
    command = MemberTierRequest(member=by_number(stage.member), program=stage.program.code, tier="GOLD", reason="loyal")
    return result_of(await member_tier_request(stage.database, stage.desk.programs, stage.msr, command))


def test_every_kind_has_its_rows_and_its_effect() -> None:
    assert set(inbox.WAITING) == set(services.EFFECTS) == set(ApprovalKind)


async def test_everything_that_waits_is_in_one_list_the_oldest_first(lending: Lending) -> None:
    stage = lending.stage
    credit = await stage.moved(Move.SUBMIT, await stage.record(stage.credit(5)), submit_to=stage.director.subject)
    maximum = await lending.set_maximum(500, stage.msr, submit_to=stage.director.subject, comment="loyal")
    asked = await a_tier_request(stage)
    approver = await stage.person(
        Role.MANAGER, tier_approver=True, loan_approval_limit=Decimal(500), transaction_approval_limit=Decimal(5)
    )
    everything = [(TRANSACTION, credit.id), (MAXIMUM_LOAN, maximum.id), (TIER_REQUEST, asked.id)]
    assert await kinds(stage, approver) == everything
    assert await kinds(stage, stage.director) == everything[:2]
    assert await kinds(stage, approver, kinds=(MAXIMUM_LOAN, TIER_REQUEST)) == everything[1:]
    assert await kinds(stage, approver, submitted_to_me=True) == []
    assert await kinds(stage, stage.director, submitted_to_me=True) == everything[:2]
    assert await kinds(stage, stage.msr) == []


async def test_a_page_goes_on_where_the_one_before_ended(lending: Lending) -> None:
    stage = lending.stage
    credit = await stage.moved(Move.SUBMIT, await stage.record(stage.credit(5)))
    maximum = await lending.set_maximum(500, stage.msr)
    first = await services.approvals_list(stage.database, stage.manager, ApprovalFilter(), PageRequest(first=1))
    assert (first.edges[0].node.id, first.has_next_page) == (credit.id, True)
    after = PageRequest(first=1, after=first.end_cursor)
    second = await services.approvals_list(stage.database, stage.manager, ApprovalFilter(), after)
    assert (second.edges[0].node.id, second.has_next_page, await second.count()) == (maximum.id, False, 2)


async def test_who_is_asked_sees_whether_their_limit_covers_it(lending: Lending) -> None:
    stage = lending.stage
    await stage.moved(Move.SUBMIT, await stage.record(stage.credit(1000)))
    await stage.moved(Move.SUBMIT, await stage.record(stage.credit(1001)))
    await lending.set_maximum(500, stage.msr)
    assert [each.covered for each in await waiting(stage, stage.manager)] == [True, False, False]
    assert [each.covered for each in await waiting(stage, stage.director)] == [True, True, True]


async def test_a_loan_is_measured_by_the_limit_for_loans(lending: Lending) -> None:
    stage = lending.stage
    await lending.set_maximum(500)
    loan = result_of(await lending.request(300))
    lender = await a_manager_who_lends(stage, 300)
    other = await stage.person(Role.MANAGER, transaction_approval_limit=Decimal(9000))
    assert await kinds(stage, lender) == [(TRANSACTION, loan.id)]
    assert await kinds(stage, other) == []


async def test_what_is_decided_waits_no_more(lending: Lending) -> None:
    stage = lending.stage
    maximum = await lending.set_maximum(500, stage.msr, submit_to=stage.director.subject)
    assert await kinds(stage, stage.director) == [(MAXIMUM_LOAN, maximum.id)]
    await lending.approve(maximum)
    assert await kinds(stage, stage.director) == []


async def test_nobody_finds_their_own_tier_request(lending: Lending) -> None:
    stage = lending.stage
    await a_class(stage.database, stage.program)
    await a_tier(stage.database, stage.program, "BASIC", 1)
    await a_tier(stage.database, stage.program, "GOLD", 2)
    approver = await stage.person(Role.MANAGER, tier_approver=True)
    command = MemberTierRequest(member=by_number(stage.member), program=stage.program.code, tier="GOLD", reason="me")
    await member_tier_request(stage.database, stage.desk.programs, approver, command)
    assert await kinds(stage, approver) == []


async def test_a_tier_request_is_passed_on_to_another_tier_approver(lending: Lending) -> None:
    stage = lending.stage
    asked = await a_tier_request(stage)
    above = await stage.someone(Role.MANAGER, tier_approver=True)
    approver = await stage.person(Role.MANAGER, tier_approver=True, manager=above.subject)
    forward = MemberTierRequestForward(id=asked.id, comment="on holiday")
    passed_on = result_of(await member_tier_request_forward(stage.database, approver, forward))
    assert passed_on.submit_to_id == above.id
    assert await kinds(stage, acting(above), submitted_to_me=True) == [(TIER_REQUEST, asked.id)]
    async with stage.database.read() as reader:
        [moves] = await tier_requests.load_moves(reader, Scope(), [asked.id])
    assert (moves[-1].person_id, moves[-1].comment) == (approver.person_id, "on holiday")
    with refusal(NoApprover(name=above.subject, path=("input", "submitTo"))):
        await member_tier_request_forward(stage.database, acting(above), forward)
    with refusal(NotTierApprover(name=stage.manager.subject, path=("input", "id"))):
        await member_tier_request_forward(stage.database, stage.manager, forward)
    with refusal(NotTierApprover(name=stage.manager.subject, path=("input", "submitTo"))):
        named = MemberTierRequestForward(id=asked.id, submit_to=stage.manager.subject)
        await member_tier_request_forward(stage.database, approver, named)


async def test_another_programs_people_find_nothing(lending: Lending, desk: Any) -> None:
    stage = lending.stage
    await lending.set_maximum(500, stage.msr)
    stranger = await stage.person(Role.MANAGER, program=None, loan_approval_limit=Decimal(9000))
    mine = [each for each in await waiting(stage, stranger) if each.program_id == stage.program.id]
    assert [each.kind for each in mine] == [MAXIMUM_LOAN]
    assert desk is stage.desk


async def test_the_effect_of_a_credit_is_what_the_engine_would_do(lending: Lending) -> None:
    stage = lending.stage
    await stage.moved(Move.SUBMIT, await stage.record(stage.credit(500)))
    assert await effect(stage, stage.manager, TRANSACTION) == ApprovalEffect(
        balances=(BalanceChange(point_type="POINTS", before=Decimal(0), after=Decimal(500)),),
        text=(
            "Base points: 500 named by the transaction -> 500 POINTS (bonus), without expiry.",
            "Available: 0 before, 500 POINTS after.",
        ),
    )
    assert (await stage.balance()).available == 0


async def test_the_effect_says_what_has_come_between(lending: Lending) -> None:
    stage = lending.stage
    await lending.set_maximum(500)
    await lending.request(300)
    shown = await effect(stage, stage.director, TRANSACTION)
    assert shown.problems == ()
    assert shown.balances == (BalanceChange(point_type="POINTS", before=Decimal(0), after=Decimal(300)),)
    await lending.set_maximum(200)
    assert [problem.at() for problem in (await effect(stage, stage.director, TRANSACTION)).problems] == [
        LoanNotAllowed(point_type="POINTS", asked=Decimal(300), outstanding=Decimal(0), maximum=Decimal(200))
    ]


async def test_the_effect_of_a_debit_that_is_not_covered_is_a_refusal(lending: Lending) -> None:
    stage = lending.stage
    debit = stage.entry(type=Type.REDEMPTION, sub_type=SubType.MANUAL_DEBIT, points=Decimal(10))
    await stage.moved(Move.SUBMIT, await stage.record(debit))
    shown = await effect(stage, stage.manager, TRANSACTION)
    problem = InsufficientPoints(point_type="POINTS", available=Decimal(0), required=Decimal(10))
    assert [each.at() for each in shown.problems] == [problem]
    assert shown.balances == ()


async def test_the_effect_of_a_maximum_says_what_was_and_what_is_owed(lending: Lending) -> None:
    stage = lending.stage
    await lending.set_maximum(500, stage.msr)
    assert (await effect(stage, stage.director, MAXIMUM_LOAN)).text == (
        "The member may owe 500 POINTS. None was approved before.",
        "Outstanding now: 0 POINTS.",
    )
    await lending.approve(await lending.maximum())
    await lending.lend(100)
    await lending.set_maximum(800, stage.msr)
    assert (await effect(stage, stage.director, MAXIMUM_LOAN)).text == (
        "The member may owe 800 POINTS. Approved last: 500 POINTS.",
        "Outstanding now: 100 POINTS.",
    )


async def test_the_effect_of_a_tier_request_is_the_tier(lending: Lending) -> None:
    stage = lending.stage
    await a_tier_request(stage)
    approver = await stage.person(Role.MANAGER, tier_approver=True)
    shown = await effect(stage, approver, TIER_REQUEST)
    assert shown.problems == ()
    [sentence] = shown.text
    assert sentence.startswith("Tier of STATUS: from BASIC to GOLD from ")


async def test_the_effect_of_a_tier_of_somebody_who_has_left_is_a_refusal(lending: Lending) -> None:
    stage = lending.stage
    await a_tier_request(stage)
    approver = await stage.person(Role.MANAGER, tier_approver=True)
    leave = MemberStatusChange(
        member=MemberReference(id=stage.member.id), status=MemberStatus.CANCELLED, reason="wanted to go"
    )
    result_of(await member_status_change(stage.database, ENGINE, leave))
    assert (await effect(stage, approver, TIER_REQUEST)).problems == (MemberFinal(status=MemberStatus.CANCELLED),)
