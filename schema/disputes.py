"""Disputes: an accrual that is missing or wrong, as it should have been."""

import strawberry

from schema.base import answers, takes
from schema.entries import PurchaseInput
from schema.payloads import ReplayablePayload
from schema.transactions import Transaction
from schema.wording import REFUSED


@takes
class DisputeOpenInput(PurchaseInput):
    """An accrual as it should have been; `comment` says what is missing or wrong."""

    wrong: strawberry.ID | None = strawberry.field(
        default=None, description="The accrual that is there instead; once this one is processed, it is cancelled."
    )


@answers
class DisputeOpenPayload(ReplayablePayload):
    """The transaction, which waits for its partner."""

    result: Transaction | None = strawberry.field(name="transaction", description=REFUSED)
