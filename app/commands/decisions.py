"""`milepost explain`: why a transaction gave or took what it did, in sentences."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import Program, with_runtime
from app.failures import Failure

if TYPE_CHECKING:
    from app.runtime import Runtime
    from domain.transactions import Transaction

ExternalId = Annotated[str, typer.Argument(metavar="EXTERNAL_ID", help="What the transaction is called outside.")]

MOST = 20
"""How many transactions with the same external id (of several sources or partners) are explained."""


def explain(external_id: ExternalId, *, program: Program) -> None:
    """Explain a transaction: what it was worth, by which rule, which lots it made or took, and what refused it.

    Example: milepost explain basket-31198459904 --program GROCER
    """

    async def tell(runtime: "Runtime") -> list[str]:
        from domain.commands.transactions import TransactionFilter, TransactionOrder
        from domain.pages import PageRequest
        from domain.people import ENGINE
        from domain.services.explanations import explanations
        from domain.services.transactions.listing import transactions_list

        wanted = TransactionFilter(program=program, external_id=external_id)
        order, request = TransactionOrder.CREATED, PageRequest(first=MOST)
        page = await transactions_list(runtime.database, ENGINE, wanted, order, request)
        async with runtime.database.read() as reader:
            await runtime.programs.id_of(reader, program, "program")
            found = [edge.node for edge in page.edges]
            told = [await explanations(reader, ENGINE.scope, each) for each in found]
        return [line for each, attempts in zip(found, told, strict=True) for line in _lines(each, attempts)]

    lines = with_runtime(tell)
    if not lines:
        raise Failure(f"{program} has no transaction with the external id {external_id!r}.")
    print("\n".join(lines))


def _lines(transaction: "Transaction", attempts: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"{transaction.type.value}/{transaction.sub_type.value} of {transaction.transaction_date}: {transaction.status.value}"
    if not attempts:
        yield "  It was not worked yet."
    for sentences in attempts:
        yield from (f"  {sentence}" for sentence in sentences)
