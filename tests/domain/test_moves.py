"""The table of moves against the table of the domain, written out here once more by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.moves import (
    CHANGES,
    MOVES,
    Move,
    NotEditable,
    Step,
    Who,
    WrongStatus,
    check_editable,
    check_move,
    moves_from,
    row_of,
    steps,
)
from domain.problems import Refused
from domain.programs import ProgramSettings
from domain.transactions import Status

BY_HAND = ProgramSettings(process_queued_by_hand=True)

# from; to; who, in the words of the domain. "/" separates alternatives.
DOMAIN_TABLE = """
    new                                             ; IN_PROGRESS      ; MSR
    new                                             ; QUEUED           ; MSR/ENGINE
    new                                             ; PARTNER_PENDING  ; MSR/MEMBER/ENGINE
    new                                             ; ACCEPTABLE       ; MSR/MEMBER/ENGINE
    new                                             ; PROCESSED        ; ENGINE
    IN_PROGRESS                                     ; SUBMITTED        ; MSR
    IN_PROGRESS                                     ; ACCEPTABLE       ; MSR
    IN_PROGRESS/ACCEPTABLE                          ; QUEUED           ; MSR
    IN_PROGRESS                                     ; PARTNER_PENDING  ; MSR
    SUBMITTED                                       ; SUBMITTED        ; APPROVER
    SUBMITTED                                       ; APPROVED         ; EMPLOYEE
    APPROVED                                        ; ACCEPTABLE       ; EMPLOYEE
    APPROVED                                        ; PARTNER_PENDING  ; EMPLOYEE
    SUBMITTED                                       ; REJECTED_MANAGER ; APPROVER
    PARTNER_PENDING                                 ; PARTNER_APPROVED ; PARTNER_APPROVER
    PARTNER_APPROVED                                ; ACCEPTABLE       ; PARTNER_APPROVER
    PARTNER_PENDING                                 ; PARTNER_REJECTED ; PARTNER_APPROVER
    ACCEPTABLE                                      ; PROCESSED        ; MSR/REQUESTER
    ACCEPTABLE/QUEUED                               ; REJECTED_ENGINE  ; ENGINE
    QUEUED                                          ; PROCESSED        ; ENGINE
    IN_PROGRESS/SUBMITTED/ACCEPTABLE/QUEUED/PARTNER_PENDING ; CANCELLED ; MSR/REQUESTER
    CANCELLED/REJECTED_MANAGER/PARTNER_REJECTED/REJECTED_ENGINE ; IN_PROGRESS ; MSR/REQUESTER
    PROCESSED                                       ; CANCELLED        ; ENGINE
