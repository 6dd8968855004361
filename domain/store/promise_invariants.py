"""What must always be true of promises: of points that holds keep, and of vouchers."""

from domain.store.invariant import Invariant

HOLDS = Invariant(
    "holds",
    "What is held is what holds keep of lots that still have it; a captured hold redeemed no more than it held.",
    "select count(*) from point_hold",
    """
    select 'balance of member ' || b.member_id || ', point type ' || b.point_type_id as place,
           coalesce(h.held, 0) || ' held' as expected, b.held || ' held' as found
    from balance b left join (
        select member_id, point_type_id, sum(points) as held from point_hold where status = 'HELD' group by 1, 2
    ) h using (member_id, point_type_id)
    where b.held <> coalesce(h.held, 0)
    union all
    select 'hold ' || h.id, h.points || ' of lots', coalesce(sum(k.points), 0) || ' of lots'
    from point_hold h left join point_hold_lot k on (k.member_id, k.hold_id) = (h.member_id, h.id)
    group by h.id, h.points having h.points <> coalesce(sum(k.points), 0)
    union all
    select 'lot ' || k.lot_transaction_id || '/' || k.lot_position || ' of member ' || k.member_id, 'at most ' || l.remaining || ' held',
           sum(k.points) || ' held'
    from point_hold_lot k join point_hold h on (h.member_id, h.id) = (k.member_id, k.hold_id) and h.status = 'HELD'
    join lot l on (l.member_id, l.transaction_id, l.position) = (k.member_id, k.lot_transaction_id, k.lot_position)
    group by k.member_id, k.lot_transaction_id, k.lot_position, l.remaining having sum(k.points) > l.remaining
    union all
    select 'hold ' || h.id, h.captured || ' by transaction ' || h.transaction_id, coalesce(sum(u.points), 0)::text
    from point_hold h left join lot_use u on (u.member_id, u.transaction_id) = (h.member_id, h.transaction_id) and u.points > 0
    where h.status = 'CAPTURED' group by h.id, h.captured, h.transaction_id having h.captured <> coalesce(sum(u.points), 0)
    """,
)
VOUCHERS = Invariant(
    "vouchers",
    "A voucher's status is where its last move led, and its moves follow one another.",
    "select count(*) from voucher",
    """
    with moves as (
        select m.*, lag(m.to_status) over (partition by m.voucher_id order by m.id) as before,
               row_number() over (partition by m.voucher_id order by m.id desc) as back
        from voucher_move m
    )
    select 'voucher ' || v.number as place, coalesce(m.to_status, 'moves that make it') as expected,
           v.status as found
    from voucher v left join moves m on m.voucher_id = v.id and m.back = 1 where v.status is distinct from m.to_status
    union all
    select 'move ' || m.id || ' of voucher ' || m.voucher_id, coalesce(m.before, 'the first'), coalesce(m.from_status, 'none')
    from moves m where m.before is distinct from m.from_status
    """,
)
