"""Root fields about activities."""

from collections.abc import Sequence

import domain.activities as d
import domain.commands.activities as c
import schema.activities as s
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import activities as services
from domain.store import activities as store
from domain.store.database import Reader
from domain.store.keyset import page_of
from resolvers.context import Context, Info
from resolvers.ids import key
from resolvers.inputs import some
from resolvers.loaders import loads
from resolvers.roots import mutation, query
from schema.loads import ACTIVITY
from schema.pages import After, Connection, First
from schema.partners import ACTIVITIES, ActivitiesAsked


@loads(ACTIVITY, node="Activity")
async def _activities(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.Activity | None]:
    return await store.load_many(reader, scope, ids)


@ACTIVITIES.answered_by
async def _of_partner(context: Context, asked: ActivitiesAsked) -> Page[d.Activity]:
    wanted = c.ActivityFilter(partner=asked.partner, status=asked.status)
    return await page_of(
        context.database, store.listing(context.principal.scope, wanted, descending=True), asked.request
    )


@query(Connection[s.Activity])
async def activities(
    info: Info,
    filter: s.ActivityFilter | None = None,
    order_by: s.ActivityOrderBy | None = None,
    first: First = 20,
    after: After = None,
) -> Page[d.Activity]:
    """The activities that you may see, the newest first."""
    wanted, order = filter or s.ActivityFilter(), order_by or s.ActivityOrderBy()
    listing = store.listing(
        info.context.principal.scope,
        c.ActivityFilter(
            type=some(wanted.type),
            status=some(wanted.status),
            partner=wanted.partner,
            program=wanted.program,
            owner=wanted.owner,
        ),
        descending=order.direction.descending,
    )
    return await page_of(info.context.database, listing, PageRequest(first, after))


@mutation(s.ActivityClosePayload)
async def activity_close(info: Info, input: s.ActivityCloseInput) -> Receipt[d.Activity]:
    """Note that somebody has seen to it: its owner, a partner manager or an administrator."""
    command = c.ActivityClose(id=key(input.id, "Activity", "input", "id"), comment=input.comment)
    return await services.activity_close(info.context.database, info.context.principal, command)
