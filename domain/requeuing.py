"""Transactions that the batch engine rejected for a reason that has gone, queued again in bulk: a result for each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

MOST = 500
"""How many are queued again in one request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequeuedRow:
    """What became of one transaction: queued again, or the reason why not."""

    transaction_id: int
    code: str | None = None
    message: str | None = None

    @property
    def queued(self) -> bool:
        """Whether it waits again."""
        return self.code is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requeue:
    """What became of one request, row by row. `more`: the filter finds still others. `programs`: those that have something
    waiting because of it; none, if it was answered before.
    """

    id: int
    rows: Sequence[RequeuedRow]
    more: bool
    created_at: datetime
    programs: frozenset[int] = frozenset()

    @property
    def queued(self) -> int:
        """How many wait again."""
        return sum(row.queued for row in self.rows)

    @property
    def refused(self) -> int:
        """How many do not."""
        return len(self.rows) - self.queued
