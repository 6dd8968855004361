"""Who may make which move of an application now: what is offered and what is refused come from the same rows.

The table is in `domain/applications.py`; here a function stands behind every condition named there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from domain.applications import (
    Application,
    ApplicationKind,
    ApplicationMove,
    ApplicationStatus,
    Condition,
    Row,
    WrongApplicationStatus,
    row_of,
    rows_from,
)
from domain.memberships import LIVE, Side, side_problem
from domain.partner_program_problems import RenewalOver
from domain.partner_programs import DAY, period
from domain.people import Principal
from domain.problems import Missing, Problem, Refused
from domain.standings import Standing

PRESSED_BY = frozenset({Side.PARTNER, Side.ADMINISTRATOR})
"""Who presses moves: what the engine alone does is no move for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An application (or one about to be made: no status), where its partner stands, and somebody who wants to move it."""

    actor: Principal
    standing: Standing
    kind: ApplicationKind
    status: ApplicationStatus | None = None
    renews_id: int | None = None


def case_of(application: Application, standing: Standing, actor: Principal) -> Case:
    """The case of a stored application."""
    return Case(
        actor=actor,
        standing=standing,
        kind=application.kind,
        status=application.status,
        renews_id=application.renews_id,
    )


def check(case: Case, move: ApplicationMove, comment: str | None = None) -> Row:
    """The row of a move; raises Refused with why it cannot be made: the status, the right, a condition, a missing reason."""
    row = row_of(case.status, move, case.kind)
    if row is None or not row.by & PRESSED_BY:
        assert case.status is not None, f"{move} does not begin an application"
        allowed = tuple(each.move for each in rows_from(case.status, case.kind) if each.by & PRESSED_BY)
        raise Refused(WrongApplicationStatus(status=case.status, move=move, allowed=allowed))
    problem = _problem(row, case)
    if problem is None and row.comment_required and not (comment and comment.strip()):
        problem = Missing(why=f"{move.value} needs a reason", path=("input", "comment"))
    if problem is not None:
        raise Refused(problem)
    return row


def available_moves(case: Case) -> tuple[ApplicationMove, ...]:
    """The moves that would not be refused to this person now, in the order of the table."""
    return tuple(row.move for row in rows_from(case.status, case.kind) if _problem(row, case) is None)


def _problem(row: Row, case: Case) -> Problem | None:
    right = side_problem(row.by, case.actor, case.standing.partner.id, row.move.value)
    if right is not None:
        return right
    found = (CONDITIONS[condition](case) for condition in row.conditions)
    return next((problem for problem in found if problem is not None), None)


def _renewable(case: Case) -> Problem | None:
    assert case.renews_id is not None, "a renewal names what it renews"
    return case.standing.renewal_problem(case.renews_id)


def _in_time(case: Case) -> Problem | None:
    """A renewal that is approved late makes a membership of its own period, which must not be over.

    A partner that is a member meanwhile keeps that membership: there is nothing to make.
    """
    standing = case.standing
    if case.renews_id is None:
        return None
    old = standing.membership(case.renews_id)
    if old.status in LIVE or standing.live is not None:
        return None
    ends_on = period(standing.program, old.ends_on + DAY).ends_on
    return RenewalOver(ends_on=ends_on) if ends_on < standing.today else None


CONDITIONS: Mapping[Condition, Callable[[Case], Problem | None]] = MappingProxyType(
    {
        Condition.OPEN: lambda case: case.standing.closed_problem(),
        Condition.NOT_MEMBER: lambda case: case.standing.member_problem(),
        Condition.ELIGIBLE: lambda case: case.standing.eligible_problem(case.kind),
        Condition.RENEWABLE: _renewable,
        Condition.IN_TIME: _in_time,
    }
)
