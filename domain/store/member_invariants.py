"""What must always be true of members who are merged or erased; of the profile of an erased one the table itself sees to it."""

from domain.store.invariant import Invariant

ERASED = Invariant(
    "erased",
    "An erased member has no cards and no login.",
    "select count(*) from member where erased_at is not null",
    """
    with erased as (select id from member where erased_at is not null)
    select 'member ' || member_id as place, 'no cards' as expected, count(*)::text as found
    from member_identifier join erased on erased.id = member_id group by member_id
    union all
    select 'person ' || p.id, 'no login of an erased member', p.subject
    from person p join erased on erased.id = p.member_id where p.active or p.email is not null
    """,
)
MERGES = Invariant(
    "merges",
    "Who was merged has nothing but what had lapsed before, and is on the list of who stayed, who was not merged.",
    "select count(*) from member where merged_into_id is not null",
    """
    select 'member ' || m.id as place, 'merged into member ' || m.merged_into_id || ', with nothing left' as expected,
           concat_ws(' ', case when s.merged_into_id is not null then 'into one who was merged' end,
                     case when coalesce(m.id = any(s.absorbed), false) then 'on the list' else 'not on the list' end,
                     'with', (select coalesce(sum(b.available + b.held + b.pending), 0) from balance b where b.member_id = m.id)
           ) as found
    from member m left join member s on s.id = m.merged_into_id and s.program_id = m.program_id
    cross join lateral (
        select coalesce(max((c.created_at at time zone p.time_zone)::date), '-infinity') as day
        from member_change c join program p on p.id = m.program_id where c.member_id = m.id and c.to_status = 'MERGED'
    ) merged
    where m.merged_into_id is not null and (s.id is null or s.merged_into_id is not null
        or not coalesce(m.id = any(s.absorbed), false)
        or exists (
            select from balance b where b.member_id = m.id and b.available + b.held + b.pending > 0
                and (b.changes_on is null or b.changes_on > merged.day)
        ) or exists (
            select from lot l where l.member_id = m.id and l.remaining > 0 and not l.extended
                and (l.expires_on is null or l.expires_on >= merged.day)
        ))
    """,
)
