"""Limits, the chain of approvers, and what people are told when their limit ends."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.approvals import (
    ApprovalLimitExceeded,
    ApprovalNeeded,
    ApprovalNotNeeded,
    NoApprover,
    OwnRequest,
    UnsuitableApprover,
    approval_problem,
    around_problem,
    at_stake,
    check_approver,
    covers,
    is_needed,
    next_approver,
    own_limit,
)
from domain.people import Person, Role
from domain.problems import Refused
from domain.programs import ProgramSettings
from domain.transactions import Status, SubType, Transaction, Type

SETTINGS = ProgramSettings()
POINTS = st.decimals(0, 10**6, places=2)


def person(id_: int, limit: int = 0, **fields: Any) -> Person:
    defaults: dict[str, Any] = {
        "subject": f"p{id_}", "name": f"Person {id_}", "email": None, "roles": frozenset({Role.MANAGER}), "program_id": None,
        "partner_id": None, "member_id": None, "manager_id": None, "tier_approver": False, "loan_approval_limit": Decimal(0),
        "active": True, "version": 1,
    }  # fmt: skip
    return Person(id=id_, transaction_approval_limit=Decimal(limit), **{**defaults, **fields})


def by_id(*people: Person) -> dict[int, Person]:
    return {each.id: each for each in people}


def transaction(**fields: Any) -> Transaction:
    defaults: dict[str, Any] = {
        "id": 1, "program_id": 1, "member_id": 7, "type": Type.ACCRUAL, "sub_type": SubType.MANUAL_CREDIT,
        "status": Status.IN_PROGRESS, "sub_status": None, "transaction_date": date(2025, 6, 15), "processed_at": None,
        "created_at": datetime(2025, 6, 15, tzinfo=UTC), "created_by_id": 1, "product_id": None, "amount": None,
        "currency": None, "quantity": None, "line_items": (), "attributes": {}, "partner_id": None, "base_points": None,
        "point_type_id": None, "qualifying": None, "points": None, "submit_to_id": None, "external": False, "source": None,
        "external_id": None, "comment": None, "totals": (), "attempts": 0, "version": 1,
    }  # fmt: skip
    return Transaction(**{**defaults, **fields})


@pytest.mark.parametrize(
    ("sub_type", "needed"),
    [
        (SubType.MANUAL_CREDIT, True), (SubType.MANUAL_DEBIT, True), (SubType.LOAN, True), (SubType.LOAN_REPAYMENT, True),
        (SubType.TRANSFER, True), (SubType.CANCELLATION, True), (SubType.PRODUCT, False), (SubType.GIFT, False),
        (SubType.ACTION_BASED_BONUS, False),
    ],
)  # fmt: skip
def test_by_default_approval_is_needed_from_the_first_point(sub_type: SubType, *, needed: bool) -> None:
    assert is_needed(SETTINGS, sub_type, Decimal("0.01")) is needed
    assert not is_needed(SETTINGS, sub_type, Decimal(0))


def test_a_program_says_from_how_many_points_on() -> None:
    settings = ProgramSettings(approval_above={SubType.PRODUCT: Decimal(1000)})
    assert not is_needed(settings, SubType.PRODUCT, Decimal(1000))
    assert is_needed(settings, SubType.PRODUCT, Decimal("1000.01"))
    assert not is_needed(settings, SubType.MANUAL_CREDIT, Decimal(10**9))


def test_approval_is_about_the_points_that_a_transaction_names() -> None:
    assert at_stake(transaction(points=Decimal(500), base_points=Decimal(3))) == 500
    assert at_stake(transaction(base_points=Decimal("12.5"))) == Decimal("12.5")
    assert at_stake(transaction()) == 0


def test_a_limit_covers_up_to_itself() -> None:
    assert covers(person(1, 500), SubType.MANUAL_CREDIT, Decimal(500))
    assert not covers(person(1, 500), SubType.MANUAL_CREDIT, Decimal("500.01"))


def test_loans_have_a_limit_of_their_own() -> None:
    lender = person(1, 500, loan_approval_limit=Decimal(9000))
    assert own_limit(lender, SubType.LOAN) == 9000
    assert own_limit(lender, SubType.LOAN_REPAYMENT) == 500


def test_nobody_and_the_inactive_have_no_limit() -> None:
    assert own_limit(None, SubType.MANUAL_CREDIT) == 0
    assert own_limit(person(1, 500, active=False), SubType.MANUAL_CREDIT) == 0


def test_a_way_around_approval_demands_the_limit() -> None:
    msr = person(1, 100)
    assert around_problem(SETTINGS, msr, SubType.MANUAL_CREDIT, Decimal(100)) is None
    assert around_problem(SETTINGS, msr, SubType.PRODUCT, Decimal(10**6)) is None
    problem = around_problem(SETTINGS, msr, SubType.MANUAL_CREDIT, Decimal(1500))
    assert problem == ApprovalNeeded(points=Decimal(1500), limit=Decimal(100))
    assert problem.message == "1,500 points need approval, and your own limit is 100: record it and submit it instead."


def test_a_person_approves_only_what_their_limit_covers() -> None:
    manager = person(2, 1000)
    assert approval_problem(manager, SubType.MANUAL_CREDIT, Decimal(1000), 1) is None
    problem = approval_problem(manager, SubType.MANUAL_CREDIT, Decimal("1000.5"), 1)
    assert problem == ApprovalLimitExceeded(points=Decimal("1000.5"), limit=Decimal(1000))
    assert problem.message == (
        "1,000.5 points are above your approval limit of 1,000: forward the transaction to your manager."
    )


def test_nobody_approves_their_own_request_above_their_own_limit() -> None:
    manager = person(2, 1000)
    assert approval_problem(manager, SubType.MANUAL_CREDIT, Decimal(1000), 2) is None
    problem = approval_problem(manager, SubType.MANUAL_CREDIT, Decimal(1001), 2)
    assert problem == OwnRequest(points=Decimal(1001), limit=Decimal(1000))
    assert problem.message == (
        "Nobody approves their own request above their own limit: it is about 1,001 points, and yours is 1,000."
    )


def test_a_caller_who_is_no_person_approves_nothing() -> None:
    expected = ApprovalLimitExceeded(points=Decimal(1), limit=Decimal(0))
    assert approval_problem(None, SubType.MANUAL_CREDIT, Decimal(1), None) == expected


@given(POINTS, POINTS, st.sampled_from(SubType))
def test_whoever_may_approve_may_also_go_around(points: Decimal, limit: Decimal, sub_type: SubType) -> None:
    somebody = replace(person(1), transaction_approval_limit=limit, loan_approval_limit=limit)
    if approval_problem(somebody, sub_type, points, None) is None:
        assert around_problem(SETTINGS, somebody, sub_type, points) is None


def test_a_needless_submission_says_what_to_do() -> None:
    problem = ApprovalNotNeeded(sub_type=SubType.GIFT, points=Decimal(20))
    assert problem.message == "GIFT over 20 points needs no approval in this program: accept it at once."


def test_a_request_goes_to_the_requesters_manager() -> None:
    requester, manager, director = person(1, manager_id=2), person(2, manager_id=3), person(3)
    people = by_id(requester, manager, director)
    assert next_approver(requester, people) is manager
    assert next_approver(manager, people) is director


def test_managers_who_are_not_active_are_passed_over() -> None:
    requester, manager, director = person(1, manager_id=2), person(2, manager_id=3, active=False), person(3)
    assert next_approver(requester, by_id(requester, manager, director)) is director


CHAINS = [
    [person(1)],
    [person(1, manager_id=2)],
    [person(1, manager_id=1)],
    [person(1, manager_id=2), person(2, active=False)],
    [person(1, manager_id=2), person(2, manager_id=3, active=False), person(3, manager_id=2, active=False)],
]


@pytest.mark.parametrize("people", CHAINS)
def test_the_end_of_the_chain_says_so(people: Iterable[Person]) -> None:
    chain = by_id(*people)
    with pytest.raises(Refused) as refused:
        next_approver(chain[1], chain, "input", "submitTo")
    (problem,) = refused.value.problems
    assert problem == NoApprover(name="Person 1", path=("input", "submitTo"))
    assert (
        problem.message
        == "The chain of approval ends: Person 1 has no active manager above. Name an approver with submitTo."
    )


def named(approver: Person) -> None:
    check_approver(
        approver, "input", "submitTo", program_id=5, requester_id=1, sub_type=SubType.MANUAL_CREDIT, points=Decimal(100)
    )


@pytest.mark.parametrize(
    "approver",
    [
        person(2, 100),
        person(2, 100, program_id=5),
        person(2, 0, manager_id=3),
        person(2, 100, roles=frozenset({Role.MSR})),
    ],
)
def test_an_approver_could_approve_or_pass_it_on(approver: Person) -> None:
    named(approver)


@pytest.mark.parametrize(
    ("approver", "why"),
    [
        (person(2, 100, active=False), "they are not active"),
        (person(2, 100, roles=frozenset({Role.MEMBER})), "only employees of the host approve"),
        (person(2, 100, partner_id=4), "only employees of the host approve"),
        (person(2, 100, member_id=4), "only employees of the host approve"),
        (person(2, 100, program_id=6), "they work for another program"),
        (person(1, 100), "it is their own request"),
        (person(2, 99), "100 points are above their limit of 99, and they have no manager"),
    ],
)
def test_an_approver_who_could_do_neither_is_refused(approver: Person, why: str) -> None:
    with pytest.raises(Refused) as refused:
        named(approver)
    (problem,) = refused.value.problems
    assert problem == UnsuitableApprover(name=approver.name, why=why, path=("input", "submitTo"))
    assert problem.message == f"{approver.name} cannot be the approver: {why}."
