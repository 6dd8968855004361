"""Approval: when a transaction needs one, whose limit covers it, and to whom it goes next.

A person approves only what their own limit covers; where approval is needed, every way around it demands that limit too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.moves import Move
from domain.people import HOST, Person
from domain.points import Spoken
from domain.problems import Problem, Refused
from domain.programs import ProgramSettings
from domain.transactions import Status, SubType, Transaction

NO_LIMIT = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A move made by a person, as it is kept for good: who, from, to, when, and what they said."""

    id: int
    transaction_id: int
    person_id: int
    move: Move
    from_status: Status | None
    to_status: Status
    submit_to_id: int | None
    comment: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalNeeded(Problem):
    """A way around approval, for points that the actor's own limit does not cover."""

    code = "APPROVAL_NEEDED"
    points: Spoken
    limit: Spoken

    @property
    def message(self) -> str:
        return f"{self.points:,f} points need approval, and your own limit is {self.limit:,f}: record it and submit it instead."


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalNotNeeded(Problem):
    """A transaction submitted although nobody has to approve it."""

    code = "APPROVAL_NOT_NEEDED"
    sub_type: SubType
    points: Spoken

    @property
    def message(self) -> str:
        return (
            f"{self.sub_type.value} over {self.points:,f} points needs no approval in this program: accept it at once."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalLimitExceeded(Problem):
    """An approval of more than the actor's own limit."""

    code = "APPROVAL_LIMIT_EXCEEDED"
    points: Spoken
    limit: Spoken

    @property
    def message(self) -> str:
        return f"{self.points:,f} points are above your approval limit of {self.limit:,f}: forward the transaction to your manager."


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRequest(Problem):
    """An approval of the actor's own request above their own limit."""

    code = "OWN_REQUEST"
    points: Spoken
    limit: Spoken

    @property
    def message(self) -> str:
        return (
            f"Nobody approves their own request above their own limit: it is about {self.points:,f} points, "
            f"and yours is {self.limit:,f}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoApprover(Problem):
    """The end of the chain: nobody above could approve."""

    code = "NO_APPROVER"
    name: str

    @property
    def message(self) -> str:
        return f"The chain of approval ends: {self.name} has no active manager above. Name an approver with submitTo."


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsuitableApprover(Problem):
    """A named approver who could neither approve nor pass the request on."""

    code = "UNSUITABLE_APPROVER"
    name: str
    why: str

    @property
    def message(self) -> str:
        return f"{self.name} cannot be the approver: {self.why}."


def is_needed(settings: ProgramSettings, sub_type: SubType, points: Decimal) -> bool:
    """Whether somebody must approve so many points; a sub-type that the program does not name never needs it."""
    above = settings.approval_above.get(sub_type)
    return above is not None and points > above


def at_stake(transaction: Transaction) -> Decimal:
    """The points that approval is about: those it names, else its base points.

    Where a program demands approval of purchases, whose points only the engine knows, the caller asks a simulation instead.
    """
    named = transaction.points if transaction.points is not None else transaction.base_points
    return named if named is not None else NO_LIMIT


def own_limit(person: Person | None, sub_type: SubType) -> Decimal:
    """How many points of one such transaction the person may decide about; somebody unknown or inactive: none."""
    if person is None or not person.active:
        return NO_LIMIT
    return person.loan_approval_limit if sub_type is SubType.LOAN else person.transaction_approval_limit


def covers(person: Person | None, sub_type: SubType, points: Decimal) -> bool:
    """Whether the person's own limit covers the points."""
    return points <= own_limit(person, sub_type)


def around_problem(
    settings: ProgramSettings, person: Person | None, sub_type: SubType, points: Decimal
) -> Problem | None:
    """Why the person may not go around SUBMITTED (external, queueing, sending to the partner); None if they may."""
    if not is_needed(settings, sub_type, points) or covers(person, sub_type, points):
        return None
    return ApprovalNeeded(points=points, limit=own_limit(person, sub_type))


def approval_problem(
    person: Person | None, sub_type: SubType, points: Decimal, requester_id: int | None
) -> Problem | None:
    """Why the person may not approve; None if they may."""
    if covers(person, sub_type, points):
        return None
    limit = own_limit(person, sub_type)
    if person is not None and person.id == requester_id:
        return OwnRequest(points=points, limit=limit)
    return ApprovalLimitExceeded(points=points, limit=limit)


def next_approver(person: Person, people: Mapping[int, Person], *path: str) -> Person:
    """The nearest active manager above; raises Refused(NoApprover) at the end of the chain.

    `people` holds at least the person's managers up to the top, by id; a circle of managers is an end too.
    """
    seen = {person.id}
    manager_id = person.manager_id
    while manager_id is not None and manager_id not in seen and manager_id in people:
        manager = people[manager_id]
        if manager.active:
            return manager
        seen.add(manager.id)
        manager_id = manager.manager_id
    raise Refused(NoApprover(name=person.name, path=path))


def check_approver(
    approver: Person,
    *path: str,
    program_id: int,
    requester_id: int | None,
    sub_type: SubType,
    points: Decimal,
) -> None:
    """Raises Refused(UnsuitableApprover) unless the named approver could approve the request, or has a manager to pass it to."""
    why = _unsuitable(approver, program_id, requester_id)
    if why is None and approver.manager_id is None and not covers(approver, sub_type, points):
        limit = own_limit(approver, sub_type)
        why = f"{points:,f} points are above their limit of {limit:,f}, and they have no manager"
    if why is not None:
        raise Refused(UnsuitableApprover(name=approver.name, why=why, path=path))


def _unsuitable(approver: Person, program_id: int, requester_id: int | None) -> str | None:
    if not approver.active:
        return "they are not active"
    if approver.roles.isdisjoint(HOST) or approver.partner_id is not None or approver.member_id is not None:
        return "only employees of the host approve"
    if approver.program_id not in (None, program_id):
        return "they work for another program"
    if approver.id == requester_id:
        return "it is their own request"
    return None
