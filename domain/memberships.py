"""Memberships: what a partner is in a partner program, from day to day. The five statuses are moved by dates, in one table.

`due` is the whole calendar: which moves are due by a day, in the order of their dates, each with the day on which it was due.
So a job that slept for ten days leaves behind what it would have left if it had run every day.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.partner_programs import DAY, Period
from domain.people import PARTNER, Principal, Role
from domain.problems import NotAllowed, Problem


class MembershipStatus(enum.Enum):
    """CURRENT and IN_GRACE_PERIOD are full members; APPROVED is renewed and has not begun; EXPIRED and TERMINATED are final."""

    APPROVED = "APPROVED"
    CURRENT = "CURRENT"
    IN_GRACE_PERIOD = "IN_GRACE_PERIOD"
    EXPIRED = "EXPIRED"
    TERMINATED = "TERMINATED"


LIVE = frozenset({MembershipStatus.CURRENT, MembershipStatus.IN_GRACE_PERIOD})
"""Who is a member. A partner has at most one such membership of a program."""

FINAL = frozenset({MembershipStatus.EXPIRED, MembershipStatus.TERMINATED})


class MembershipMove(enum.Enum):
    """A step in the life of a membership. RENEW asks for another membership, and leaves this one as it is."""

    ADD = "ADD"
    APPROVE_RENEWAL = "APPROVE_RENEWAL"
    RENEW = "RENEW"
    REMOVE = "REMOVE"
    BEGIN = "BEGIN"
    ENTER_GRACE = "ENTER_GRACE"
    EXPIRE = "EXPIRE"


class Side(enum.Enum):
    """Who makes a move."""

    PARTNER = "PARTNER"
    """A representative or approver of the partner itself."""
    ADMINISTRATOR = "ADMINISTRATOR"
    """A partner-program administrator."""
    ENGINE = "ENGINE"
    """Everything automatic."""


@dataclass(frozen=True, slots=True)
class Row:
    """One allowed move; from None: how a membership may begin."""

    status: MembershipStatus | None
    move: MembershipMove
    to: MembershipStatus
    by: frozenset[Side]


_S, _M = MembershipStatus, MembershipMove
_ENGINE = frozenset({Side.ENGINE})
_ADMINISTRATOR = frozenset({Side.ADMINISTRATOR})
_ANYBODY = frozenset({Side.PARTNER, Side.ADMINISTRATOR})

MOVES: tuple[Row, ...] = (
    Row(None, _M.ADD, _S.CURRENT, _ADMINISTRATOR | _ENGINE),
    Row(None, _M.APPROVE_RENEWAL, _S.APPROVED, _ADMINISTRATOR | _ENGINE),
    Row(None, _M.APPROVE_RENEWAL, _S.CURRENT, _ADMINISTRATOR | _ENGINE),
    Row(_S.APPROVED, _M.BEGIN, _S.CURRENT, _ENGINE),
    Row(_S.APPROVED, _M.REMOVE, _S.TERMINATED, _ADMINISTRATOR),
    Row(_S.CURRENT, _M.RENEW, _S.CURRENT, _ANYBODY),
    Row(_S.CURRENT, _M.REMOVE, _S.TERMINATED, _ADMINISTRATOR),
    Row(_S.CURRENT, _M.ENTER_GRACE, _S.IN_GRACE_PERIOD, _ENGINE),
    Row(_S.CURRENT, _M.EXPIRE, _S.EXPIRED, _ENGINE),
    Row(_S.IN_GRACE_PERIOD, _M.RENEW, _S.IN_GRACE_PERIOD, _ANYBODY),
    Row(_S.IN_GRACE_PERIOD, _M.REMOVE, _S.TERMINATED, _ADMINISTRATOR),
    Row(_S.IN_GRACE_PERIOD, _M.EXPIRE, _S.EXPIRED, _ENGINE),
)
"""Every move there is (domain: partner programs)."""

CHANGES = frozenset((row.status, row.move, row.to) for row in MOVES if row.move is not MembershipMove.RENEW)
"""Every change of status that may ever be found in the records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A membership as it is stored and shown. `renews_id`: the one before, that it renews; `closed_on`: the day on which it
    became final; `invited_on`: when the partner was asked to renew it.
    """

    id: int
    partner_program_id: int
    partner_id: int
    status: MembershipStatus
    begins_on: date
    ends_on: date
    renewal_opens_on: date
    renewal_ends_on: date
    renews_id: int | None
    closed_on: date | None
    invited_on: date | None
    created_at: datetime

    @property
    def period(self) -> Period:
        """Its dates."""
        return Period(self.begins_on, self.ends_on, self.renewal_opens_on, self.renewal_ends_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipRecord:
    """A move that was made: who (None: the engine), from, to, as of which day, and when it was written."""

    membership_id: int
    person_id: int | None
    move: MembershipMove
    from_status: MembershipStatus | None
    to_status: MembershipStatus
    effective_on: date
    comment: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """A change of a membership's status, as of a day."""

    membership_id: int
    move: MembershipMove
    before: MembershipStatus
    to: MembershipStatus
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongMembershipStatus(Problem):
    """A move that does not exist from where the membership stands."""

    code = "WRONG_MEMBERSHIP_STATUS"
    status: MembershipStatus
    move: MembershipMove
    allowed: tuple[MembershipMove, ...]

    @property
    def message(self) -> str:
        offered = ", ".join(move.value for move in self.allowed)
        possible = f"Possible from here: {offered}." if offered else "That is final: the partner may apply anew."
        return f"This membership is {self.status.value}: {self.move.value} is not possible. {possible}"