"""


def domain_rows() -> set[tuple[Status | None, Status, frozenset[Who]]]:
    rows = set()
    for line in DOMAIN_TABLE.strip().splitlines():
        sources, to, who = (part.strip() for part in line.split(";"))
        for source in sources.split("/"):
            status = None if source == "new" else Status[source]
            rows.add((status, Status[to], frozenset(Who[name] for name in who.split("/"))))
    return rows


def test_the_table_has_every_move_of_the_domain_and_no_other() -> None:
    assert {(row.status, row.to, row.by) for row in MOVES if not row.by_hand} == domain_rows()


def test_only_a_program_that_allows_it_processes_queued_transactions_by_hand() -> None:
    (row,) = (row for row in MOVES if row.by_hand)
    assert (row.status, row.move, row.to) == (Status.QUEUED, Move.PROCESS, Status.PROCESSED)


def test_a_status_and_a_move_lead_to_one_status() -> None:
    assert len({(row.status, row.move) for row in MOVES}) == len(MOVES)


def test_every_move_has_a_row_and_every_status_can_be_reached() -> None:
    assert {row.move for row in MOVES} == set(Move)
    assert {row.to for row in MOVES} == set(Status)


def test_only_rejections_demand_a_comment() -> None:
    assert {row.move for row in MOVES if row.comment_required} == {Move.REJECT, Move.PARTNER_REJECT}


@given(st.sampled_from(Status), st.sampled_from(Move))
def test_a_move_is_made_or_refused_with_the_moves_that_are_possible(status: Status, move: Move) -> None:
    expected = {row.to for row in MOVES if (row.status, row.move) == (status, move) and not row.by_hand}
    if expected:
        assert {check_move(status, move)} == expected
        assert (status, check_move(status, move)) in CHANGES
    else:
        with pytest.raises(Refused) as refused:
            check_move(status, move)
        assert refused.value.problems == (WrongStatus(status=status, move=move, allowed=moves_from(status)),)


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        (Status.IN_PROGRESS, (Move.SUBMIT, Move.ACCEPT, Move.QUEUE, Move.SEND_TO_PARTNER, Move.RECALL)),
        (Status.SUBMITTED, (Move.FORWARD, Move.APPROVE, Move.REJECT, Move.RECALL)),
        (Status.APPROVED, ()),
        (Status.ACCEPTABLE, (Move.QUEUE, Move.PROCESS, Move.RECALL)),
        (Status.QUEUED, (Move.RECALL,)),
        (Status.PARTNER_PENDING, (Move.PARTNER_APPROVE, Move.PARTNER_REJECT, Move.RECALL)),
        (Status.PARTNER_APPROVED, ()),
        (Status.PARTNER_REJECTED, (Move.REOPEN,)),
        (Status.REJECTED_MANAGER, (Move.REOPEN,)),
        (Status.REJECTED_ENGINE, (Move.REOPEN,)),
        (Status.CANCELLED, (Move.REOPEN,)),
        (Status.PROCESSED, ()),
    ],
)
def test_moves_that_people_may_press(status: Status, allowed: tuple[Move, ...]) -> None:
    assert moves_from(status) == allowed


def test_queued_by_hand_where_the_program_says_so() -> None:
    assert moves_from(Status.QUEUED, BY_HAND) == (Move.PROCESS, Move.RECALL)
    assert check_move(Status.QUEUED, Move.PROCESS, BY_HAND) is Status.PROCESSED


def test_process_refuses_a_queued_transaction_and_says_who_processes_it() -> None:
    problem = WrongStatus(status=Status.QUEUED, move=Move.PROCESS, allowed=(Move.RECALL,))
    assert problem.message == "This transaction is QUEUED: the batch engine processes it. Possible from here: RECALL."


def test_the_batch_engine_does_not_touch_acceptable_transactions() -> None:
    with pytest.raises(
        Refused, match=r"ACCEPTABLE: PROCESS_QUEUED is not possible\. Possible from here: QUEUE, PROCESS, RECALL"
    ):
        check_move(Status.ACCEPTABLE, Move.PROCESS_QUEUED)


def test_a_second_submit_is_refused_with_the_status_found() -> None:
    with pytest.raises(Refused) as refused:
        check_move(Status.SUBMITTED, Move.SUBMIT)
    (problem,) = refused.value.problems
    assert problem.message == (
        "This transaction is SUBMITTED: SUBMIT is not possible. Possible from here: FORWARD, APPROVE, REJECT, RECALL."
    )


def test_nothing_is_possible_after_processing() -> None:
    problem = WrongStatus(status=Status.PROCESSED, move=Move.RECALL, allowed=())
    assert problem.message == "This transaction is PROCESSED: RECALL is not possible. No move is possible from here."


def test_a_move_that_creates_nothing_cannot_begin_a_transaction() -> None:
    with pytest.raises(ValueError, match="does not create"):
        row_of(None, Move.SUBMIT)


def test_an_approval_is_recorded_as_two_moves() -> None:
    assert steps(Status.SUBMITTED, Move.APPROVE) == (
        Step(Move.APPROVE, Status.SUBMITTED, Status.APPROVED),
        Step(Move.ACCEPT, Status.APPROVED, Status.ACCEPTABLE),
    )


def test_an_approval_goes_on_to_the_partner_who_must_approve_too() -> None:
    assert steps(Status.SUBMITTED, Move.APPROVE, partner_approves=True) == (
        Step(Move.APPROVE, Status.SUBMITTED, Status.APPROVED),
        Step(Move.SEND_TO_PARTNER, Status.APPROVED, Status.PARTNER_PENDING),
    )


def test_a_partners_approval_is_recorded_as_two_moves() -> None:
    assert steps(Status.PARTNER_PENDING, Move.PARTNER_APPROVE, partner_approves=True) == (
        Step(Move.PARTNER_APPROVE, Status.PARTNER_PENDING, Status.PARTNER_APPROVED),
        Step(Move.ACCEPT, Status.PARTNER_APPROVED, Status.ACCEPTABLE),
    )


def test_other_moves_are_one_step() -> None:
    assert steps(None, Move.CREATE) == (Step(Move.CREATE, None, Status.IN_PROGRESS),)


def test_only_what_is_in_progress_may_be_edited() -> None:
    check_editable(Status.IN_PROGRESS)
    for status in set(Status) - {Status.IN_PROGRESS}:
        with pytest.raises(Refused) as refused:
            check_editable(status)
        assert refused.value.problems == (NotEditable(status=status, allowed=moves_from(status)),)


def test_a_refused_edit_says_what_is_possible_instead() -> None:
    problem = NotEditable(status=Status.SUBMITTED, allowed=(Move.RECALL,))
    assert problem.message == (
        "This transaction is SUBMITTED: only one that is IN_PROGRESS may be edited or deleted. Possible from here: RECALL."
    )
