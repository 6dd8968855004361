"""The inbox: everything that waits for somebody's approval, whatever it is, and what would happen if they said yes.

A kind of request joins in four lines: here, its rows in `domain/store/inbox.py`, its effect in `domain/services/inbox.py`, and
the object it shows in `schema/inbox.py`. A test says which is missing.
"""

import enum
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.decisions import BalanceChange
from domain.problems import Problem


class ApprovalKind(enum.Enum):
    """What can wait for an approval."""

    TRANSACTION = "TRANSACTION"
    """Also loans and repayments; for a partner's approver, what waits for the partner."""
    MAXIMUM_LOAN = "MAXIMUM_LOAN"
    TIER_REQUEST = "TIER_REQUEST"
    JOINT_PROMOTION = "JOINT_PROMOTION"
    POINT_BLOCK = "POINT_BLOCK"
    """Points that somebody wants to buy, or that are proposed because few are left."""
    CAMPAIGN = "CAMPAIGN"
    """What the host proposes to a partner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """Something that waits. `id` is that of the thing itself; `member_id`, `points` and `point_type_id` are None where it is about none.

    `covered`: whether the limit of whoever looks covers it; else they can only pass it on, or refuse.
    """

    kind: ApprovalKind
    id: int
    program_id: int
    member_id: int | None
    points: Decimal | None
    point_type_id: int | None
    requested_by_id: int | None
    submit_to_id: int | None
    comment: str | None
    created_at: datetime
    covered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalEffect:
    """What an approval would lead to now: what stands against it, balances before and after, and all of it in sentences."""

    problems: tuple[Problem, ...] = ()
    balances: tuple[BalanceChange, ...] = ()
    text: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalFilter:
    """Which of them; all that is given must hold. `submitted_to_me`: only where the viewer is asked by name."""

    kinds: tuple[ApprovalKind, ...] = ()
    submitted_to_me: bool = False