def due(memberships: Sequence[Membership], today: date) -> tuple[Step, ...]:
    """The moves that are due by today for the memberships of one partner in one program, in the order of their dates.

    On the day after its end the old membership expires before the new one begins.
    """
    standing = {each.id: each for each in memberships}
    found: list[Step] = []
    while steps := [step for each in standing.values() if (step := _next(each, standing)) and step.on <= today]:
        step = min(steps, key=lambda each: (each.on, each.move is MembershipMove.BEGIN, each.membership_id))
        standing[step.membership_id] = after(standing[step.membership_id], step)
        found.append(step)
    return tuple(found)


def settled(memberships: Sequence[Membership], today: date) -> tuple[Membership, ...]:
    """The same memberships as they stand today, whether or not the daily job has noted it."""
    standing = {each.id: each for each in memberships}
    for step in due(memberships, today):
        standing[step.membership_id] = after(standing[step.membership_id], step)
    return tuple(standing.values())


def after(membership: Membership, step: Step) -> Membership:
    """The membership after a step."""
    return replace(membership, status=step.to, closed_on=step.on if step.to in FINAL else None)


def _next(membership: Membership, others: Mapping[int, Membership]) -> Step | None:
    """The next move by dates alone, whenever it is due."""
    end, grace_end = membership.ends_on + DAY, membership.renewal_ends_on + DAY
    match membership.status:
        case MembershipStatus.APPROVED:
            return _step(membership, MembershipMove.BEGIN, MembershipStatus.CURRENT, membership.begins_on)
        case MembershipStatus.CURRENT if end < grace_end and renewal_of(membership, others.values()) is None:
            return _step(membership, MembershipMove.ENTER_GRACE, MembershipStatus.IN_GRACE_PERIOD, end)
        case MembershipStatus.CURRENT:
            return _step(membership, MembershipMove.EXPIRE, MembershipStatus.EXPIRED, end)
        case MembershipStatus.IN_GRACE_PERIOD:
            return _step(membership, MembershipMove.EXPIRE, MembershipStatus.EXPIRED, grace_end)
        case _:
            return None


def _step(membership: Membership, move: MembershipMove, to: MembershipStatus, on: date) -> Step:
    return Step(membership.id, move, membership.status, to, on)


def renewal_of(membership: Membership, others: Iterable[Membership]) -> Membership | None:
    """The renewed membership beside an old one; one that was terminated counts no more."""
    found = (each for each in others if each.renews_id == membership.id)
    return next((each for each in found if each.status is not MembershipStatus.TERMINATED), None)


def is_side(side: Side, actor: Principal, partner_id: int) -> bool:
    """Whether somebody acts for a side, where a partner's membership or application is at stake."""
    match side:
        case Side.PARTNER:
            return actor.has(*PARTNER) and actor.scope.partner_id == partner_id
        case Side.ADMINISTRATOR:
            return actor.has(Role.PARTNER_PROGRAM_ADMINISTRATOR)
        case Side.ENGINE:
            return actor.has(Role.ENGINE)


SIDES: Mapping[Side, str] = {
    Side.PARTNER: "the partner itself",
    Side.ADMINISTRATOR: "partner-program administrators",
    Side.ENGINE: "the engine",
}


def side_problem(sides: frozenset[Side], actor: Principal, partner_id: int, move: str) -> Problem | None:
    """Why somebody may not make a move of these sides; None if they may."""
    if any(is_side(side, actor, partner_id) for side in sides):
        return None
    return NotAllowed(why=f"{move} is for {' or '.join(SIDES[side] for side in Side if side in sides)}")
