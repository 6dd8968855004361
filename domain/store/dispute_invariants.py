"""What must always be true of disputes: the right accrual has taken the place of the wrong one, or nothing has happened."""

from domain.store.invariant import Invariant

DISPUTES = Invariant(
    "disputes",
    "A dispute is about an accrual of the same program and partner, which is cancelled if the dispute was processed.",
    "select count(*) from transaction where disputes_id is not null",
    """
    select 'transaction ' || d.id as place, 'cancelled with it, and of the same partner' as expected,
           coalesce(w.status, 'nothing') || ' of ' || coalesce('partner ' || w.partner_id, 'nobody') as found
    from transaction d left join transaction w on w.id = d.disputes_id
    where d.disputes_id is not null and (w.id is null or w.program_id <> d.program_id
        or w.partner_id is distinct from d.partner_id or d.status = 'PROCESSED' and w.status <> 'CANCELLED')
    """,
)
