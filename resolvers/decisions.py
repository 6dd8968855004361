"""Decisions and approvals: what a transaction's attempts and moves were."""

from collections.abc import Sequence

from domain.approvals import Approval
from domain.decisions import Decision
from domain.people import Scope
from domain.store import approvals, decision_reads
from domain.store.database import Reader
from resolvers.loaders import loads
from schema.loads import APPROVALS_OF_TRANSACTION, DECISIONS_OF_TRANSACTION


@loads(DECISIONS_OF_TRANSACTION)
async def _decisions(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[Decision]]:
    return await decision_reads.of_transactions(reader, scope, ids)


@loads(APPROVALS_OF_TRANSACTION)
async def _approvals(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[Approval]]:
    return await approvals.of_transactions(reader, ids)
