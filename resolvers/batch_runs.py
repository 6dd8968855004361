"""Root fields about runs of the batch engine: begun, stopped, looked at and watched."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import strawberry

import domain.batch_runs as d
import domain.commands.batch_runs as c
import schema.batch_runs as s
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import batch_runs as services
from domain.store import batch_runs as store
from domain.store.database import Reader
from domain.store.keyset import page_of
from resolvers.context import Info
from resolvers.ids import key
from resolvers.loaders import loads
from resolvers.roots import mutation, query, subscription
from schema.ids import unseal
from schema.loads import BATCH_RUN
from schema.pages import After, Connection, First


@loads(BATCH_RUN, node="BatchRun")
async def _runs(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.BatchRun | None]:
    return await store.load_many(reader, scope, ids)


@query(s.BatchRun | None)
async def batch_run(info: Info, id: strawberry.ID) -> d.BatchRun | None:
    """A run of the batch engine; null if there is none, or none that you may see."""
    number = _number(id)
    return None if number is None else await info.context.load(BATCH_RUN, number)


@query(Connection[s.BatchRun])
async def batch_runs(
    info: Info, program: str | None = None, first: First = 20, after: After = None
) -> Page[d.BatchRun]:
    """The runs of the batch engine, of one program or of all that you may see, the newest first."""
    context = info.context
    listing = store.listing(context.principal.scope, program)
    return await page_of(context.database, listing, PageRequest(first, after))


@mutation(s.BatchStartPayload)
async def batch_start(info: Info, input: s.BatchStartInput) -> Receipt[d.BatchRun]:
    """Let the workers work a program's queue until it is empty. A run that was stopped goes on exactly where it was."""
    context = info.context
    receipt = await services.batch_start(context.database, context.principal, c.BatchStart(program=input.program))
    if receipt.result is not None:
        context.nudge(receipt.result.program_id)
    return receipt


@mutation(s.BatchStopPayload)
async def batch_stop(info: Info, input: s.BatchStopInput) -> Receipt[d.BatchRun]:
    """End a run after the chunks in hand. What waits, and what comes, is held until `batchStart`."""
    command = c.BatchStop(id=key(input.id, "BatchRun", "input", "id"))
    return await services.batch_stop(info.context.database, info.context.principal, command)


@subscription(s.BatchRun)
async def batch_progress(info: Info, id: strawberry.ID) -> AsyncGenerator[d.BatchRun, None]:
    """A run as it is now, and again whenever it has come further; ends when the run has ended."""
    number = _number(id)
    if number is None or await info.context.load(BATCH_RUN, number) is None:
        return
    async with aclosing(info.context.watches.batch_runs.values(number)) as runs:
        async for run in runs:
            yield run
            if run.ended_at is not None:
                return


def _number(id: str) -> int | None:
    found = unseal(id)
    return found.key if found is not None and found.type == "BatchRun" and isinstance(found.key, int) else None
