"""Explanations: why transactions gave or took what they did, one list of sentences for every attempt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.decided_costs import refusal_told, shown_to
from domain.decisions import Decision
from domain.engine.explain import Story, explain
from domain.lots import Lot, LotUse
from domain.people import Scope
from domain.store import decision_reads, ledger_reads, products, promotion_steps
from domain.store.database import Reader
from domain.transactions import Transaction


@dataclass(frozen=True, slots=True)
class _Ledger:
    """What one transaction left in the ledger."""

    lots: Sequence[Lot]
    uses: Sequence[LotUse]
    sources: Sequence[Lot | None]


async def explanations(
    reader: Reader, scope: Scope, transaction: Transaction, *, told_to: Scope | None = None
) -> list[list[str]]:
    """The sentences for each attempt at a transaction, the first one first; none if it was never worked. `told_to`: whoever
    reads them, if it is not who asks.
    """
    [attempts] = await decision_reads.of_transactions(reader, scope, [transaction.id])
    ledger = await _ledger(reader, scope, (transaction.member_id, transaction.id))
    product = None
    if transaction.product_id is not None:
        [product] = await products.load_many(reader, scope, [transaction.product_id])
    code = None if product is None else product.code
    [payout] = await promotion_steps.of_transactions(reader, [transaction.id])
    told = [_told(attempt, told_to or scope) for attempt in attempts]
    return [explain(replace(_story(attempt, transaction, code, ledger), payout=payout)) for attempt in told]


def _told(decision: Decision, scope: Scope) -> Decision:
    refusal = None if decision.refusal is None else refusal_told(scope, None, decision.refusal)
    debits, bills = shown_to(scope, decision.debits), shown_to(scope, decision.bills)
    return replace(decision, refusal=refusal, debits=debits, bills=bills)


async def _ledger(reader: Reader, scope: Scope, key: tuple[int, int]) -> _Ledger:
    [lots] = await ledger_reads.lots_of_transactions(reader, scope, [key])
    [uses] = await ledger_reads.uses_of_transactions(reader, scope, [key])
    keys = [(use.member_id, use.lot_transaction_id, use.lot_position) for use in uses]
    return _Ledger(lots, uses, await ledger_reads.lots_by_key(reader, scope, keys) if keys else ())


def _story(attempt: Decision, transaction: Transaction, product: str | None, ledger: _Ledger) -> Story:
    """The ledger knows no attempts: it belongs to the one that went through."""
    if attempt.refusal is not None:
        return Story(decision=attempt, transaction=transaction, product=product)
    return Story(
        decision=attempt,
        transaction=transaction,
        product=product,
        lots=ledger.lots,
        uses=ledger.uses,
        sources=ledger.sources,
    )
