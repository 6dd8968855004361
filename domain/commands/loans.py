"""Commands about loans: the maximum that a member may owe, a loan, and its repayment by hand."""

from dataclasses import dataclass
from decimal import Decimal

from domain.commands.members import MemberReference


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberMaxLoanSet:
    """How much a member may owe of a point type (None: the default one); another amount starts the approval again."""

    member: MemberReference
    program: str | None
    points: Decimal
    point_type: str | None = None
    submit_to: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnMaximumLoan:
    """A maximum loan that waits, as the caller has seen it: its amount may have changed since."""

    id: int
    expected_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberMaxLoanForward(OnMaximumLoan):
    """Let somebody else decide: the person named, else the manager of whoever it waits for."""

    submit_to: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberMaxLoanApprove(OnMaximumLoan):
    """Loans up to it may be given from now on."""

    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberMaxLoanReject(OnMaximumLoan):
    """No loans; the comment says why."""

    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanRequest:
    """Lend points to a member. They never qualify; whoever says that they do is told so."""

    idempotency_key: str
    program: str
    member: MemberReference
    points: Decimal
    point_type: str | None = None
    qualifying: bool | None = None
    submit_to: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanRepay:
    """Give back points of a loan, named by its transaction: all that is outstanding or a part, of the same point type."""

    idempotency_key: str
    loan: int
    points: Decimal
    point_type: str | None = None
    submit_to: str | None = None
    comment: str | None = None
