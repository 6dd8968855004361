"""Who may make which move now: what the API offers as available moves and what commands refuse come from the same rows.

The table is in `domain/moves.py`; here a function stands behind every "who" and every condition named there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from domain.approvals import ApprovalNotNeeded, approval_problem, around_problem, at_stake, covers, is_needed
from domain.moves import Condition, Move, Row, Step, Who, check_editable, row_of, rows_from, steps
from domain.people import HOST, PARTNER, Person, Principal, Role
from domain.problems import Missing, NotAllowed, Problem, Refused
from domain.programs import ProgramSettings
from domain.transactions import Status, SubStatus, SubType, Transaction, Type

PROCESSED_SUB_STATUSES = frozenset({SubStatus.SUCCESS, SubStatus.NO_PROMOTIONS_QUALIFIED})
"""A transaction that was processed keeps one of these, also after cancellations have taken back the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A transaction (or one about to be created: no status) and somebody who wants to move it; `person` is who `principal` is."""

    principal: Principal
    person: Person | None
    settings: ProgramSettings
    type: Type
    sub_type: SubType
    member_id: int
    points: Decimal
    """What approval is about; see `domain.approvals.at_stake`."""
    partner_id: int | None
    status: Status | None = None
    sub_status: SubStatus | None = None
    requester_id: int | None = None
    submit_to_id: int | None = None
    partner_approves: bool = False
    """Whether the partner's terms say that the partner, too, must approve."""


def case_of(
    transaction: Transaction,
    principal: Principal,
    person: Person | None,
    settings: ProgramSettings,
    *,
    points: Decimal | None = None,
    partner_approves: bool = False,
) -> Case:
    """The case of a stored transaction; `points` where a simulation knows better than the transaction says."""
    return Case(
        principal=principal,
        person=person,
        settings=settings,
        type=transaction.type,
        sub_type=transaction.sub_type,
        member_id=transaction.member_id,
        points=at_stake(transaction) if points is None else points,
        partner_id=transaction.partner_id,
        status=transaction.status,
        sub_status=transaction.sub_status,
        requester_id=transaction.created_by_id,
        submit_to_id=transaction.submit_to_id,
        partner_approves=partner_approves,
    )


def available_moves(case: Case) -> tuple[Move, ...]:
    """The moves that would not be refused to this person now, in the order of `Move`."""
    if case.status is None:
        return ()
    possible = {row.move for row in rows_from(case.status, case.settings) if not problems_of(row, case)}
    return tuple(move for move in Move if move in possible)


def check_right(case: Case, move: Move, comment: str | None = None) -> tuple[Step, ...]:
    """The steps to record for the move; raises Refused with WrongStatus, NotAllowed, a missing comment or what approval says."""
    row = row_of(case.status, move, case.settings)
    problems = problems_of(row, case)
    if not problems and row.comment_required and not (comment and comment.strip()):
        problems = (Missing(why=f"{move.value} needs a reason", path=("input", "comment")),)
    if problems:
        raise Refused(*problems)
    return steps(case.status, move, case.settings, partner_approves=case.partner_approves)


def check_edit(case: Case) -> None:
    """Raises Refused unless this person may edit or delete the transaction now: the requester or an MSR, while it is IN_PROGRESS."""
    assert case.status is not None
    check_editable(case.status, case.settings)
    if not (_is_requester(case) or _is_msr(case)):
        raise Refused(NotAllowed(why=f"editing is for {_NAMES[Who.REQUESTER]} or {_NAMES[Who.MSR]}"))


def problems_of(row: Row, case: Case) -> tuple[Problem, ...]:
    """Why a row of the table is not open to somebody: no right at all, or else every condition that does not hold."""
    if row.at_once or not any(_WHO[who](case) for who in row.by):
        return (NotAllowed(why=_why_not(row)),)
    found = (_CONDITIONS[condition](case) for condition in row.conditions)
    return tuple(problem for problem in found if problem is not None)


def _why_not(row: Row) -> str:
    if row.at_once:
        return f"{row.move.value} follows by itself"
    names = " or ".join(_NAMES[who] for who in Who if who in row.by)
    return f"{row.move.value} is for {names}"


def _is_own_member(case: Case) -> bool:
    return case.principal.has(Role.MEMBER) and case.principal.scope.member_id == case.member_id


def _is_of_partner(case: Case) -> bool:
    return case.partner_id is not None and case.principal.scope.partner_id == case.partner_id


