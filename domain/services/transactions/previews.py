"""Previews: the same unit of work as the real thing, looked at from inside, and undone. Nothing of it stays, not even its key.

What the fields of the answer would show is read before it is undone, by the same reads that serve the real thing.
"""

from dataclasses import dataclass, field

from domain.approvals import Approval
from domain.commands.transactions import OneCall, TransactionCancel, TransactionProcess
from domain.decisions import Decision
from domain.lots import Lot, LotUse
from domain.members import Balance
from domain.people import Principal, Scope
from domain.receipts import Receipt
from domain.services.posting.desk import Desk
from domain.services.posting.group import Group
from domain.services.transactions.pressing import posting_of
from domain.services.transactions.reversing import reversal_of
from domain.store import approvals, balances, decision_reads, ledger_reads, vouchers
from domain.store.database import Writer
from domain.transactions import Transaction
from domain.vouchers import Voucher, VoucherMoved


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The answer, and the rows behind it: `lots` and `uses` of the transaction, the lots that `uses` took from (in their order,
    as they would be afterwards), every attempt's decision, the moves, and the member's balances afterwards.
    """

    receipt: Receipt[Transaction]
    lots: list[Lot]
    uses: list[LotUse]
    used_lots: list[Lot | None]
    decisions: list[Decision]
    approvals: list[Approval]
    balances: list[Balance]
    vouchers: list[Voucher] = field(default_factory=list)
    voucher_moves: list[list[VoucherMoved]] = field(default_factory=list)
    """Of each of the vouchers."""


async def preview(desk: Desk, actor: Principal, command: OneCall | TransactionProcess | TransactionCancel) -> Preview:
    """What the command would do now; its key is not looked at. Raises Refused as the command itself does."""
    if isinstance(command, TransactionCancel):
        posting = await reversal_of(desk, actor, command)
    else:
        posting = await posting_of(desk, actor, command)
    async with desk.database.rehearse() as writer:
        group = Group(desk.database, desk.programs, writer, posting.program_id, [posting], claiming=False, alone=True)
        [receipt] = await group.post()
        return await seen(desk, writer, posting.actor.scope, receipt)


async def seen(desk: Desk, writer: Writer, scope: Scope, receipt: Receipt[Transaction]) -> Preview:
    """What an answer would show, read inside the unit of work that is about to be undone."""
    transaction = receipt.result
    if transaction is None:
        return Preview(receipt=receipt, lots=[], uses=[], used_lots=[], decisions=[], approvals=[], balances=[])
    key = (transaction.member_id, transaction.id)
    [uses] = await ledger_reads.uses_of_transactions(writer, scope, [key])
    used = [(use.member_id, use.lot_transaction_id, use.lot_position) for use in uses]
    [lots] = await ledger_reads.lots_of_transactions(writer, scope, [key])
    [decisions] = await decision_reads.of_transactions(writer, scope, [transaction.id])
    [moves] = await approvals.of_transactions(writer, [transaction.id])
    now = await desk.database.now(writer)
    [given_or_used] = await vouchers.load_of_transactions(writer, scope, [transaction.id])
    [after] = await balances.load_many(writer, scope, [transaction.member_id], now)
    return Preview(
        receipt=receipt,
        lots=lots,
        uses=uses,
        used_lots=await ledger_reads.lots_by_key(writer, scope, used),
        decisions=decisions,
        approvals=moves,
        balances=after,
        vouchers=given_or_used,
        voucher_moves=await vouchers.load_moves(writer, scope, [each.id for each in given_or_used]),
    )
