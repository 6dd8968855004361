"""Applications: a partner asks to become a member of a partner program, or to stay one.

Its life is one table: what somebody is offered and what is refused are both read from it. However many applications are
approved, a partner has one membership.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.memberships import Side
from domain.problems import Problem


class ApplicationKind(enum.Enum):
    """NEW: to become a member. RENEWAL: to stay one."""

    NEW = "NEW"
    RENEWAL = "RENEWAL"


class ApplicationStatus(enum.Enum):
    """SAVED is a draft; SUBMITTED waits in the inbox; PENDING: an administrator has taken it. APPROVED is final, and so is
    REJECTED, except that a renewal may be submitted again.
    """

    SAVED = "SAVED"
    SUBMITTED = "SUBMITTED"
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


OPEN = frozenset({ApplicationStatus.SAVED, ApplicationStatus.SUBMITTED, ApplicationStatus.PENDING})
"""Undecided."""


class ApplicationMove(enum.Enum):
    """A step in the life of an application."""

    SAVE = "SAVE"
    SUBMIT = "SUBMIT"
    ACCEPT = "ACCEPT"
    APPROVE = "APPROVE"
    REJECT = "REJECT"


class Condition(enum.Enum):
    """What must hold besides the status; `domain/application_rights.py` has a function for each."""

    OPEN = "OPEN"
    """The program takes applications today."""
    NOT_MEMBER = "NOT_MEMBER"
    ELIGIBLE = "ELIGIBLE"
    RENEWABLE = "RENEWABLE"
    """A renewal that was rejected, inside its window."""
    IN_TIME = "IN_TIME"
    """The renewed membership would not have ended."""


@dataclass(frozen=True, slots=True)
class Row:
    """One allowed move; from None: how an application may begin. `kind`: of these applications only."""

    status: ApplicationStatus | None
    move: ApplicationMove
    to: ApplicationStatus
    by: frozenset[Side]
    conditions: tuple[Condition, ...] = ()
    kind: ApplicationKind | None = None
    comment_required: bool = False


_S, _M, _K, _C = ApplicationStatus, ApplicationMove, ApplicationKind, Condition
_ENGINE = frozenset({Side.ENGINE})
_ADMINISTRATOR = frozenset({Side.ADMINISTRATOR})
_ANYBODY = frozenset({Side.PARTNER, Side.ADMINISTRATOR})
_APPLIES = (Condition.OPEN, Condition.NOT_MEMBER, Condition.ELIGIBLE)

MOVES: tuple[Row, ...] = (
    Row(None, _M.SAVE, _S.SAVED, _ANYBODY, _APPLIES, _K.NEW),
    Row(None, _M.SUBMIT, _S.SUBMITTED, _ANYBODY, (_C.RENEWABLE,), _K.RENEWAL),
    Row(_S.SAVED, _M.SAVE, _S.SAVED, _ANYBODY, _APPLIES, _K.NEW),
    Row(_S.SAVED, _M.SUBMIT, _S.SUBMITTED, _ANYBODY, _APPLIES, _K.NEW),
    Row(_S.SUBMITTED, _M.ACCEPT, _S.PENDING, _ADMINISTRATOR),
    Row(_S.SUBMITTED, _M.APPROVE, _S.APPROVED, _ENGINE),
    Row(_S.SUBMITTED, _M.REJECT, _S.REJECTED, _ENGINE),
    Row(_S.PENDING, _M.APPROVE, _S.APPROVED, _ADMINISTRATOR, (_C.OPEN, _C.IN_TIME)),
    Row(_S.PENDING, _M.REJECT, _S.REJECTED, _ADMINISTRATOR | _ENGINE, comment_required=True),
    Row(_S.REJECTED, _M.SUBMIT, _S.SUBMITTED, _ANYBODY, (_C.RENEWABLE,), _K.RENEWAL),
)
"""Every move there is (domain: partner programs). The engine decides at once what needs no administrator, and rejects a
renewal whose membership is terminated.
"""

CHANGES = frozenset((row.status, row.move, row.to) for row in MOVES)
"""Every change of status that may ever be found in the records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application as it is stored and shown. `renews_id`: the membership it is to renew; `membership_id`: what came of it;
    `accepted_by_id`: the administrator who took it.
    """

    id: int
    partner_program_id: int
    partner_id: int
    kind: ApplicationKind
    status: ApplicationStatus
    note: str | None
    attributes: Mapping[str, Any]
    renews_id: int | None
    membership_id: int | None
    accepted_by_id: int | None
    created_by_id: int | None
    submitted_at: datetime | None
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRecord:
    """A move that was made: who (None: the engine), from, to, when, and what they said."""

    application_id: int
    person_id: int | None
    move: ApplicationMove
    from_status: ApplicationStatus | None
    to_status: ApplicationStatus
    comment: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongApplicationStatus(Problem):
    """A move that does not exist from where the application stands."""

    code = "WRONG_APPLICATION_STATUS"
    status: ApplicationStatus
    move: ApplicationMove
    allowed: tuple[ApplicationMove, ...]

    @property
    def message(self) -> str:
        offered = ", ".join(move.value for move in self.allowed)
        possible = f"Possible from here: {offered}." if offered else "That is final."
        return f"This application is {self.status.value}: {self.move.value} is not possible. {possible}"


def row_of(status: ApplicationStatus | None, move: ApplicationMove, kind: ApplicationKind) -> Row | None:
    """The row of the table for a move of people or the engine; None if there is none."""
    return next((row for row in rows_from(status, kind) if row.move is move), None)


def rows_from(status: ApplicationStatus | None, kind: ApplicationKind) -> tuple[Row, ...]:
    """The moves of an application of this kind from a status, those of the engine included."""
    return tuple(row for row in MOVES if row.status is status and row.kind in (None, kind))