def _is_msr(case: Case) -> bool:
    return case.principal.has(Role.MSR, Role.MANAGER) or (case.principal.has(*PARTNER) and _is_of_partner(case))


def _is_requester(case: Case) -> bool:
    return case.requester_id is not None and case.principal.person_id == case.requester_id


def _is_employee(case: Case) -> bool:
    return case.principal.has(*HOST)


def _is_approver(case: Case) -> bool:
    named = case.submit_to_id is not None and case.principal.person_id == case.submit_to_id
    return _is_employee(case) and (named or covers(case.person, case.sub_type, case.points))


def _is_partner_approver(case: Case) -> bool:
    return case.principal.has(Role.PARTNER_APPROVER) and _is_of_partner(case)


def _is_engine(case: Case) -> bool:
    return case.principal.has(Role.ENGINE)


def _approval_needed(case: Case) -> Problem | None:
    if is_needed(case.settings, case.sub_type, case.points):
        return None
    return ApprovalNotNeeded(sub_type=case.sub_type, points=case.points)


def _approval_covered(case: Case) -> Problem | None:
    if _is_engine(case) and case.sub_type is SubType.ACTION_BASED_BONUS:
        return (
            None  # the program itself promised it; anything else the engine brings in, such as a file, has a limit of 0
        )
    return around_problem(case.settings, case.person, case.sub_type, case.points)


def _limit_covers(case: Case) -> Problem | None:
    return approval_problem(case.person, case.sub_type, case.points, case.requester_id)


def _has_partner(case: Case) -> Problem | None:
    return NotAllowed(why="this transaction has no partner to send it to") if case.partner_id is None else None


def _partner_need_not_approve(case: Case) -> Problem | None:
    """What the partner's own approver records or sends on is approved by that."""
    if not case.partner_approves or _is_partner_approver(case):
        return None
    return NotAllowed(why="the partner must approve first: send it to the partner")


def _member_redeems(case: Case) -> Problem | None:
    if _is_alone(case) and (case.type, case.sub_type) not in _REDEEMS:
        return NotAllowed(
            why="members by themselves redeem or transfer; what they earn is recorded by the host or a partner"
        )
    return None


def _member_reports(case: Case) -> Problem | None:
    if _is_alone(case) and (case.type, case.sub_type) != (Type.ACCRUAL, SubType.PRODUCT):
        return NotAllowed(why="members by themselves report only a missing or wrong accrual")
    return None


def _never_processed(case: Case) -> Problem | None:
    if case.sub_status in PROCESSED_SUB_STATUSES:
        return NotAllowed(why="this transaction was processed and taken back: record a new one instead")
    return None


def _is_alone(case: Case) -> bool:
    """Whether the member acts by themselves, with no other right to the transaction."""
    return _is_own_member(case) and not (_is_msr(case) or _is_engine(case))


_REDEEMS = frozenset({(Type.REDEMPTION, SubType.PRODUCT), (Type.REDEMPTION, SubType.TRANSFER)})
_WHO: dict[Who, Callable[[Case], bool]] = {
    Who.MEMBER: _is_own_member,
    Who.MSR: _is_msr,
    Who.REQUESTER: _is_requester,
    Who.EMPLOYEE: _is_employee,
    Who.APPROVER: _is_approver,
    Who.PARTNER_APPROVER: _is_partner_approver,
    Who.ENGINE: _is_engine,
}
_NAMES = {
    Who.MEMBER: "the member",
    Who.MSR: "member service representatives, managers and the transaction's own partner",
    Who.REQUESTER: "the requester",
    Who.EMPLOYEE: "employees of the host",
    Who.APPROVER: "the named approver and employees whose limit covers it",
    Who.PARTNER_APPROVER: "an approver of the transaction's partner",
    Who.ENGINE: "the engine",
}
_CONDITIONS: dict[Condition, Callable[[Case], Problem | None]] = {
    Condition.APPROVAL_NEEDED: _approval_needed,
    Condition.APPROVAL_COVERED: _approval_covered,
    Condition.LIMIT_COVERS: _limit_covers,
    Condition.HAS_PARTNER: _has_partner,
    Condition.PARTNER_NEED_NOT_APPROVE: _partner_need_not_approve,
    Condition.MEMBER_REDEEMS: _member_redeems,
    Condition.MEMBER_REPORTS: _member_reports,
    Condition.NEVER_PROCESSED: _never_processed,
}
