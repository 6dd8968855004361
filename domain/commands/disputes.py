"""Commands about disputes."""

from dataclasses import dataclass

from domain.commands.members import MemberReference
from domain.entries import NewTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeOpen:
    """Report an accrual that is missing, as it should have been; `wrong`: the one, by its number, that is there instead."""

    idempotency_key: str
    member: MemberReference
    entry: NewTransaction
    wrong: int | None = None
