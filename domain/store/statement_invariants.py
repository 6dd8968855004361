"""What must always be true of partner accounts: of refunds of fees, and of statements that are closed."""

from domain.store.invariant import Invariant

FEES = Invariant(
    "fees",
    "A refund gives back one fee of the same partner, whole: its points or its money; of a fee in money there is no block.",
    "select count(*) from partner_transaction where kind = 'REFUND'",
    """
    select 'refund ' || r.id as place,
           concat_ws(' ', 'FEE', f.points, f.amount, f.currency, 'of', f.program_id, f.partner_id) as expected,
           concat_ws(' ', f.kind, r.points, r.amount, r.currency, 'of', r.program_id, r.partner_id) as found
    from partner_transaction r join partner_transaction f on f.id = r.refunds_id
    where (f.kind, r.points, r.amount, r.currency, r.program_id, r.partner_id) is distinct from
          ('FEE', f.points, f.amount, f.currency, f.program_id, f.partner_id)
    """,
)
JOINED = Invariant(
    "statements join",
    "Closed statements of a partner are numbered from 1 and follow each other without a gap; each opens as the one before closed.",
    "select count(*) from partner_statement",
    """
    with ordered as (
        select s.*, row_number() over own as place_in, lag(through_on) over own as before, lag(closing) over own as closed
        from partner_statement s window own as (partition by program_id, partner_id order by from_on)
    )
    select 'partner statement ' || id as place,
           concat_ws(' ', 'number', place_in, 'from', coalesce(before + 1, from_on), 'opening', coalesce(closed, opening)) as expected,
           concat_ws(' ', 'number', number, 'from', from_on, 'opening', opening) as found
    from ordered
    where number <> place_in or from_on <> coalesce(before + 1, from_on) or opening <> coalesce(closed, opening)
    """,
)
CLOSED = Invariant(
    "statements",
    "A closed statement is what the rows of its period add up to, kind by kind: nothing was added to it later.",
    "select count(*) from partner_statement",
    """
    with kept as (
        select s.id, m->>'kind' as kind, m->>'promotion' as promotion, (m->>'credited')::numeric as credited,
               (m->>'debited')::numeric as debited
        from partner_statement s cross join lateral jsonb_array_elements(s.document->'movements') m
    ), added as (
        select s.id, p.kind::text as kind, o.code as promotion,
               coalesce(sum(p.points) filter (where p.direction = 'CREDIT'), 0) as credited,
               coalesce(sum(p.points) filter (where p.direction = 'DEBIT'), 0) as debited
        from partner_statement s join partner_transaction p on p.program_id = s.program_id
             and p.partner_id is not distinct from s.partner_id and p.posted_on between s.from_on and s.through_on
        left join promotion o on o.id = p.promotion_id
        where p.points is not null group by 1, 2, 3
    )
    select 'partner statement ' || coalesce(k.id, a.id) || ', ' || concat_ws(' ', coalesce(k.kind, a.kind),
               coalesce(k.promotion, a.promotion)) as place,
           concat_ws(' ', '+', coalesce(a.credited, 0), '-', coalesce(a.debited, 0)) as expected,
           concat_ws(' ', '+', coalesce(k.credited, 0), '-', coalesce(k.debited, 0)) as found
    from kept k full join added a on (a.id, a.kind) = (k.id, k.kind) and a.promotion is not distinct from k.promotion
    where (coalesce(a.credited, 0), coalesce(a.debited, 0)) <> (coalesce(k.credited, 0), coalesce(k.debited, 0))
    union all
    select 'partner statement ' || s.id, concat_ws(' ', 'opening', s.opening, 'closing', s.opening + coalesce(sum(k.credited - k.debited), 0)),
           concat_ws(' ', 'opening', s.document->>'opening', 'closing', s.closing)
    from partner_statement s left join kept k on k.id = s.id
    group by s.id, s.opening, s.closing, s.document
    having s.closing <> s.opening + coalesce(sum(k.credited - k.debited), 0)
        or (s.document->>'opening')::numeric <> s.opening or (s.document->>'closing')::numeric <> s.closing
    union all
    select 'first partner statement ' || s.id, 'opening ' || coalesce(sum(case p.direction when 'CREDIT' then p.points else -p.points end), 0),
           'opening ' || s.opening
    from partner_statement s left join partner_transaction p on p.program_id = s.program_id
         and p.partner_id is not distinct from s.partner_id and p.posted_on < s.from_on and p.points is not null
    where s.number = 1 group by s.id, s.opening
    having s.opening <> coalesce(sum(case p.direction when 'CREDIT' then p.points else -p.points end), 0)
    """,
)
OF_ACCOUNTS = (FEES, JOINED, CLOSED)
