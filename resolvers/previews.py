"""Previews of what moves points: carried out and undone, and shown as if it had stayed."""

from collections.abc import Iterator

from domain.commands.transactions import OneCall, TransactionProcess
from domain.problems import Refused
from domain.services import transactions as services
from domain.simulations import Simulation
from domain.transactions import Transaction
from resolvers.context import Context, Info
from schema.ledger_questions import BALANCES, BalancesAsked
from schema.loads import (
    APPROVALS_OF_TRANSACTION,
    DECISIONS_OF_TRANSACTION,
    LOT,
    LOTS_OF_TRANSACTION,
    TRANSACTION,
    USES_OF_TRANSACTION,
)
from schema.previews import Known, Previewed


async def previewed(info: Info, command: OneCall | TransactionProcess) -> Previewed:
    """What a command would answer now, refusals too, and what the fields of its answer would load."""
    context = info.context
    try:
        seen = await services.preview(context.realtime, context.principal, command)
    except Refused as refused:
        return Previewed(errors=refused.problems)
    receipt = seen.receipt
    primed = () if receipt.result is None else tuple(known(context, receipt.result, seen))
    return Previewed(receipt.result, receipt.errors, receipt.replayed, primed)


def known(context: Context, transaction: Transaction, seen: services.Preview | Simulation) -> Iterator[Known]:
    """What the fields of a transaction that is not stored would load."""
    member_id, number = transaction.member_id, transaction.id
    yield TRANSACTION, number, transaction
    yield LOTS_OF_TRANSACTION, (member_id, number), seen.lots
    yield USES_OF_TRANSACTION, (member_id, number), seen.uses
    for lot in (*seen.lots, *(lot for lot in seen.used_lots if lot is not None)):
        yield LOT, (member_id, lot.transaction_id, lot.position), lot
    yield DECISIONS_OF_TRANSACTION, number, seen.decisions
    yield APPROVALS_OF_TRANSACTION, number, seen.approvals
    yield BALANCES, BalancesAsked(context, member_id, None), seen.balances
