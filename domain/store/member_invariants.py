"""What must always be true of members who are erased; of their profile the table itself sees to it."""

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
