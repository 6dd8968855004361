"""What must always be true of partner programs: statuses are where recorded moves lead, and what a membership gives follows it."""

from collections.abc import Iterable

from domain import applications, memberships
from domain.store.invariant import Invariant


def values_of(changes: Iterable[tuple[str | None, str, str]]) -> str:
    """Changes of status as rows of SQL, made of our own tables of moves."""
    return ", ".join(
        f"({'null' if before is None else repr(before)}, '{move}', '{to}')"
        for before, move, to in sorted(changes, key=lambda change: (change[0] or "", *change[1:]))
    )


def moves_of(name: str, thing: str, changes: str) -> Invariant:
    """Statuses of `thing` are where its moves lead, each an allowed one that begins where the one before ended."""
    return Invariant(
        name,
        f"Every {thing} is where its recorded moves lead, and each of them is an allowed one.",
        f"select count(*) from {thing}",  # noqa: S608
        f"""
        with moves as (
            select *, lag(to_status) over (partition by {thing}_id order by id) as arrived,
                   lead(id) over (partition by {thing}_id order by id) as next
            from {thing}_move
        )
        select '{thing} ' || t.id as place, coalesce(m.to_status, 'a move') as expected, t.status as found
        from {thing} t left join moves m on m.{thing}_id = t.id and m.next is null
        where m.to_status is distinct from t.status
        union all
        select 'move ' || m.id || ' of {thing} ' || m.{thing}_id, 'an allowed move from ' || coalesce(m.arrived, 'new'),
               m.move || ' from ' || coalesce(m.from_status, 'new') || ' to ' || m.to_status
        from moves m
        where m.arrived is distinct from m.from_status or not exists (
            select from (values {changes}) as a(before, move, after)
            where a.before is not distinct from m.from_status and a.move = m.move and a.after = m.to_status
        )
        """,  # noqa: S608
    )


MEMBERSHIPS = moves_of(
    "memberships",
    "membership",
    values_of((before and before.value, move.value, to.value) for before, move, to in memberships.CHANGES),
)
APPLICATIONS = moves_of(
    "applications",
    "application",
    values_of((before and before.value, move.value, to.value) for before, move, to in applications.CHANGES),
)
MEMBER_ONCE = Invariant(
    "one membership",
    "A partner has at most one membership of a program that is CURRENT or in grace, and one that is APPROVED beside it.",
    "select count(*) from membership",
    """
    select 'partner ' || partner_id || ' in partner program ' || partner_program_id as place, 'one at most' as expected,
           string_agg(status || ' ' || id, ', ' order by id) as found
    from membership where status in ('CURRENT', 'IN_GRACE_PERIOD', 'APPROVED')
    group by partner_program_id, partner_id
    having count(*) filter (where status <> 'APPROVED') > 1 or count(*) filter (where status = 'APPROVED') > 1
        or (count(*) filter (where status = 'APPROVED') = 1 and count(*) filter (where status <> 'APPROVED') = 0)
    """,
)
AGREEMENTS = Invariant(
    "agreements",
    "The lines of an agreement never overlap for one partner, and follow the status of their membership.",
    "select count(*) from agreement_line",
    """
    with lines as (
        select l.*, m.partner_program_id, m.partner_id, m.status as of_status
        from agreement_line l join membership m on m.id = l.membership_id
    )
    select 'line ' || a.id || ' of membership ' || a.membership_id as place,
           'no overlap with line ' || b.id as expected, a.starts_on || ' to ' || a.ends_on as found
    from lines a join lines b on (b.partner_program_id, b.partner_id, b.code) = (a.partner_program_id, a.partner_id, a.code)
        and b.id > a.id and a.status <> 'CANCELLED' and b.status <> 'CANCELLED'
        and a.starts_on <= b.ends_on and b.starts_on <= a.ends_on
    union all
    select 'line ' || id || ' of membership ' || membership_id, 'a status that fits ' || of_status, status
    from lines
    where status <> 'EXPIRED' and status <> case of_status
        when 'APPROVED' then 'PENDING' when 'EXPIRED' then 'EXPIRED' when 'TERMINATED' then 'CANCELLED' else 'CURRENT' end
    """,
)
ENTITLEMENTS = Invariant(
    "entitlements",
    "What a membership entitles to goes on as long as the membership, and ends with it.",
    "select count(*) from entitlement",
    """
    select 'entitlement ' || e.id || ' of membership ' || m.id as place,
           case when m.closed_on is null then 'no end' else 'an end by ' || m.closed_on end as expected,
           coalesce(e.ends_on::text, 'no end') as found
    from entitlement e join membership m on m.id = e.membership_id
    where e.ends_on is distinct from case when m.closed_on is not null then greatest(m.closed_on, e.starts_on - 1) end
    """,
)

OF_MEMBERSHIPS = (MEMBERSHIPS, APPLICATIONS, MEMBER_ONCE, AGREEMENTS, ENTITLEMENTS)
