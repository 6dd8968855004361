"""`milepost explain`: why a transaction gave or took what it did, in sentences."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import Program, with_runtime
from app.failures import Failure

if TYPE_CHECKING:
    from app.runtime import Runtime
    from domain.store.database import Reader
    from domain.transactions import Transaction

ExternalId = Annotated[str, typer.Argument(metavar="EXTERNAL_ID", help="What the transaction is called outside.")]

Source = Annotated[str | None, typer.Option(metavar="NAME", help="Only the one that this system sent.")]

MOST = 20
"""How many transactions with the same external id (of several sources or partners) are explained."""


def explain(external_id: ExternalId, *, program: Program, source: Source = None) -> None:
    """Explain a transaction: what it was worth, by which rule, which lots it made or took, and what refused it.

    Example: milepost explain basket-31198459904 --program GROCER
    """

    async def tell(runtime: "Runtime") -> list[str]:
        from domain.commands.transactions import TransactionFilter, TransactionOrder
        from domain.pages import PageRequest
        from domain.people import ENGINE
        from domain.services.explanations import explanations
        from domain.services.transactions.listing import transactions_list

        wanted = TransactionFilter(program=program, external_id=external_id, source=source)
        order, request = TransactionOrder.CREATED, PageRequest(first=MOST)
        page = await transactions_list(runtime.database, ENGINE, wanted, order, request)
        async with runtime.database.read() as reader:
            await runtime.programs.id_of(reader, program, "program")
            found = [edge.node for edge in page.edges]
            told = [await explanations(reader, ENGINE.scope, each) for each in found]
            sent = await _sent(reader, found) if len(found) > 1 else [""] * len(found)
        return [line for each in zip(found, sent, told, strict=True) for line in _lines(*each)]

    lines = with_runtime(tell)
    if not lines:
        sent = "" if source is None else f" of the source {source!r}"
        raise Failure(f"{program} has no transaction with the external id {external_id!r}{sent}.")
    print("\n".join(lines))


async def _sent(reader: "Reader", transactions: "Sequence[Transaction]") -> list[str]:
    """What tells transactions with the same external id apart: their sources and partners."""
    from domain.people import ENGINE
    from domain.store import partners

    companies = await partners.load_many(reader, ENGINE.scope, [each.partner_id or 0 for each in transactions])
    sources = [f", source {each.source}" if each.source else ", no source" for each in transactions]
    at = [f", partner {company.code}" if company else "" for company in companies]
    return [source + partner for source, partner in zip(sources, at, strict=True)]


def _lines(transaction: "Transaction", sent: str, attempts: Sequence[Sequence[str]]) -> Iterator[str]:
    kind = f"{transaction.type.value}/{transaction.sub_type.value}"
    yield f"{kind} of {transaction.transaction_date}{sent}: {transaction.status.value}"
    if not attempts:
        yield "  It was not worked yet."
    for sentences in attempts:
        yield from (f"  {sentence}" for sentence in sentences)
