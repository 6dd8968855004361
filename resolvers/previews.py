"""Previews of what moves points: carried out and undone, and shown as if it had stayed."""

from collections.abc import Awaitable, Iterator

from domain.commands.loans import LoanRepay, LoanRequest
from domain.commands.transactions import OneCall, TransactionCancel, TransactionProcess
from domain.problems import Refused
from domain.services import transactions as services
from domain.services.loans import loan_preview
from domain.simulations import Simulation
from domain.transactions import Transaction
from resolvers.context import Context, Info
from schema.ledger_questions import BALANCES, BalancesAsked
from schema.loads import (
    APPROVALS_OF_TRANSACTION,
    DECISIONS_OF_TRANSACTION,
    LOT,
    LOTS_OF_TRANSACTION,
    MOVES_OF_VOUCHER,
    TRANSACTION,
    USES_OF_TRANSACTION,
    VOUCHERS_OF_TRANSACTION,
)
from schema.previews import Known, Previewed


async def previewed(info: Info, command: OneCall | TransactionProcess | TransactionCancel) -> Previewed:
    """What a command would answer now, refusals too, and what the fields of its answer would load."""
    return await _shown(info.context, services.preview(info.context.realtime, info.context.principal, command))


async def previewed_loan(info: Info, command: LoanRequest | LoanRepay) -> Previewed:
    """The same for a loan or its repayment."""
    return await _shown(info.context, loan_preview(info.context.realtime, info.context.principal, command))


async def _shown(context: Context, preview: Awaitable[services.Preview]) -> Previewed:
    try:
        seen = await preview
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
    if isinstance(seen, services.Preview):
        yield VOUCHERS_OF_TRANSACTION, number, seen.vouchers
        for voucher, moves in zip(seen.vouchers, seen.voucher_moves, strict=True):
            yield MOVES_OF_VOUCHER, voucher.id, moves
    yield BALANCES, BalancesAsked(context, member_id, None), seen.balances
