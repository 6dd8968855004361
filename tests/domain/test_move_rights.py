"""Who may make which move now: offered and refused by the same rows."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.approvals import ApprovalLimitExceeded, ApprovalNeeded, ApprovalNotNeeded, OwnRequest
from domain.move_rights import Case, available_moves, case_of, check_right, problems_of
from domain.moves import MOVES, Condition, Move, Step, Who, WrongStatus, moves_from
from domain.people import ENGINE, Person, Principal, Role, Scope
from domain.problems import Missing, NotAllowed, Problem, Refused
from domain.programs import ProgramSettings
from domain.transactions import Status, SubStatus, SubType, Type
from tests.domain.test_approvals import person, transaction

MEMBER_ID, PARTNER_ID = 7, 4
SETTINGS = ProgramSettings()
BY_HAND = ProgramSettings(process_queued_by_hand=True)

MSR = person(1, roles=frozenset({Role.MSR}))
MANAGER = person(2, 1000)
DIRECTOR = person(3, 10**6)
ADMINISTRATOR = person(5, roles=frozenset({Role.PROGRAM_ADMINISTRATOR}))
REPRESENTATIVE = person(6, roles=frozenset({Role.PARTNER_REPRESENTATIVE}), partner_id=PARTNER_ID)
PARTNER_APPROVER = person(8, roles=frozenset({Role.PARTNER_APPROVER}), partner_id=PARTNER_ID)
STRANGER = person(9, roles=frozenset({Role.PARTNER_APPROVER}), partner_id=44)
MEMBER = person(10, roles=frozenset({Role.MEMBER}), member_id=MEMBER_ID)
OTHER_MEMBER = person(11, roles=frozenset({Role.MEMBER}), member_id=70)
EVERYBODY = [MSR, MANAGER, DIRECTOR, ADMINISTRATOR, REPRESENTATIVE, PARTNER_APPROVER, STRANGER, MEMBER, OTHER_MEMBER]


def principal(who: Person) -> Principal:
    return Principal(who.id, who.subject, who.roles, Scope(who.program_id, who.partner_id, who.member_id))


def case(who: Person | None, status: Status | None, **fields: Any) -> Case:
    defaults: dict[str, Any] = {
        "settings": SETTINGS, "type": Type.ACCRUAL, "sub_type": SubType.PRODUCT, "member_id": MEMBER_ID, "points": Decimal(0),
        "partner_id": None, "requester_id": MSR.id,
    }  # fmt: skip
    actor = ENGINE if who is None else principal(who)
    return Case(principal=actor, person=who, status=status, **{**defaults, **fields})


def manual(who: Person | None, status: Status | None, points: int, **fields: Any) -> Case:
    return case(who, status, sub_type=SubType.MANUAL_CREDIT, points=Decimal(points), **fields)


def refusal(wanted: Case, move: Move, comment: str | None = None) -> tuple[Problem, ...]:
    with pytest.raises(Refused) as refused:
        check_right(wanted, move, comment)
    return refused.value.problems


def targets(steps: tuple[Step, ...]) -> list[Status]:
    return [step.to for step in steps]


# What is offered


def test_a_purchase_in_progress_is_accepted_queued_or_recalled_without_approval() -> None:
    assert available_moves(case(MSR, Status.IN_PROGRESS)) == (Move.ACCEPT, Move.QUEUE, Move.RECALL)


def test_a_purchase_at_a_partner_can_also_be_sent_there() -> None:
    offered = available_moves(case(MSR, Status.IN_PROGRESS, partner_id=PARTNER_ID))
    assert offered == (Move.ACCEPT, Move.QUEUE, Move.SEND_TO_PARTNER, Move.RECALL)


def test_where_the_partner_must_approve_nothing_goes_around_it() -> None:
    offered = available_moves(case(MSR, Status.IN_PROGRESS, partner_id=PARTNER_ID, partner_approves=True))
    assert offered == (Move.SEND_TO_PARTNER, Move.RECALL)


def test_a_manual_credit_above_the_own_limit_can_only_be_submitted_or_recalled() -> None:
    assert available_moves(manual(MSR, Status.IN_PROGRESS, 1, partner_id=PARTNER_ID)) == (Move.SUBMIT, Move.RECALL)


def test_a_manual_credit_within_the_own_limit_may_go_either_way() -> None:
    assert available_moves(manual(MANAGER, Status.IN_PROGRESS, 1000)) == (
        Move.SUBMIT,
        Move.ACCEPT,
        Move.QUEUE,
        Move.RECALL,
    )


def test_the_named_approver_without_the_limit_forwards_or_rejects() -> None:
    waiting = manual(MANAGER, Status.SUBMITTED, 1001, submit_to_id=MANAGER.id)
    assert available_moves(waiting) == (Move.FORWARD, Move.REJECT, Move.RECALL)


def test_anyone_whose_limit_covers_it_may_approve() -> None:
    waiting = manual(DIRECTOR, Status.SUBMITTED, 1001, submit_to_id=MANAGER.id)
    assert available_moves(waiting) == (Move.FORWARD, Move.APPROVE, Move.REJECT, Move.RECALL)


def test_the_requester_can_only_recall_what_was_submitted() -> None:
    assert available_moves(manual(MSR, Status.SUBMITTED, 1, submit_to_id=MANAGER.id)) == (Move.RECALL,)


def test_acceptable_is_processed_by_a_person_and_queued_by_the_engine() -> None:
    assert available_moves(case(MSR, Status.ACCEPTABLE)) == (Move.QUEUE, Move.PROCESS, Move.RECALL)
    assert available_moves(case(MSR, Status.QUEUED)) == (Move.RECALL,)
    assert available_moves(case(MSR, Status.QUEUED, settings=BY_HAND)) == (Move.PROCESS, Move.RECALL)


def test_only_the_partners_own_approvers_approve_for_it() -> None:
    fields = {"partner_id": PARTNER_ID, "requester_id": REPRESENTATIVE.id}
    assert available_moves(case(PARTNER_APPROVER, Status.PARTNER_PENDING, **fields)) == (
        Move.PARTNER_APPROVE, Move.PARTNER_REJECT, Move.RECALL,
    )  # fmt: skip
    assert available_moves(case(REPRESENTATIVE, Status.PARTNER_PENDING, **fields)) == (Move.RECALL,)
    assert available_moves(case(MANAGER, Status.PARTNER_PENDING, **fields)) == (Move.RECALL,)
    assert available_moves(case(STRANGER, Status.PARTNER_PENDING, **fields)) == ()


def test_a_partners_representative_does_on_its_own_rows_what_an_msr_does() -> None:
    for status in Status:
        fields = {"partner_id": PARTNER_ID, "requester_id": None, "points": Decimal(1)}
        assert available_moves(case(REPRESENTATIVE, status, **fields)) == available_moves(case(MSR, status, **fields))
        assert available_moves(case(REPRESENTATIVE, status)) == ()
        assert available_moves(case(STRANGER, status, **fields)) == ()


def test_a_member_may_only_take_back_or_press_what_they_requested_themselves() -> None:
    assert available_moves(case(MEMBER, Status.ACCEPTABLE, requester_id=MEMBER.id)) == (Move.PROCESS, Move.RECALL)
    assert available_moves(case(MEMBER, Status.ACCEPTABLE)) == ()


def test_an_administrator_of_programs_moves_no_transactions() -> None:
    assert [available_moves(case(ADMINISTRATOR, status)) for status in Status if status is not Status.SUBMITTED] == [
        ()
    ] * 11


def test_what_was_rejected_or_recalled_can_be_reopened_and_what_was_processed_cannot() -> None:
    for status in (Status.CANCELLED, Status.REJECTED_MANAGER, Status.PARTNER_REJECTED, Status.REJECTED_ENGINE):
        assert available_moves(case(MSR, status)) == (Move.REOPEN,)
    assert available_moves(case(MSR, Status.CANCELLED, sub_status=SubStatus.SUCCESS)) == ()
    assert available_moves(case(MSR, Status.PROCESSED)) == ()


def test_a_transaction_that_does_not_exist_yet_offers_nothing() -> None:
    assert available_moves(case(MSR, None)) == ()


def test_nothing_is_offered_to_the_engine_that_people_press() -> None:
    assert [available_moves(case(None, status)) for status in Status] == [()] * len(Status)


# What is made and what is refused


SOMEBODY = st.sampled_from([None, *(each.id for each in EVERYBODY)])
CASES = st.builds(
    case,
    st.sampled_from(EVERYBODY),
    st.sampled_from(Status),
    sub_type=st.sampled_from([SubType.PRODUCT, SubType.MANUAL_CREDIT]),
    points=st.sampled_from([0, 1, 1000, 1001, 10**7]).map(Decimal),
    partner_id=st.sampled_from([None, PARTNER_ID]),
    partner_approves=st.booleans(),
    requester_id=SOMEBODY,
    submit_to_id=SOMEBODY,
    settings=st.sampled_from([SETTINGS, BY_HAND]),
)


@given(CASES, st.sampled_from(Move))
def test_exactly_what_is_offered_is_not_refused(wanted: Case, move: Move) -> None:
    if move in available_moves(wanted):
        made = check_right(wanted, move, "because")
        assert (made[0].status, made[0].move) == (wanted.status, move)
    else:
        assert refusal(wanted, move, "because")


def test_every_who_and_every_condition_is_used_by_a_row() -> None:
    assert {who for row in MOVES for who in row.by} == set(Who)
    assert {condition for row in MOVES for condition in row.conditions} == set(Condition)


def test_an_approval_goes_on_to_acceptable_or_to_the_partner() -> None:
    waiting = manual(DIRECTOR, Status.SUBMITTED, 5, partner_id=PARTNER_ID)
    assert targets(check_right(waiting, Move.APPROVE)) == [Status.APPROVED, Status.ACCEPTABLE]
    assert targets(check_right(replace(waiting, partner_approves=True), Move.APPROVE)) == [
        Status.APPROVED,
        Status.PARTNER_PENDING,
    ]


def test_what_follows_by_itself_cannot_be_pressed() -> None:
    assert refusal(case(MANAGER, Status.APPROVED), Move.ACCEPT) == (NotAllowed(why="ACCEPT follows by itself"),)


def test_a_wrong_status_names_what_is_possible() -> None:
    expected = WrongStatus(status=Status.PROCESSED, move=Move.SUBMIT, allowed=moves_from(Status.PROCESSED))
    assert refusal(case(MSR, Status.PROCESSED), Move.SUBMIT) == (expected,)


@pytest.mark.parametrize("comment", [None, "", "  \n"])
def test_a_rejection_needs_a_reason(comment: str | None) -> None:
    waiting = manual(DIRECTOR, Status.SUBMITTED, 5)
    assert refusal(waiting, Move.REJECT, comment) == (Missing(why="REJECT needs a reason", path=("input", "comment")),)
    assert targets(check_right(waiting, Move.REJECT, "no receipt")) == [Status.REJECTED_MANAGER]


def test_a_move_of_others_says_whose_it_is() -> None:
    assert refusal(case(MEMBER, Status.IN_PROGRESS), Move.RECALL) == (
        NotAllowed(
            why="RECALL is for member service representatives, managers and the transaction's own partner or the requester"
        ),
    )


@pytest.mark.parametrize("move", [Move.ACCEPT, Move.QUEUE, Move.SEND_TO_PARTNER])
def test_every_way_around_approval_demands_the_own_limit(move: Move) -> None:
    wanted = manual(MANAGER, Status.IN_PROGRESS, 1001, partner_id=PARTNER_ID)
    assert refusal(wanted, move) == (ApprovalNeeded(points=Decimal(1001), limit=Decimal(1000)),)
    assert check_right(replace(wanted, points=Decimal(1000)), move)


@pytest.mark.parametrize("move", [Move.CREATE_ACCEPTABLE, Move.CREATE_QUEUED, Move.CREATE_FOR_PARTNER])
def test_every_way_around_approval_demands_the_own_limit_from_the_beginning(move: Move) -> None:
    wanted = manual(MANAGER, None, 1001, partner_id=PARTNER_ID)
    assert refusal(wanted, move) == (ApprovalNeeded(points=Decimal(1001), limit=Decimal(1000)),)
    assert check_right(replace(wanted, points=Decimal(1000)), move)


def test_a_needless_submission_is_refused() -> None:
    assert refusal(case(MSR, Status.IN_PROGRESS), Move.SUBMIT) == (
        ApprovalNotNeeded(sub_type=SubType.PRODUCT, points=Decimal(0)),
    )


def test_an_approval_above_the_limit_says_so_even_to_who_is_not_named() -> None:
    assert refusal(manual(MANAGER, Status.SUBMITTED, 1001), Move.APPROVE) == (
        ApprovalLimitExceeded(points=Decimal(1001), limit=Decimal(1000)),
    )


def test_an_own_request_above_the_own_limit_is_not_approved() -> None:
    own = manual(MANAGER, Status.SUBMITTED, 1001, requester_id=MANAGER.id, submit_to_id=MANAGER.id)
    assert refusal(own, Move.APPROVE) == (OwnRequest(points=Decimal(1001), limit=Decimal(1000)),)


def test_partners_do_not_approve_for_the_host_whatever_their_limit() -> None:
    rich = replace(PARTNER_APPROVER, transaction_approval_limit=Decimal(10**9))
    waiting = manual(rich, Status.SUBMITTED, 5, partner_id=PARTNER_ID, submit_to_id=rich.id)
    assert refusal(waiting, Move.APPROVE) == (NotAllowed(why="APPROVE is for employees of the host"),)
    assert available_moves(waiting) == (Move.RECALL,)


def test_sending_to_the_partner_needs_a_partner() -> None:
    assert refusal(case(MSR, Status.IN_PROGRESS), Move.SEND_TO_PARTNER) == (
        NotAllowed(why="this transaction has no partner to send it to"),
    )


def test_going_around_the_partner_is_refused() -> None:
    wanted = case(MSR, Status.IN_PROGRESS, partner_id=PARTNER_ID, partner_approves=True)
    assert refusal(wanted, Move.ACCEPT) == (NotAllowed(why="the partner must approve first: send it to the partner"),)


def test_what_was_processed_is_not_reopened() -> None:
    wanted = case(MSR, Status.CANCELLED, sub_status=SubStatus.NO_PROMOTIONS_QUALIFIED)
    assert refusal(wanted, Move.REOPEN) == (
        NotAllowed(why="this transaction was processed and taken back: record a new one instead"),
    )


# How a transaction begins


def begins(who: Person | None, move: Move, **fields: Any) -> Case:
    wanted = case(who, None, **fields)
    assert check_right(wanted, move)
    return wanted


def test_employees_and_partners_create_and_members_do_not() -> None:
    begins(MSR, Move.CREATE)
    begins(REPRESENTATIVE, Move.CREATE, partner_id=PARTNER_ID)
    assert isinstance(refusal(case(REPRESENTATIVE, None), Move.CREATE)[0], NotAllowed)
    assert isinstance(refusal(case(MEMBER, None), Move.CREATE)[0], NotAllowed)


def test_members_redeem_by_themselves_and_do_not_earn_by_themselves() -> None:
    begins(MEMBER, Move.CREATE_ACCEPTABLE, type=Type.REDEMPTION)
    begins(MSR, Move.CREATE_ACCEPTABLE)
    assert refusal(case(MEMBER, None), Move.CREATE_ACCEPTABLE) == (
        NotAllowed(why="members by themselves redeem or transfer; what they earn is recorded by the host or a partner"),
    )
    assert isinstance(refusal(case(OTHER_MEMBER, None, type=Type.REDEMPTION), Move.CREATE_ACCEPTABLE)[0], NotAllowed)


def test_a_representative_who_is_a_member_too_is_not_held_to_what_members_may() -> None:
    both = replace(MSR, roles=frozenset({Role.MSR, Role.MEMBER}), member_id=MEMBER_ID)
    begins(both, Move.CREATE_ACCEPTABLE)


def test_members_report_a_missing_accrual_to_the_partner_and_nothing_else() -> None:
    begins(MEMBER, Move.CREATE_FOR_PARTNER, partner_id=PARTNER_ID)
    assert refusal(case(MEMBER, None, sub_type=SubType.GIFT, partner_id=PARTNER_ID), Move.CREATE_FOR_PARTNER) == (
        NotAllowed(why="members by themselves report only a missing or wrong accrual"),
    )


def test_the_engine_queues_bonuses_and_records_what_it_processed() -> None:
    program = ProgramSettings(approval_above={SubType.ACTION_BASED_BONUS: Decimal(0)})
    begins(None, Move.CREATE_QUEUED, settings=program, sub_type=SubType.ACTION_BASED_BONUS, points=Decimal(500))
    begins(None, Move.CREATE_PROCESSED, type=Type.REDEMPTION, sub_type=SubType.EXPIRY)
    assert isinstance(refusal(case(MSR, None), Move.CREATE_PROCESSED)[0], NotAllowed)


def test_a_file_does_not_smuggle_manual_credits_past_approval() -> None:
    assert refusal(manual(None, None, 5), Move.CREATE_QUEUED) == (ApprovalNeeded(points=Decimal(5), limit=Decimal(0)),)


def test_the_engine_works_its_queue_and_gives_its_answers() -> None:
    assert targets(check_right(case(None, Status.QUEUED), Move.PROCESS_QUEUED)) == [Status.PROCESSED]
    assert targets(check_right(case(None, Status.ACCEPTABLE), Move.ENGINE_REJECT)) == [Status.REJECTED_ENGINE]
    assert targets(check_right(case(None, Status.PROCESSED), Move.CANCEL)) == [Status.CANCELLED]
    assert isinstance(refusal(case(MSR, Status.QUEUED), Move.PROCESS_QUEUED)[0], NotAllowed)


# From what is stored


def test_the_case_of_a_stored_transaction() -> None:
    stored = transaction(
        status=Status.SUBMITTED,
        points=Decimal(500),
        partner_id=PARTNER_ID,
        created_by_id=MSR.id,
        submit_to_id=MANAGER.id,
    )
    found = case_of(stored, principal(MANAGER), MANAGER, SETTINGS)
    assert found == manual(
        MANAGER, Status.SUBMITTED, 500, partner_id=PARTNER_ID, requester_id=MSR.id, submit_to_id=MANAGER.id
    )
    simulated = case_of(stored, principal(MANAGER), MANAGER, SETTINGS, points=Decimal(9), partner_approves=True)
    assert (simulated.points, simulated.partner_approves) == (Decimal(9), True)


def test_problems_of_a_row_are_all_named() -> None:
    (row,) = (row for row in MOVES if row.status is Status.IN_PROGRESS and row.move is Move.ACCEPT)
    wanted = manual(MSR, Status.IN_PROGRESS, 5, partner_id=PARTNER_ID, partner_approves=True)
    assert [problem.code for problem in problems_of(row, wanted)] == ["APPROVAL_NEEDED", "NOT_ALLOWED"]
