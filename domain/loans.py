"""Loans as they are shown, and the maximum that a member may owe of a point type, which needs an approval of its own.

No loan is given before its maximum is approved; changing the amount starts the approval again.
"""

import enum
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.problems import Problem


class MaximumLoanStatus(enum.Enum):
    """Whether a maximum loan counts: only an APPROVED one does."""

    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """Points lent; in points as people speak them. `follows_id`: the redemption for which the engine lent them by itself."""

    transaction_id: int
    program_id: int
    member_id: int
    point_type: str
    points: Decimal
    outstanding: Decimal
    follows_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MaximumLoan:
    """How much a member may owe of a point type, or would, once it is approved."""

    id: int
    program_id: int
    member_id: int
    point_type_id: int
    point_type: str
    decimals: int
    points: Decimal
    status: MaximumLoanStatus
    requested_by_id: int | None
    submit_to_id: int | None
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MaximumLoanMove:
    """A move of a maximum loan: who, from, to, which amount, and what they said."""

    maximum_loan_id: int
    person_id: int | None
    from_status: MaximumLoanStatus | None
    to_status: MaximumLoanStatus
    points: Decimal
    submit_to_id: int | None
    comment: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MaximumLoanDecided(Problem):
    """A maximum loan that waits for nobody."""

    code = "MAXIMUM_LOAN_DECIDED"
    status: MaximumLoanStatus

    @property
    def message(self) -> str:
        return f"This maximum loan is {self.status.value}: only one that is SUBMITTED is decided about. Set another amount to ask anew."
