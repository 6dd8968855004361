"""Joint promotions: those whose cost is shared. Every side, the host and each partner that pays, must have agreed to what is activated.

One side drafts and proposes, which is its own yes; the others are asked. An edit makes a draft of it again, which asks anew. To agree
activates nothing: that is the host's administrator alone.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.people import PARTNER, Principal, Role
from domain.problems import Missing, NotAllowed, Problem, Refused


class JointStatus(enum.Enum):
    """PARTNER_APPROVED: every side that was asked has agreed; PARTNER_REJECTED: one of them has not."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    PARTNER_APPROVED = "PARTNER_APPROVED"
    PARTNER_REJECTED = "PARTNER_REJECTED"


class JointMove(enum.Enum):
    """A step in the life of a joint promotion. EDIT is not pressed: it comes with every change of the promotion."""

    EDIT = "EDIT"
    PROPOSE = "PROPOSE"
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    NOTE = "NOTE"


class Party(enum.Enum):
    """Who makes a move."""

    DRAFTER = "DRAFTER"
    """The side that drafted it."""
    ASKED = "ASKED"
    """A side that has not answered yet: an administrator or partner manager of the host, an approver of the partner."""
    SIDE = "SIDE"
    """Whoever works for one of its sides."""


@dataclass(frozen=True, slots=True)
class Row:
    """One allowed move. APPROVE leads to `to` once every other side has agreed, too; until then it stays SUBMITTED."""

    status: JointStatus
    move: JointMove
    to: JointStatus
    by: Party
    comment_required: bool = False


_S, _M = JointStatus, JointMove
MOVES: tuple[Row, ...] = (
    Row(_S.DRAFT, _M.PROPOSE, _S.SUBMITTED, Party.DRAFTER),
    Row(_S.PARTNER_REJECTED, _M.PROPOSE, _S.SUBMITTED, Party.DRAFTER),
    Row(_S.SUBMITTED, _M.APPROVE, _S.PARTNER_APPROVED, Party.ASKED),
    Row(_S.SUBMITTED, _M.REJECT, _S.PARTNER_REJECTED, Party.ASKED, comment_required=True),
    *(Row(status, _M.NOTE, status, Party.SIDE, comment_required=True) for status in JointStatus),
)
"""Every move that people press."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JointSide:
    """One who must agree: a partner (None: the host), and what it has answered to what is proposed (None: nothing yet)."""

    partner_id: int | None
    agrees: bool | None = None
    person_id: int | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JointPromotion:
    """Where the talks about a promotion stand. `drafted_by_partner_id`: None for the host; `version`: the promotion's that is,
    or was last, proposed.
    """

    promotion_id: int
    program_id: int
    status: JointStatus
    drafted_by_partner_id: int | None
    version: int | None
    proposed_at: datetime | None
    sides: tuple[JointSide, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JointRecord:
    """A move that was made, or a note: who (None: the engine), for which partner (None: the host), about which version."""

    promotion_id: int
    person_id: int | None
    partner_id: int | None
    move: JointMove
    from_status: JointStatus | None
    to_status: JointStatus
    version: int
    comment: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongJointStatus(Problem):
    """A move that does not exist from where a joint promotion stands."""

    code = "WRONG_JOINT_STATUS"
    status: JointStatus
    move: JointMove
    allowed: tuple[JointMove, ...]

    @property
    def message(self) -> str:
        possible = ", ".join(move.value for move in self.allowed)
        return f"This joint promotion is {self.status.value}: {self.move.value} is not possible. Possible from here: {possible}."


@dataclass(frozen=True, slots=True, kw_only=True)
class JointPromotionNotApproved(Problem):
    """A joint promotion that is to be activated before every side has agreed to this version of it."""

    code = "JOINT_PROMOTION_NOT_APPROVED"
    status: JointStatus

    @property
    def message(self) -> str:
        return (
            f"This is a joint promotion that is {self.status.value}: it is activated once every side has agreed to it."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotJoint(Problem):
    """A promotion whose cost nobody shares."""

    code = "NOT_JOINT"
    promotion: str

    @property
    def message(self) -> str:
        return f"{self.promotion} is no joint promotion: give it cost shares first."


HOST_SIDE = (Role.PROGRAM_ADMINISTRATOR, Role.PARTNER_MANAGER)
"""Who speaks for the host."""


def side_of(joint: JointPromotion, actor: Principal) -> JointSide | None:
    """The side that somebody works for; None: no side of it."""
    if not _speaks(actor):
        return None
    return next((side for side in joint.sides if side.partner_id == actor.scope.partner_id), None)


def check(joint: JointPromotion, actor: Principal, move: JointMove, comment: str | None = None) -> Row:
    """The row of a move; raises Refused with why it cannot be made: the status, the right, or a missing reason."""
    rows = [row for row in MOVES if row.status is joint.status]
    row = next((row for row in rows if row.move is move), None)
    if row is None:
        allowed = tuple(each.move for each in rows)
        raise Refused(WrongJointStatus(status=joint.status, move=move, allowed=allowed))
    problem = _right_problem(row, joint, actor)
    if problem is None and row.comment_required and not (comment and comment.strip()):
        problem = Missing(why=f"{move.value} needs words", path=("input", "comment"))
    if problem is not None:
        raise Refused(problem)
    return row


def available_moves(joint: JointPromotion, actor: Principal) -> tuple[JointMove, ...]:
    """The moves that would not be refused to somebody now, in the order of the table."""
    rows = (row for row in MOVES if row.status is joint.status)
    return tuple(row.move for row in rows if _right_problem(row, joint, actor) is None)


def after(joint: JointPromotion, row: Row, partner_id: int | None) -> JointStatus:
    """The status once a side makes the move: it is approved when nobody else is left to agree."""
    if row.move is not JointMove.APPROVE:
        return row.to
    left = [side for side in joint.sides if side.partner_id != partner_id and side.agrees is None]
    return JointStatus.SUBMITTED if left else row.to


def _right_problem(row: Row, joint: JointPromotion, actor: Principal) -> Problem | None:
    if _PARTIES[row.by](joint, actor):
        return None
    return NotAllowed(why=f"{row.move.value} is for {_NAMES[row.by]}")


def _speaks(actor: Principal) -> bool:
    if actor.has(Role.ENGINE):
        return True
    return actor.has(*(HOST_SIDE if actor.scope.partner_id is None else PARTNER))


def _is_drafter(joint: JointPromotion, actor: Principal) -> bool:
    return _speaks(actor) and actor.scope.partner_id == joint.drafted_by_partner_id


def _is_asked(joint: JointPromotion, actor: Principal) -> bool:
    side = side_of(joint, actor)
    decides = actor.scope.partner_id is None or actor.has(Role.PARTNER_APPROVER)
    return side is not None and side.agrees is None and decides


_PARTIES: Mapping[Party, Callable[[JointPromotion, Principal], bool]] = {
    Party.DRAFTER: _is_drafter,
    Party.ASKED: _is_asked,
    Party.SIDE: lambda joint, actor: side_of(joint, actor) is not None,
}
_NAMES = {
    Party.DRAFTER: "the side that drafted it",
    Party.ASKED: "a side that has not answered yet: an administrator or partner manager, or an approver of the partner",
    Party.SIDE: "the people of its sides",
}
