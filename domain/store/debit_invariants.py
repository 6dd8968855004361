"""What must always be true of what was paid for points: rows of blocks and their detail agree, and no more came back than went."""

from domain.store.invariant import Invariant

DEBITS = Invariant(
    "debits",
    "What an accrual debit or reversal moved of a block is the sum of the lots' debits that it stands for, of that block.",
    "select count(*) from partner_transaction where kind in ('ACCRUAL_DEBIT', 'ACCRUAL_REVERSAL')",
    """
    with detail as (
        select partner_transaction_id as id, sum(points) as points, min(block_id) as block_id, max(block_id) as other
        from block_debit group by 1
    ), posted as (
        select id, block_id, case kind when 'ACCRUAL_DEBIT' then points else -points end as points
        from partner_transaction where kind in ('ACCRUAL_DEBIT', 'ACCRUAL_REVERSAL')
    )
    select 'partner transaction ' || coalesce(p.id, d.id) as place,
           concat_ws(' ', coalesce(d.points, 0), 'of block', d.block_id) as expected,
           concat_ws(' ', coalesce(p.points, 0), 'of block', p.block_id) as found
    from posted p full join detail d using (id)
    where p.points is distinct from d.points or p.block_id is distinct from d.block_id or d.block_id <> d.other
    """,
)
RETURNED = Invariant(
    "returned debits",
    "What came back of a lot's debit, or was taken off a bill, is at most what it was, and of the same lot.",
    "select (select count(*) from block_debit where reverses_id is not null)"
    " + (select count(*) from billing_entry where reverses_id is not null)",
    """
    with paid as (
        select 'debit ' as what, id, reverses_id, points, points as amount, member_id, lot_transaction_id, lot_position
        from block_debit
        union all
        select 'bill ', id, reverses_id, points, amount, member_id, lot_transaction_id, lot_position from billing_entry
    )
    select d.what || d.id as place, concat_ws(' ', 'at most', d.points, 'worth', d.amount) as expected,
           concat_ws(' ', -sum(r.points), 'worth', -sum(r.amount)) as found
    from paid r join paid d on d.what = r.what and d.id = r.reverses_id
    group by d.what, d.id, d.points, d.amount, d.member_id, d.lot_transaction_id, d.lot_position
    having -sum(r.points) > d.points or -sum(r.amount) > d.amount
        or bool_or((r.member_id, r.lot_transaction_id, r.lot_position)
            <> (d.member_id, d.lot_transaction_id, d.lot_position))
    """,
)
OF_DEBITS = (DEBITS, RETURNED)
