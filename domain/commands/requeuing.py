"""What can be asked about transactions that the batch engine rejected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.transactions import SubStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class RequeueFilter:
    """Which of the transactions that the batch engine rejected; all that is given must hold, dates include both ends."""

    program: str
    sub_status: tuple[SubStatus, ...] = ()
    partner: str | None = None
    transaction_date_from: date | None = None
    transaction_date_through: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionsRequeue:
    """Queue transactions again: those with these numbers, or the `first` that a filter finds, the oldest first."""

    idempotency_key: str
    ids: Sequence[int] | None = None
    filter: RequeueFilter | None = None
    first: int = 100
    preview: bool = False
