"""The moves in the life of a transaction: submit, approve, queue, process and the others, one input and payload each."""

import strawberry

from schema.base import answers, direct, takes
from schema.entries import PREVIEW
from schema.payloads import Keyed, Payload, ReplayablePayload
from schema.previews import PREVIEWED, RESULT, is_preview, result
from schema.transaction_inputs import SUBMIT_TO, OnTransaction
from schema.transactions import Transaction
from schema.wording import REFUSED

COMMENT = "Kept with the move."


@takes
class TransactionSubmitInput(OnTransaction):
    """A transaction that needs approval."""

    submit_to: str | None = strawberry.field(
        default=None, description=f"{SUBMIT_TO}; not given: whoever it names, else the requester's manager."
    )
    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class TransactionForwardInput(OnTransaction):
    """A submitted transaction that somebody else shall decide about."""

    submit_to: str | None = strawberry.field(
        default=None, description=f"{SUBMIT_TO} now; not given: the manager of whoever it waits for."
    )
    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class TransactionApproveInput(OnTransaction, Keyed):
    """A submitted transaction that may go on."""

    comment: str | None = strawberry.field(default=None, description=COMMENT)
    and_process: bool = strawberry.field(default=False, description="Press Process, too.")


@takes
class TransactionRejectInput(OnTransaction):
    """A submitted transaction that may not go on."""

    comment: str = strawberry.field(description="Why not.")


@takes
class TransactionAcceptInput(OnTransaction):
    """A transaction that needs no approval, or none but your own."""

    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class TransactionQueueInput(OnTransaction):
    """A transaction for the batch engine."""

    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class TransactionSendToPartnerInput(OnTransaction):
    """A transaction that its partner shall decide about first."""

    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class TransactionPartnerApproveInput(OnTransaction):
    """A transaction of your organisation that may go on."""

    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class TransactionPartnerRejectInput(OnTransaction):
    """A transaction of your organisation that may not go on."""

    comment: str = strawberry.field(description="Why not.")


@takes
class TransactionRecallInput(OnTransaction):
    """A transaction that shall not be processed."""

    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class TransactionReopenInput(OnTransaction):
    """A transaction that was recalled or rejected."""

    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class TransactionProcessInput(Keyed):
    """A transaction that shall be processed now."""

    id: strawberry.ID = strawberry.field(description="Of the transaction.")
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@answers
class TransactionSubmitPayload(Payload):
    """The transaction, and whom it waits for."""

    result: Transaction | None = strawberry.field(name="transaction", description=REFUSED)


@answers
class TransactionForwardPayload(Payload):
    """The transaction, and whom it waits for now."""

    result: Transaction | None = strawberry.field(name="transaction", description=REFUSED)


@answers
class TransactionApprovePayload(ReplayablePayload):
    """The transaction as it is now."""

    result: Transaction | None = strawberry.field(name="transaction", description=REFUSED)


@answers
class TransactionRejectPayload(Payload):
    """The transaction as it is now."""

    result: Transaction | None = strawberry.field(name="transaction", description=REFUSED)


@answers
class TransactionAcceptPayload(Payload):
    """The transaction as it is now."""

    result: Transaction | None = strawberry.field(name="transaction", description=REFUSED)


@answers
class TransactionQueuePayload(Payload):
    """The transaction as it is now."""

    result: Transaction | None = strawberry.field(name="transaction", description=REFUSED)


@answers
class TransactionSendToPartnerPayload(Payload):
    """The transaction as it is now."""

    result: Transaction | None = strawberry.field(name="transaction", description=REFUSED)


@answers
class TransactionPartnerApprovePayload(Payload):
    """The transaction as it is now."""

    result: Transaction | None = strawberry.field(name="transaction", description=REFUSED)


@answers
class TransactionPartnerRejectPayload(Payload):
    """The transaction as it is now."""

    result: Transaction | None = strawberry.field(name="transaction", description=REFUSED)


@answers
class TransactionRecallPayload(Payload):
    """The transaction as it is now."""

    result: Transaction | None = strawberry.field(name="transaction", description=REFUSED)


@answers
class TransactionReopenPayload(Payload):
    """The transaction as it is now."""

    result: Transaction | None = strawberry.field(name="transaction", description=REFUSED)


@answers
class TransactionProcessPayload(ReplayablePayload):
    """The transaction; if the engine refused it, beside the errors that say why."""

    preview: bool = direct(is_preview, PREVIEWED)
    transaction: Transaction | None = direct(result, RESULT)
