"""Approvals: the moves that people made, and for whom a transaction waits."""

from datetime import datetime

import strawberry

import domain.approvals as d
import domain.transactions as x
from domain.moves import Move
from schema.base import loaded, offers, shows
from schema.loads import PERSON
from schema.people import Person

offers(x.Status, "TransactionStatus")
offers(Move, "TransactionMove")


@shows(d.Approval)
class Approval:
    """A move made by a person, kept for good. What the engine does by itself is not an approval."""

    move: Move = strawberry.field(description="Which step.")
    person: Person | None = loaded(PERSON, by="person_id", description="Who; null if you may not see them.")
    from_status: x.Status | None = strawberry.field(description="Null: the transaction was recorded with this move.")
    to_status: x.Status = strawberry.field(description="Where the transaction stood then.")
    submit_to: Person | None = loaded(PERSON, by="submit_to_id", description="For whom it waited from then on.")
    comment: str | None = strawberry.field(description="What they said about it.")
    created_at: datetime = strawberry.field(description="When.")
