"""Questions of what would happen: of one transaction, of a file of them, or of those processed already. Nothing is written.

`as_of`: as if now were that moment; `draft_promotions`: codes of inactive promotions that are considered as if they were active.
"""

from dataclasses import dataclass
from datetime import date, datetime

from domain.commands.members import MemberReference
from domain.entries import NewTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulate:
    """Under which rules, and when."""

    program: str
    as_of: datetime | None = None
    draft_promotions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionSimulate(Simulate):
    """What a new transaction of a member would do, or what a stored one would do now (`transaction_id`)."""

    member: MemberReference | None = None
    entry: NewTransaction | None = None
    recipient: MemberReference | None = None
    """Whom a new transfer is for."""
    transaction_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSimulate(Simulate):
    """What the transactions of a file would do, if they were imported and processed."""

    source: str | None = None
    partner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessedSimulate(Simulate):
    """What processed accruals of these transaction dates, both included, would be worth under these rules."""

    from_date: date = date.min
    through_date: date = date.max
