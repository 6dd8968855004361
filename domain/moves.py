"""The life of a transaction as one table: from which status, by which move, to which status, and by whom.

No other move exists. What a person is offered and what a command refuses are both read from here (`domain/move_rights.py`).
"""

import enum
from dataclasses import dataclass

from domain.problems import Problem, Refused
from domain.programs import ProgramSettings
from domain.transactions import Status


class Move(enum.Enum):
    """A step in the life of a transaction; the five CREATE moves are its beginnings."""

    CREATE = "CREATE"
    CREATE_QUEUED = "CREATE_QUEUED"
    CREATE_FOR_PARTNER = "CREATE_FOR_PARTNER"
    CREATE_ACCEPTABLE = "CREATE_ACCEPTABLE"
    CREATE_PROCESSED = "CREATE_PROCESSED"
    SUBMIT = "SUBMIT"
    FORWARD = "FORWARD"
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    ACCEPT = "ACCEPT"
    QUEUE = "QUEUE"
    SEND_TO_PARTNER = "SEND_TO_PARTNER"
    PARTNER_APPROVE = "PARTNER_APPROVE"
    PARTNER_REJECT = "PARTNER_REJECT"
    PROCESS = "PROCESS"
    PROCESS_QUEUED = "PROCESS_QUEUED"
    ENGINE_REJECT = "ENGINE_REJECT"
    RECALL = "RECALL"
    REOPEN = "REOPEN"
    CANCEL = "CANCEL"


class Who(enum.Enum):
    """Who makes a move."""

    MEMBER = "MEMBER"
    """The member whose transaction it is."""
    MSR = "MSR"
    """A service representative or a manager; a partner's representative or approver on its own partner's rows."""
    REQUESTER = "REQUESTER"
    """Whoever recorded the transaction."""
    EMPLOYEE = "EMPLOYEE"
    """Any employee of the host."""
    APPROVER = "APPROVER"
    """The employee named in `submit to`, or any other whose own limit covers it."""
    PARTNER_APPROVER = "PARTNER_APPROVER"
    """An approver of the partner it waits for."""
    ENGINE = "ENGINE"
    """Everything automatic."""


class Condition(enum.Enum):
    """What must hold besides the status; `domain/move_rights.py` has a function for each."""

    APPROVAL_NEEDED = "APPROVAL_NEEDED"
    APPROVAL_COVERED = "APPROVAL_COVERED"
    """No approval is needed, or the actor's own limit covers the points."""
    LIMIT_COVERS = "LIMIT_COVERS"
    HAS_PARTNER = "HAS_PARTNER"
    PARTNER_NEED_NOT_APPROVE = "PARTNER_NEED_NOT_APPROVE"
    MEMBER_REDEEMS = "MEMBER_REDEEMS"
    """A member by themselves redeems or transfers, and nothing else."""
    MEMBER_REPORTS = "MEMBER_REPORTS"
    """A member by themselves reports a missing or wrong accrual, and nothing else."""
    NEVER_PROCESSED = "NEVER_PROCESSED"


@dataclass(frozen=True, slots=True)
class Row:
    """One allowed move. `at_once`: it follows the move before it and is never pressed. `by_hand`: only if the program allows it."""

    status: Status | None
    move: Move
    to: Status
    by: frozenset[Who]
    conditions: tuple[Condition, ...] = ()
    comment_required: bool = False
    at_once: bool = False
    by_hand: bool = False


_S, _M, _C = Status, Move, Condition
_MSR = frozenset({Who.MSR})
_OWN = frozenset({Who.REQUESTER, Who.MSR})
_EMPLOYEE = frozenset({Who.EMPLOYEE})
_APPROVER = frozenset({Who.APPROVER})
_PARTNER = frozenset({Who.PARTNER_APPROVER})
_ENGINE = frozenset({Who.ENGINE})
_AROUND_APPROVAL = (Condition.APPROVAL_COVERED, Condition.PARTNER_NEED_NOT_APPROVE)
_TO_PARTNER = (Condition.HAS_PARTNER, Condition.APPROVAL_COVERED)
_REPORT = (Condition.MEMBER_REPORTS, *_TO_PARTNER)
_ONE_CALL = (Condition.MEMBER_REDEEMS, *_AROUND_APPROVAL)

