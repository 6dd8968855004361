"""Approvals: the moves that people made, and for whom a transaction waits."""

from datetime import datetime
from typing import Any

import strawberry

import domain.approvals as d
import domain.transactions as x
from domain.moves import Move
from schema.base import direct, loaded, offers, shows
from schema.loads import PERSON
from schema.people import Person

offers(x.Status, "TransactionStatus")
offers(Move, "TransactionMove")


def _comment(approval: d.Approval, info: Any) -> str | None:
    """Comments are words among staff, like their names."""
    actor = info.context.principal
    is_internal = actor.scope.member_id is not None and actor.person_id != approval.person_id
    return None if is_internal else approval.comment


@shows(d.Approval)
class Approval:
    """A move made by a person, kept for good. What the engine does by itself is not an approval."""

    move: Move = strawberry.field(description="Which step.")
    person: Person | None = loaded(PERSON, by="person_id", description="Who; null if you may not see them.")
    from_status: x.Status | None = strawberry.field(description="Null: the transaction was recorded with this move.")
    to_status: x.Status = strawberry.field(description="Where the transaction stood then.")
    submit_to: Person | None = loaded(PERSON, by="submit_to_id", description="For whom it waited from then on.")
    comment: str | None = direct(
        _comment, "What they said about it; null if it is not for you: members see only their own."
    )
    created_at: datetime = strawberry.field(description="When.")
