"""The inbox of approvals, of all kinds."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import domain.inbox as d
import schema.inbox as s
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.services import inbox as services
from domain.store.database import Reader
from resolvers.context import Context, Info
from resolvers.inputs import some
from resolvers.loaders import loads
from resolvers.roots import query, subscription
from schema.pages import After, Connection, First


@loads(s.EFFECT)
async def _effects(reader: Reader, _: Scope, asked: list[s.EffectAsked]) -> Sequence[d.ApprovalEffect]:
    context = asked[0].context
    assert isinstance(context, Context)
    now = await context.database.now(reader)
    requests = [each.request for each in asked]
    return await services.effects(reader, context.realtime.programs, context.principal, requests, now)


@query(Connection[s.ApprovalRequest])
async def approvals(
    info: Info, filter: s.ApprovalFilter | None = None, first: First = 20, after: After = None
) -> Page[d.ApprovalRequest]:
    """Your inbox: what waits for your decision, the oldest first: where you are asked, and what your own limit covers."""
    given = filter or s.ApprovalFilter()
    wanted = d.ApprovalFilter(kinds=tuple(some(given.kinds)), submitted_to_me=given.submitted_to_me)
    return await services.approvals_list(
        info.context.database, info.context.principal, wanted, PageRequest(first, after)
    )


@subscription(s.ApprovalRequest)
async def approval_waiting(info: Info) -> AsyncGenerator[d.ApprovalRequest, None]:
    """What comes to your inbox from now on, or changes there while it waits; `approvals` has what is there already."""
    async with aclosing(info.context.watches.approvals.news(info.context.principal)) as requests:
        async for request in requests:
            yield request