MOVES: tuple[Row, ...] = (
    Row(None, _M.CREATE, _S.IN_PROGRESS, _MSR),
    Row(None, _M.CREATE_QUEUED, _S.QUEUED, _MSR | _ENGINE, _AROUND_APPROVAL),
    Row(None, _M.CREATE_FOR_PARTNER, _S.PARTNER_PENDING, _MSR | _ENGINE | {Who.MEMBER}, _REPORT),
    Row(None, _M.CREATE_ACCEPTABLE, _S.ACCEPTABLE, _MSR | _ENGINE | {Who.MEMBER}, _ONE_CALL),
    Row(None, _M.CREATE_PROCESSED, _S.PROCESSED, _ENGINE),
    Row(_S.IN_PROGRESS, _M.SUBMIT, _S.SUBMITTED, _MSR, (_C.APPROVAL_NEEDED,)),
    Row(_S.IN_PROGRESS, _M.ACCEPT, _S.ACCEPTABLE, _MSR, _AROUND_APPROVAL),
    Row(_S.IN_PROGRESS, _M.QUEUE, _S.QUEUED, _MSR, _AROUND_APPROVAL),
    Row(_S.IN_PROGRESS, _M.SEND_TO_PARTNER, _S.PARTNER_PENDING, _MSR, _TO_PARTNER),
    Row(_S.IN_PROGRESS, _M.RECALL, _S.CANCELLED, _OWN),
    Row(_S.SUBMITTED, _M.FORWARD, _S.SUBMITTED, _APPROVER),
    Row(_S.SUBMITTED, _M.APPROVE, _S.APPROVED, _EMPLOYEE, (_C.LIMIT_COVERS,)),
    Row(_S.SUBMITTED, _M.REJECT, _S.REJECTED_MANAGER, _APPROVER, comment_required=True),
    Row(_S.SUBMITTED, _M.RECALL, _S.CANCELLED, _OWN),
    Row(_S.APPROVED, _M.ACCEPT, _S.ACCEPTABLE, _EMPLOYEE, at_once=True),
    Row(_S.APPROVED, _M.SEND_TO_PARTNER, _S.PARTNER_PENDING, _EMPLOYEE, at_once=True),
    Row(_S.PARTNER_PENDING, _M.PARTNER_APPROVE, _S.PARTNER_APPROVED, _PARTNER),
    Row(_S.PARTNER_PENDING, _M.PARTNER_REJECT, _S.PARTNER_REJECTED, _PARTNER, comment_required=True),
    Row(_S.PARTNER_PENDING, _M.RECALL, _S.CANCELLED, _OWN),
    Row(_S.PARTNER_APPROVED, _M.ACCEPT, _S.ACCEPTABLE, _PARTNER, at_once=True),
    Row(_S.ACCEPTABLE, _M.QUEUE, _S.QUEUED, _MSR),
    Row(_S.ACCEPTABLE, _M.PROCESS, _S.PROCESSED, _OWN),
    Row(_S.ACCEPTABLE, _M.ENGINE_REJECT, _S.REJECTED_ENGINE, _ENGINE),
    Row(_S.ACCEPTABLE, _M.RECALL, _S.CANCELLED, _OWN),
    Row(_S.QUEUED, _M.PROCESS, _S.PROCESSED, _OWN, by_hand=True),
    Row(_S.QUEUED, _M.PROCESS_QUEUED, _S.PROCESSED, _ENGINE),
    Row(_S.QUEUED, _M.ENGINE_REJECT, _S.REJECTED_ENGINE, _ENGINE),
    Row(_S.QUEUED, _M.RECALL, _S.CANCELLED, _OWN),
    Row(_S.CANCELLED, _M.REOPEN, _S.IN_PROGRESS, _OWN, (_C.NEVER_PROCESSED,)),
    Row(_S.REJECTED_MANAGER, _M.REOPEN, _S.IN_PROGRESS, _OWN),
    Row(_S.PARTNER_REJECTED, _M.REOPEN, _S.IN_PROGRESS, _OWN),
    Row(_S.REJECTED_ENGINE, _M.REOPEN, _S.IN_PROGRESS, _OWN),
    Row(_S.PROCESSED, _M.CANCEL, _S.CANCELLED, _ENGINE),
)
"""Every move there is (domain: members and transactions)."""

