"""What must always be true of campaigns and joint promotions: statuses follow from moves and answers, figures from rows."""

from domain import campaigns
from domain.store.invariant import Invariant
from domain.store.membership_invariants import moves_of, values_of

CAMPAIGNS = moves_of(
    "campaigns",
    "campaign",
    values_of((before and before.value, move.value, to.value) for before, move, to in campaigns.CHANGES),
)
REACHED = Invariant(
    "campaign audiences",
    "A campaign has reached and told as many members as it has rows for.",
    "select count(*) from campaign_member",
    """
    select 'campaign ' || c.id as place, c.reached || ' reached, ' || c.told || ' told' as expected,
           count(m.member_id) || ' reached, ' || count(*) filter (where m.told) || ' told' as found
    from campaign c left join campaign_member m on m.campaign_id = c.id
    group by c.id having count(m.member_id) <> c.reached or count(*) filter (where m.told) <> c.told
    """,
)
JOINT_PROMOTIONS = Invariant(
    "joint promotions",
    "What is proposed waits while a side has not answered, and is approved once all have agreed.",
    "select count(*) from joint_promotion",
    """
    select 'promotion ' || j.promotion_id as place, j.status as expected,
           count(*) filter (where s.agrees) || ' agree, ' || count(*) filter (where not s.agrees) || ' do not, of '
           || count(s.id) as found
    from joint_promotion j join joint_promotion_side s on s.promotion_id = j.promotion_id
    group by j.promotion_id
    having j.status <> case
        when j.status = 'DRAFT' and not bool_or(s.agrees is not null) then 'DRAFT'
        when bool_or(not s.agrees) then 'PARTNER_REJECTED'
        when bool_and(coalesce(s.agrees, false)) then 'PARTNER_APPROVED'
        else 'SUBMITTED' end
    """,
)

OF_CAMPAIGNS = (CAMPAIGNS, REACHED, JOINT_PROMOTIONS)
