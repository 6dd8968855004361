"""A transaction on its way into the store: an entry whose codes have become keys, with a number of its own."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.entries import NewTransaction
from domain.points import Units
from domain.transactions import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is written as a transaction's row. `points` are units of `point_type_id`."""

    id: int
    program_id: int
    member_id: int
    entry: NewTransaction
    transaction_date: date
    status: Status
    created_at: datetime
    created_by_id: int | None
    product_id: int | None
    partner_id: int | None
    point_type_id: int | None
    points: Units | None
    submit_to_id: int | None = None
    external: bool = False
    other_member_id: int | None = None
    """Whom a transfer is for."""
    disputes_id: int | None = None
    """The wrong accrual in whose place it is to come."""