CHANGES = frozenset((row.status, row.to) for row in MOVES)
"""Every change of status that may ever be found in the records; from None: how a transaction may begin."""

EDITABLE = frozenset({Status.IN_PROGRESS})
"""Only here may a transaction be edited or deleted."""

DEFAULT_SETTINGS = ProgramSettings()
_BY_MOVE = {(row.status, row.move): row for row in MOVES}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongStatus(Problem):
    """A move that does not exist from where the transaction stands."""

    code = "WRONG_STATUS"
    status: Status
    move: Move
    allowed: tuple[Move, ...]

    @property
    def message(self) -> str:
        if self.status is Status.QUEUED and self.move is Move.PROCESS:
            return f"This transaction is QUEUED: the batch engine processes it. {_allowed(self.allowed)}"
        return f"This transaction is {self.status.value}: {self.move.value} is not possible. {_allowed(self.allowed)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotEditable(Problem):
    """An edit or deletion of a transaction that has left IN_PROGRESS."""

    code = "NOT_EDITABLE"
    status: Status
    allowed: tuple[Move, ...]

    @property
    def message(self) -> str:
        return (
            f"This transaction is {self.status.value}: only one that is IN_PROGRESS may be edited or deleted. "
            f"{_allowed(self.allowed)}"
        )


def _allowed(moves: tuple[Move, ...]) -> str:
    if not moves:
        return "No move is possible from here."
    return f"Possible from here: {', '.join(move.value for move in moves)}."


def row_of(status: Status | None, move: Move, settings: ProgramSettings = DEFAULT_SETTINGS) -> Row:
    """The row of the table for a move; raises Refused(WrongStatus) if there is none, or this program does not allow it by hand."""
    row = _BY_MOVE.get((status, move))
    if row is not None and (settings.process_queued_by_hand or not row.by_hand):
        return row
    if status is None:
        raise ValueError(f"{move} does not create a transaction")
    raise Refused(WrongStatus(status=status, move=move, allowed=moves_from(status, settings)))


def check_move(status: Status | None, move: Move, settings: ProgramSettings = DEFAULT_SETTINGS) -> Status:
    """The status that the move leads to; raises Refused(WrongStatus)."""
    return row_of(status, move, settings).to


def moves_from(status: Status, settings: ProgramSettings = DEFAULT_SETTINGS) -> tuple[Move, ...]:
    """The moves that people may press from a status, in the order of their names above."""
    found = {row.move for row in rows_from(status, settings)}
    return tuple(move for move in Move if move in found)


def rows_from(status: Status, settings: ProgramSettings = DEFAULT_SETTINGS) -> tuple[Row, ...]:
    """The rows behind `moves_from`: without what the engine does and what follows at once."""
    return tuple(row for row in _PRESSED.get(status, ()) if settings.process_queued_by_hand or not row.by_hand)


def check_editable(status: Status, settings: ProgramSettings = DEFAULT_SETTINGS) -> None:
    """Raises Refused(NotEditable) unless a transaction of this status may be edited or deleted."""
    if status not in EDITABLE:
        raise Refused(NotEditable(status=status, allowed=moves_from(status, settings)))


_PRESSED = {
    status: tuple(row for row in MOVES if row.status is status and row.by != _ENGINE and not row.at_once)
    for status in Status
}


@dataclass(frozen=True, slots=True)
class Step:
    """One change of status, as it is recorded."""

    move: Move
    status: Status | None
    to: Status


def steps(
    status: Status | None, move: Move, settings: ProgramSettings = DEFAULT_SETTINGS, *, partner_approves: bool = False
) -> tuple[Step, ...]:
    """The move and what follows it at once: an approval goes on to ACCEPTABLE, or to the partner who must approve too."""
    first = Step(move, status, check_move(status, move, settings))
    if first.to is Status.APPROVED and partner_approves:
        return first, Step(Move.SEND_TO_PARTNER, first.to, check_move(first.to, Move.SEND_TO_PARTNER))
    if first.to in (Status.APPROVED, Status.PARTNER_APPROVED):
        return first, Step(Move.ACCEPT, first.to, check_move(first.to, Move.ACCEPT))
    return (first,)
