"""What limited promotions have paid: per member and span of time, and in all.

The total of a promotion is read without a lock and raised last, if the limit still allows it; else it is Contended, and the
work is done again with it locked from reading to commit. So a limit in all is exact, and holds nobody up.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from sqlalchemy import BigInteger, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.engine.limits import GrantKey
from domain.engine.outcome import Outcome
from domain.store import driver
from domain.store import tables as t
from domain.store.bulk import BulkInsert
from domain.store.database import Reader, Writer
from domain.store.failures import Contended

NOTHING = Decimal(0)
_u, _p = t.promotion_usage.c, t.promotion_total.c
MEMBERS = bindparam("members", type_=ARRAY(BigInteger))
PROMOTIONS = bindparam("promotions", type_=ARRAY(BigInteger))
SPANS = bindparam("spans", type_=ARRAY(Text))

GRANTED = select(_u.member_id, _u.promotion_id, _u.span, _u.points).where(
    _u.member_id == any_(MEMBERS), _u.promotion_id == any_(PROMOTIONS), _u.span == any_(SPANS)
)
TOTALS = select(_p.promotion_id, _p.points).where(_p.promotion_id == any_(PROMOTIONS)).order_by(_p.promotion_id)
LOCKED_TOTALS = TOTALS.with_for_update()
BEGIN = BulkInsert("promotion_total", [("promotion_id", "bigint"), ("points", "numeric")], "on conflict do nothing")
GRANT = BulkInsert(
    "promotion_usage",
    [("member_id", "bigint"), ("promotion_id", "bigint"), ("span", "text"), ("points", "numeric")],
    "on conflict (member_id, promotion_id, span) do update set points = promotion_usage.points + excluded.points",
)
PAY = """
with mine as materialized (
  select promotion_id from promotion_total where promotion_id = any($1) order by promotion_id for no key update
)
update promotion_total x set points = greatest(0, x.points + n.more)
from mine, unnest($1::bigint[], $2::numeric[], $3::numeric[]) as n(id, more, most)
where x.promotion_id = mine.promotion_id and n.id = x.promotion_id and (n.more <= 0 or x.points + n.more <= n.most)
returning x.promotion_id
"""


async def granted(
    reader: Reader, members: Collection[int], promotions: Collection[int], spans: Collection[str]
) -> dict[int, dict[GrantKey, Decimal]]:
    """What the promotions have given each member in these spans."""
    found: dict[int, dict[GrantKey, Decimal]] = defaultdict(dict)
    if spans:
        given = {"members": list(members), "promotions": list(promotions), "spans": list(spans)}
        for row in await reader.execute(GRANTED, given):
            found[row.member_id][row.promotion_id, row.span] = row.points
    return found


async def totals(reader: Reader, promotions: Collection[int]) -> dict[int, Decimal]:
    """What each promotion has paid in all so far; nobody is kept from paying more."""
    if not promotions:
        return {}
    rows = await reader.execute(TOTALS, {"promotions": list(promotions)})
    return dict.fromkeys(promotions, NOTHING) | {row.promotion_id: row.points for row in rows}


async def lock_totals(writer: Writer, promotions: Collection[int]) -> dict[int, Decimal]:
    """What each promotion has paid in all; nobody else can pay from it until this unit of work ends."""
    if not promotions:
        return {}
    await BEGIN(writer, [(promotion, Decimal(0)) for promotion in sorted(promotions)])
    rows = await writer.execute(LOCKED_TOTALS, {"promotions": list(promotions)})
    return {row.promotion_id: row.points for row in rows}


async def pay(writer: Writer, more: Mapping[int, Decimal], limits: Mapping[int, Decimal]) -> None:
    """Add what promotions with a limit in all have paid; raises Contended where the limit allows less by now."""
    if more:
        ids = sorted(more)
        await BEGIN(writer, [(each, NOTHING) for each in ids])
        paid = await driver.fetch(writer, PAY, ids, [more[each] for each in ids], [limits[each] for each in ids])
        if len(paid) < len(ids):
            raise Contended


async def record(writer: Writer, done: Iterable[Outcome]) -> None:
    """Add what a chunk gave each member."""
    given: dict[tuple[int, int, str], Decimal] = defaultdict(Decimal)
    for outcome in done:
        for grant in outcome.granted:
            given[outcome.member_id, grant.promotion_id, grant.span] += grant.points
    await GRANT(writer, [(*key, points) for key, points in sorted(given.items())])
