"""Root field that queues rejected transactions again."""

import domain.commands.requeuing as c
import domain.requeuing as d
import schema.requeuing as s
from domain.receipts import Receipt
from domain.services import transactions as services
from resolvers.context import Info
from resolvers.inputs import some
from resolvers.roots import mutation
from schema.ids import unseal


@mutation(s.TransactionsRequeuePayload)
async def transactions_requeue(info: Info, input: s.TransactionsRequeueInput) -> Receipt[d.Requeue]:
    """Queue again what the batch engine rejected for a reason that has gone, such as a block that was empty."""
    command = c.TransactionsRequeue(
        idempotency_key=input.idempotency_key,
        ids=None if input.ids is None else [_number(each) for each in input.ids],
        filter=None if input.filter is None else _filter(input.filter),
        first=input.first,
        preview=input.preview,
    )
    context = info.context
    receipt = await services.transactions_requeue(
        context.database, context.realtime.programs, context.principal, command
    )
    if receipt.result is not None and not input.preview:
        for program_id in receipt.result.programs:
            context.nudge(program_id)
    return receipt


def _number(id: str) -> int:
    """The number of a transaction; of what names none, one that nobody has."""
    found = unseal(id)
    return found.key if found is not None and found.type == "Transaction" and isinstance(found.key, int) else 0


def _filter(given: s.RequeueFilter) -> c.RequeueFilter:
    return c.RequeueFilter(
        program=given.program,
        sub_status=some(given.sub_status),
        partner=given.partner,
        transaction_date_from=given.transaction_date_from,
        transaction_date_through=given.transaction_date_through,
    )
