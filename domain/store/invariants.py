"""What must always be true of the ledger, as questions to the database: each answers the rows that break it, and how many it looked at.

They start from the append-only rows; caches (`remaining`, `balance`, totals) are what is checked against them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from domain.moves import CHANGES
from domain.store.database import Reader


@dataclass(frozen=True, slots=True)
class Invariant:
    """`rows` counts what is looked at; `violations` selects what is wrong: where, what it should be, what it is."""

    name: str
    says: str
    rows: str
    violations: str


LOTS = Invariant(
    "lots",
    "A lot's points are what remains of it and what was taken; nothing remains below zero or above its points.",
    "select count(*) from lot",
    """
    select 'lot of member ' || l.member_id || ', transaction ' || l.transaction_id || ', position ' || l.position as place,
           (l.points - coalesce(u.taken, 0))::text as expected, l.remaining::text as found
    from lot l left join (
        select member_id, lot_transaction_id, lot_position, sum(points) as taken from lot_use group by 1, 2, 3
    ) u on (u.member_id, u.lot_transaction_id, u.lot_position) = (l.member_id, l.transaction_id, l.position)
    where l.remaining <> l.points - coalesce(u.taken, 0) or l.remaining not between 0 and l.points
       or l.open <> (l.remaining > 0)
    """,
)
RESTORES = Invariant(
    "restores",
    "What is restored of a use is at most what it took, and goes back to the same lot.",
    "select count(*) from lot_use where reverses_transaction_id is not null",
    """
    select 'use ' || u.position || ' of transaction ' || u.transaction_id as place, 'at most ' || u.points as expected,
           (-sum(r.points))::text as found
    from lot_use u join lot_use r on (r.member_id, r.reverses_transaction_id, r.reverses_position)
        = (u.member_id, u.transaction_id, u.position)
    group by u.member_id, u.transaction_id, u.position, u.points, u.lot_transaction_id, u.lot_position
    having -sum(r.points) > u.points
        or bool_or((r.lot_transaction_id, r.lot_position) <> (u.lot_transaction_id, u.lot_position))
    """,
)
USES = Invariant(
    "uses",
    "Every use takes from a lot of the same member and point type.",
    "select count(*) from lot_use",
    """
    select 'use ' || u.position || ' of transaction ' || u.transaction_id as place,
           'a lot of member ' || u.member_id || ' and point type ' || u.point_type_id as expected, 'none' as found
    from lot_use u left join lot l on (l.member_id, l.transaction_id, l.position, l.point_type_id)
        = (u.member_id, u.lot_transaction_id, u.lot_position, u.point_type_id)
    where l.member_id is null
    """,
)
SUMS = Invariant(
    "sums",
    "Lifetime figures of a balance are the sums of lots and uses.",
    "select count(*) from balance",
    """
    with earned as (
        select member_id, point_type_id, sum(points) as earned, sum(points) filter (where qualifying) as qualifying
        from lot group by 1, 2
    ), taken as (
        select u.member_id, u.point_type_id, sum(u.points) filter (where t.sub_type <> 'EXPIRY') as redeemed,
               sum(u.points) filter (where t.sub_type = 'EXPIRY') as expired
        from lot_use u join transaction t on t.id = u.transaction_id group by 1, 2
    )
    select 'balance of member ' || coalesce(b.member_id, e.member_id) || ', point type '
               || coalesce(b.point_type_id, e.point_type_id) as place,
           concat_ws(' ', 'earned', coalesce(e.earned, 0), 'redeemed', coalesce(k.redeemed, 0), 'expired',
                     coalesce(k.expired, 0), 'qualifying', coalesce(e.qualifying, 0)) as expected,
           concat_ws(' ', 'earned', b.earned, 'redeemed', b.redeemed, 'expired', b.expired, 'qualifying',
                     b.lifetime_qualifying) as found
    from balance b full join earned e using (member_id, point_type_id) left join taken k using (member_id, point_type_id)
    where (b.earned, b.redeemed, b.expired, b.lifetime_qualifying) is distinct from
          (coalesce(e.earned, 0), coalesce(k.redeemed, 0), coalesce(k.expired, 0), coalesce(e.qualifying, 0))
    """,
)
AVAILABLE = Invariant(
    "available",
    "What is available and pending is the sum of lots, usable and yet to come, while the cache says that it is current.",
    "select count(*) from balance",
    """
    with today as (select id as program_id, (:now at time zone time_zone)::date as today from program),
    lots as (
        select l.*, greatest(l.expires_on, x.expires_on) as lapses_on, d.today from lot l join today d using (program_id)
        left join lateral (
            select max(expires_on) as expires_on from lot_extension x where (x.member_id, x.lot_transaction_id, x.lot_position)
                = (l.member_id, l.transaction_id, l.position)
        ) x on l.extends_by is not null or l.extended
        where l.open
    ), sums as (
        select member_id, point_type_id,
               coalesce(sum(remaining) filter (where coalesce(effective_on <= today, true)
                   and coalesce(lapses_on >= today, true)), 0) as usable,
               coalesce(sum(remaining) filter (where effective_on > today and coalesce(lapses_on >= today, true)), 0) as pending
        from lots group by 1, 2
    )
    select 'balance of member ' || b.member_id || ', point type ' || b.point_type_id as place,
           concat_ws(' ', 'available', coalesce(s.usable, 0) - b.held, 'pending', coalesce(s.pending, 0)) as expected,
           concat_ws(' ', 'available', b.available, 'pending', b.pending) as found
    from balance b join point_type p on p.id = b.point_type_id join today d on d.program_id = p.program_id
    left join sums s using (member_id, point_type_id)
    where (b.changes_on is null or b.changes_on > d.today)
      and (b.available, b.pending) is distinct from (coalesce(s.usable, 0) - b.held, coalesce(s.pending, 0))
    """,
)
TOTALS = Invariant(
    "totals",
    "A processed transaction's totals are the sums of the lots it made, or of the uses by which it took.",
    "select count(*) from transaction where status = 'PROCESSED'",
    """
    with moved as (
        select transaction_id, point_type_id, sum(points) as points from lot group by 1, 2
        union all
        select transaction_id, point_type_id, sum(points) from lot_use group by 1, 2
    ), said as (
        select t.id as transaction_id, (x->>0)::bigint as point_type_id, (x->>3)::bigint as points
        from transaction t cross join lateral jsonb_array_elements(t.totals) x
    )
    select 'transaction ' || coalesce(s.transaction_id, m.transaction_id) as place, coalesce(m.points, 0)::text as expected,
           coalesce(s.points, 0)::text as found
    from said s full join moved m using (transaction_id, point_type_id)
    where s.points is distinct from m.points
    """,
)
DECISIONS = Invariant(
    "decisions",
    "Every processing attempt has exactly one decision.",
    "select count(*) from transaction",
    """
    select 'transaction ' || t.id as place, t.attempts || ' decisions' as expected, count(d.attempt) || ' decisions' as found
    from transaction t left join decision d on d.transaction_id = t.id
    group by t.id, t.attempts
    having count(d.attempt) <> t.attempts or max(d.attempt) <> t.attempts
    """,
)
# Of what happened at one moment nobody knows the order: an extension made then counts in the redemption's favor.
ORDER = Invariant(
    "order",
    "A redemption takes nearest expiry first: no usable lot before one that paid kept any points.",
    "select count(*) from lot_use u join transaction t on t.id = u.transaction_id where t.sub_type = 'PRODUCT'",
    """
    with paid as (
        select u.member_id, u.point_type_id, u.transaction_id, u.created_at, l.transaction_id as lot, l.position,
               greatest(l.expires_on, (select max(x.expires_on) from lot_extension x where (x.member_id, x.lot_transaction_id,
                   x.lot_position) = (l.member_id, l.transaction_id, l.position) and x.created_at < u.created_at)) as expires_on,
               l.transaction_date, (u.created_at at time zone p.time_zone)::date as today,
               coalesce((p.settings->>'spend_qualifying')::boolean, true) as spend_qualifying
        from lot_use u
        join lot l on (l.member_id, l.transaction_id, l.position) = (u.member_id, u.lot_transaction_id, u.lot_position)
        join transaction t on t.id = u.transaction_id and t.type = 'REDEMPTION' and t.sub_type = 'PRODUCT'
        join program p on p.id = t.program_id
    )
    select 'transaction ' || p.transaction_id as place, 'first of lot ' || e.transaction_id || '/' || e.position as expected,
           'lot ' || p.lot || '/' || p.position as found
    from paid p join lot e on e.member_id = p.member_id and e.point_type_id = p.point_type_id and e.created_at < p.created_at
    cross join lateral (
        select greatest(e.expires_on, (select max(x.expires_on) from lot_extension x where (x.member_id, x.lot_transaction_id,
            x.lot_position) = (e.member_id, e.transaction_id, e.position) and x.created_at <= p.created_at)) as expires_on
    ) z
    where (coalesce(z.expires_on, 'infinity'), e.transaction_date, e.transaction_id, e.position)
        < (coalesce(p.expires_on, 'infinity'), p.transaction_date, p.lot, p.position)
      and coalesce(e.effective_on <= p.today, true) and coalesce(z.expires_on >= p.today, true)
      and (p.spend_qualifying or not e.qualifying)
      and e.points > (
        select coalesce(sum(u.points), 0) from lot_use u where (u.member_id, u.lot_transaction_id, u.lot_position)
            = (e.member_id, e.transaction_id, e.position) and u.created_at <= p.created_at
      )
    """,
)
EXTERNAL_IDS = Invariant(
    "external ids",
    "One transaction for each external id, and the other way round.",
    "select count(*) from external_id",
    """
    select 'transaction ' || coalesce(t.id, e.transaction_id) as place, coalesce(t.external_id, 'none') as expected,
           coalesce(e.external_id, 'none') as found
    from (select * from transaction where external_id is not null) t
    full join external_id e on e.transaction_id = t.id
    where (t.program_id, t.external_id, t.partner_id, t.source)
        is distinct from (e.program_id, e.external_id, e.partner_id, e.source)
    """,
)
EXTENSIONS = Invariant(
    "extensions",
    "A lot that has extensions says so: it lapses by inactivity, or is marked as extended.",
    "select count(*) from lot_extension",
    """
    select 'lot of member ' || x.member_id || ', transaction ' || x.lot_transaction_id || ', position ' || x.lot_position
               as place,
           'a lot that lapses by inactivity or is marked as extended' as expected,
           case when l.member_id is null then 'no lot' else 'one that is not' end as found
    from lot_extension x left join lot l on (l.member_id, l.transaction_id, l.position)
        = (x.member_id, x.lot_transaction_id, x.lot_position)
    where l.member_id is null or (l.extends_by is null and not l.extended)
    """,
)
TIERS = Invariant(
    "tiers",
    "A member's tiers of a class follow one another without gaps, and only the last goes on.",
    "select count(*) from member_tier",
    """
    with rows as (
        select *, lead(starts_on) over (partition by member_id, tier_class order by starts_on, id) as follows_on from member_tier
    )
    select 'tier ' || tier || ' of member ' || member_id || ' from ' || starts_on as place,
           case when follows_on is null then 'open' else 'through ' || follows_on - 1 end as expected,
           case when open then 'open' else 'through ' || ends_on end as found
    from rows where open <> (follows_on is null) or ends_on <> follows_on - 1
    """,
)
QUEUE = Invariant(
    "queue",
    "Exactly the QUEUED transactions wait in the queue.",
    "select count(*) from queued",
    """
    select 'transaction ' || coalesce(t.id, q.transaction_id) as place,
           case when t.id is null then 'not in the queue' else 'in the queue' end as expected,
           case when q.transaction_id is null then 'not in the queue' else 'in the queue' end as found
    from (select * from transaction where status = 'QUEUED') t full join queued q on q.transaction_id = t.id
    where t.id is null or q.transaction_id is null
    """,
)
_ALLOWED = ", ".join(
    f"({'null' if before is None else repr(before.value)}, '{after.value}')"
    for before, after in sorted(CHANGES, key=lambda change: (change[0].value if change[0] else "", change[1].value))
)
MOVES = Invariant(
    "moves",
    "Every recorded change of status is an allowed move.",
    "select count(*) from approval",
    f"""
    select 'approval ' || a.id || ' of transaction ' || a.transaction_id as place, 'an allowed move' as expected,
           coalesce(a.from_status, 'new') || ' to ' || a.to_status as found
    from approval a
    where not exists (
        select from (values {_ALLOWED}) as m(before, after)
        where m.before is not distinct from a.from_status and m.after = a.to_status
    )
    """,  # noqa: S608 - made of our own table of moves
)
ISSUED = Invariant(
    "issued",
    "Per point type: issued = held by members + redeemed + expired, to the point.",
    "select count(*) from point_type",
    """
    select 'point type ' || p.code || ' of program ' || p.program_id as place, coalesce(l.issued, 0)::text as expected,
           (coalesce(l.held, 0) + coalesce(u.taken, 0))::text as found
    from point_type p
    left join (select point_type_id, sum(points) as issued, sum(remaining) as held from lot group by 1) l
        on l.point_type_id = p.id
    left join (select point_type_id, sum(points) as taken from lot_use group by 1) u on u.point_type_id = p.id
    where coalesce(l.issued, 0) <> coalesce(l.held, 0) + coalesce(u.taken, 0)
    """,
)

INVARIANTS: tuple[Invariant, ...] = (
    LOTS, RESTORES, USES, SUMS, AVAILABLE, TOTALS, DECISIONS, ORDER, EXTENSIONS, TIERS, EXTERNAL_IDS, QUEUE, MOVES, ISSUED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Violation:
    """A row that breaks an invariant."""

    place: str
    expected: str
    found: str


async def count(reader: Reader, invariant: Invariant) -> int:
    """How many rows an invariant is about."""
    found: int = (await reader.execute(text(invariant.rows))).scalar_one()
    return found


async def violations(reader: Reader, invariant: Invariant, now: datetime, most: int) -> Sequence[Violation]:
    """The first so many rows that break it."""
    query = text(f"{invariant.violations} limit {int(most)}")
    parameters: dict[str, Any] = {"now": now} if ":now" in invariant.violations else {}
    return [Violation(*row) for row in await reader.execute(query, parameters)]
