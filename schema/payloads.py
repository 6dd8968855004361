"""What every mutation takes and answers.

A payload shows a `domain.receipts.Receipt`: its `result` is renamed by `strawberry.field(name="transaction")` and is always
nullable. Inputs of commands that create a transaction or move points inherit from `Keyed`.
"""

import strawberry

from schema.problems import UserError


@strawberry.type
class Payload:
    """What a mutation answers."""

    errors: list[UserError] = strawberry.field(
        description="Why it was refused; empty when the command was carried out."
    )


@strawberry.type
class ReplayablePayload(Payload):
    """What a mutation with an idempotency key answers."""

    replayed: bool = strawberry.field(description="This key was answered before: this is that answer, nothing changed.")


@strawberry.input
class Keyed:
    """What every command that creates a transaction or moves points takes."""

    idempotency_key: strawberry.ID = strawberry.field(
        description="Of your choice, new for every new request: sending it again gives the first answer again."
    )
