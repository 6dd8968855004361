"""What must always be true of loans: what is owed is what was lent and not repaid, and never more than was allowed."""

from domain.store.invariant import Invariant

LOANS = Invariant(
    "loans",
    "Of every loan is outstanding what it lent less what repaid or cancelled it took; what a member owes is the sum of that.",
    "select count(*) from loan",
    """
    with repaid as (
        select coalesce(t.loan_id, t.cancels_id) as loan_id, sum(u.points) as points
        from transaction t join lot_use u on u.transaction_id = t.id
        where t.loan_id is not null or t.cancels_id is not null group by 1
    ), lent as (
        select * from lot where origin = 'LOAN'
    ), owed as (
        select member_id, point_type_id, sum(outstanding) as outstanding from loan group by 1, 2
    )
    select 'loan ' || coalesce(n.transaction_id, l.transaction_id) as place,
           concat_ws(' ', 'lent', l.points, 'outstanding', l.points - coalesce(r.points, 0)) as expected,
           concat_ws(' ', 'lent', n.points, 'outstanding', n.outstanding) as found
    from loan n full join lent l using (member_id, transaction_id) left join repaid r on r.loan_id = l.transaction_id
    where (n.points, n.outstanding, n.point_type_id)
        is distinct from (l.points, l.points - coalesce(r.points, 0), l.point_type_id)
       or l.qualifying or l.expires_on is not null
    union all
    select 'balance of member ' || coalesce(b.member_id, o.member_id) || ', point type '
               || coalesce(b.point_type_id, o.point_type_id), coalesce(o.outstanding, 0)::text, b.loan_outstanding::text
    from balance b full join owed o using (member_id, point_type_id)
    where b.loan_outstanding is distinct from coalesce(o.outstanding, 0)
    """,
)
# What was lent at the same moment counts in the order of the loans' numbers, what was repaid then in their favor.
LENT = Invariant(
    "lent",
    "A loan that somebody asked for never brought what is owed above the maximum approved at that moment.",
    "select count(*) from loan where follows_id is null",
    """
    with asked as (
        select n.*, (
            select case when m.to_status = 'APPROVED' then m.points end
            from maximum_loan x join maximum_loan_move m on m.maximum_loan_id = x.id
            where x.member_id = n.member_id and x.point_type_id = n.point_type_id and m.created_at <= n.created_at
            order by m.id desc limit 1
        ) as maximum, (
            select coalesce(sum(o.points), 0) from loan o where o.member_id = n.member_id
                and o.point_type_id = n.point_type_id and (o.created_at, o.transaction_id) <= (n.created_at, n.transaction_id)
        ) - (
            select coalesce(sum(u.points), 0) from loan o
            join transaction t on t.loan_id = o.transaction_id or t.cancels_id = o.transaction_id
            join lot_use u on u.transaction_id = t.id
            where o.member_id = n.member_id and o.point_type_id = n.point_type_id and u.created_at <= n.created_at
        ) as owed
        from loan n where n.follows_id is null
    )
    select 'loan ' || transaction_id as place, 'at most ' || coalesce(maximum, 0) || ' owed' as expected,
           owed || ' owed' as found
    from asked where owed > coalesce(maximum, 0)
    """,
)
