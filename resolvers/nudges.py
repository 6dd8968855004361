"""What was queued is told to the workers once it is committed: they need not find it by themselves."""

from domain.receipts import Receipt
from domain.transactions import Status, Transaction
from resolvers.context import Context


def nudged(context: Context, receipt: Receipt[Transaction]) -> Receipt[Transaction]:
    """The receipt, after workers were told if its transaction waits for them."""
    if receipt.result is not None and receipt.result.status is Status.QUEUED:
        context.nudge(receipt.result.program_id)
    return receipt
