"""What must always be true of blocks: what is left is the sum of their partner transactions, and nobody owes beyond their credit."""

from domain.store.invariant import Invariant

# A reversal can make a block of what has nowhere else to go, in several rows at once.
BLOCKS = Invariant(
    "blocks",
    "What remains of a block is what its partner transactions brought less what they took, the purchase or carving first,"
    " all of them of its owner.",
    "select count(*) from point_block",
    """
    with moved as (
        select b.id, coalesce(sum(case t.direction when 'CREDIT' then t.points else -t.points end), 0) as remaining,
               min(t.id) as first, count(t.id) filter (where (t.program_id, coalesce(t.partner_id, 0))
                   is distinct from (b.program_id, coalesce(b.partner_id, 0))) as foreign_rows
        from point_block b left join partner_transaction t on t.block_id = b.id group by b.id
    )
    select 'block ' || b.id as place,
           concat_ws(' ', 'remaining', m.remaining, 'of', case when f.kind in ('PURCHASE', 'CARVE') then f.points else b.original end,
                     'with rows of its owner alone') as expected,
           concat_ws(' ', 'remaining', b.remaining, 'of', b.original, 'with', m.foreign_rows, 'rows of others') as found
    from point_block b join moved m using (id) left join partner_transaction f on f.id = m.first
    where b.remaining <> m.remaining or m.foreign_rows > 0
       or (b.kind <> 'OVERDRAFT' and (f.id is null) <> (b.status not in ('APPROVED', 'CLOSED')))
       or (f.kind in ('PURCHASE', 'CARVE') and f.points <> b.original)
       or (b.kind in ('NORMAL', 'RESERVE', 'PROMOTION') and f.direction = 'DEBIT')
    """,
)
OVERDRAFTS = Invariant(
    "overdrafts",
    "Nobody has overdrawn more than the credit of their terms.",
    "select count(*) from point_block where kind = 'OVERDRAFT'",
    """
    select 'block ' || b.id as place, 'at most ' || coalesce(t.credit_limit, 0) || ' overdrawn' as expected,
           -b.remaining || ' overdrawn' as found
    from point_block b left join partner_terms t on t.program_id = b.program_id and t.partner_id = b.partner_id
    where b.kind = 'OVERDRAFT' and -b.remaining > coalesce(t.credit_limit, 0)
    """,
)
CARVINGS = Invariant(
    "carvings",
    "What a block was carved with came out of its parent, of the same owner; what was returned by some blocks of an owner came to others.",
    "select count(*) from partner_transaction where kind in ('CARVE', 'RETURN')",
    """
    with carved as (
        select parent_id as id, sum(original) as points from point_block where parent_id is not null group by 1
    ), gave as (
        select block_id as id, sum(points) as points from partner_transaction
        where kind = 'CARVE' and direction = 'DEBIT' group by 1
    ), returned as (
        select program_id, partner_id, sum(case direction when 'CREDIT' then points else -points end) as points
        from partner_transaction where kind = 'RETURN' group by 1, 2
    )
    select 'block ' || coalesce(c.id, g.id) as place, coalesce(c.points, 0) || ' carved' as expected,
           coalesce(g.points, 0) || ' carved' as found
    from carved c full join gave g using (id) where c.points is distinct from g.points
    union all
    select 'block ' || b.id, 'of the owner of block ' || p.id, 'of another'
    from point_block b join point_block p on p.id = b.parent_id
    where (b.program_id, coalesce(b.partner_id, 0)) <> (p.program_id, coalesce(p.partner_id, 0))
    union all
    select concat_ws(' ', 'program', program_id, 'partner', partner_id), '0 more returned than left', points::text
    from returned where points <> 0
    """,
)
BLOCK_MOVES = Invariant(
    "block moves",
    "Every move of a block begins where the one before ended, and the last one ends where the block is.",
    "select count(*) from point_block_move",
    """
    with chain as (
        select id, point_block_id, move, from_status, to_status,
               lag(to_status) over (partition by point_block_id order by id) as before,
               row_number() over (partition by point_block_id order by id desc) as from_end
        from point_block_move
    )
    select 'move ' || c.id || ' of block ' || c.point_block_id as place,
           concat_ws(' ', 'from', coalesce(c.before, 'nothing'), 'to', case from_end when 1 then b.status else c.to_status end)
               as expected,
           concat_ws(' ', 'from', coalesce(c.from_status, 'nothing'), 'to', c.to_status) as found
    from chain c join point_block b on b.id = c.point_block_id
    where c.from_status is distinct from c.before or (from_end = 1 and c.to_status <> b.status)
    """,
)
FEE_REFUNDS = Invariant(
    "fee refunds",
    "A refund gives back one fee of the same owner, whole.",
    "select count(*) from partner_transaction where kind = 'REFUND'",
    """
    select 'partner transaction ' || r.id as place, concat_ws(' ', f.kind, f.points, f.amount, f.currency) as expected,
           concat_ws(' ', 'refund of', r.points, r.amount, r.currency) as found
    from partner_transaction r join partner_transaction f on f.id = r.refunds_id
    where f.kind <> 'FEE' or (r.program_id, r.partner_id, r.points, r.amount, r.currency)
        is distinct from (f.program_id, f.partner_id, f.points, f.amount, f.currency)
    """,
)
OF_BLOCKS = (BLOCKS, OVERDRAFTS, CARVINGS, BLOCK_MOVES, FEE_REFUNDS)
