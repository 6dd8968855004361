"""Transactions that the batch engine rejected, queued again in bulk."""

from datetime import date

import strawberry

import domain.requeuing as d
import domain.transactions as x
from schema.base import answers, computed, loaded, shows, takes
from schema.ids import seal
from schema.loads import TRANSACTION
from schema.payloads import Keyed, ReplayablePayload
from schema.transactions import Transaction
from schema.wording import REFUSED


@takes
class RequeueFilter:
    """Which of the transactions that the batch engine rejected; all that is given must hold."""

    program: str = strawberry.field(description="The code of their program.")
    sub_status: list[x.SubStatus] | None = strawberry.field(default=None, description="Why they were rejected.")
    partner: str | None = strawberry.field(default=None, description="The code of their partner.")
    transaction_date_from: date | None = strawberry.field(default=None, description="The first transaction date.")
    transaction_date_through: date | None = strawberry.field(default=None, description="The last transaction date.")


@takes
class TransactionsRequeueInput(Keyed):
    """Rejected transactions that shall be worked once more: either those named, or those that a filter finds."""

    ids: list[strawberry.ID] | None = strawberry.field(default=None, description=f"At most {d.MOST}.")
    filter: RequeueFilter | None = strawberry.field(
        default=None, description="What the batch engine rejected; not what was refused while somebody waited."
    )
    first: int = strawberry.field(default=100, description=f"So many of those found, the oldest first: 1 to {d.MOST}.")
    preview: bool = strawberry.field(
        default=False, description="Only show what would happen; the key is not looked at."
    )


@shows(d.RequeuedRow)
class RequeuedTransaction:
    """What became of one transaction."""

    id: strawberry.ID = computed(lambda row: seal("Transaction", row.transaction_id), "Of the transaction.")
    transaction: Transaction | None = loaded(
        TRANSACTION, by="transaction_id", description="As it is now; null: none that you may see."
    )
    queued: bool = strawberry.field(description="Whether it waits again.")
    code: str | None = strawberry.field(description="Why it does not, for programs: the code of a user error.")
    message: str | None = strawberry.field(description="Why it does not, for people.")


@shows(d.Requeue)
class Requeue:
    """What became of a request, row by row."""

    rows: list[RequeuedTransaction]
    queued: int = strawberry.field(description="How many wait again.")
    refused: int = strawberry.field(description="How many do not.")
    more: bool = strawberry.field(description="Whether the filter finds others: ask again, with a new key.")


@answers
class TransactionsRequeuePayload(ReplayablePayload):
    """A result for every transaction."""

    result: Requeue | None = strawberry.field(name="requeue", description=REFUSED)
