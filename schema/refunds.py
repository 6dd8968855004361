"""Cancelling and refunding: which transaction, which part of it, and what came back."""

from datetime import date
from decimal import Decimal

import strawberry

from schema.base import answers, direct, takes
from schema.entries import PREVIEW
from schema.payloads import Keyed, ReplayablePayload
from schema.previews import PREVIEWED, RESULT, is_preview, result
from schema.scalars import Points
from schema.transaction_inputs import SUBMIT_TO, RefundLineInput
from schema.transactions import ExternalIdInput, Transaction


@takes
class TransactionCancelInput(Keyed):
    """A processed transaction of which all that is left is taken back. Give `id`, or `original`."""

    id: strawberry.ID | None = strawberry.field(default=None, description="Of the transaction that is taken back.")
    original: ExternalIdInput | None = strawberry.field(
        default=None, description="The same, as the system that sent it knows it."
    )
    transaction_date: date | None = strawberry.field(
        default=None, description="Of the cancellation; not given: today in the program's time zone."
    )
    source: str | None = strawberry.field(default=None, description="The system that sends the cancellation.")
    external_id: str | None = strawberry.field(
        default=None, description="The id of the cancellation there: unique per program, partner and source."
    )
    comment: str | None = strawberry.field(default=None, description="For people.")
    record: bool = strawberry.field(
        default=False,
        description="Only record it, IN_PROGRESS, to be submitted for approval or processed later; else it is processed now.",
    )
    submit_to: str | None = strawberry.field(
        default=None, description=f"{SUBMIT_TO} once it is submitted; not given: the requester's manager."
    )
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@takes
class TransactionRefundInput(TransactionCancelInput):
    """A processed transaction of which a part is taken back. Give one of `lines`, `quantity`, `amount` and `points`."""

    lines: list[RefundLineInput] | None = strawberry.field(default=None, description="Lines that come back.")
    quantity: Decimal | None = strawberry.field(default=None, description="So much of the quantity of the transaction.")
    amount: Decimal | None = strawberry.field(default=None, description="So much of its amount.")
    currency: str | None = strawberry.field(default=None, description="ISO 4217; not given: that of the transaction.")
    points: Points | None = strawberry.field(
        default=None, description="So many of its points, if all of them are of one type."
    )


@answers
class TransactionCancelPayload(ReplayablePayload):
    """The cancellation; if the engine refused it, beside the errors that say why."""

    preview: bool = direct(is_preview, PREVIEWED)
    transaction: Transaction | None = direct(result, RESULT)


@answers
class TransactionRefundPayload(ReplayablePayload):
    """The cancellation of a part; if the engine refused it, beside the errors that say why."""

    preview: bool = direct(is_preview, PREVIEWED)
    transaction: Transaction | None = direct(result, RESULT)
