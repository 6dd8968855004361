"""The tiers that a member holds and held, how far it is to the next, and changes that people asked for."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import domain.tier_progress as p
import domain.tier_requests as r
import domain.tiers as d
from schema.base import Node, computed, loaded, offers, shows
from schema.loads import MEMBER, MOVES_OF_TIER_REQUEST, PERSON, PROMOTION, TIER_BY_CODE, TIER_REQUEST, TRANSACTION
from schema.people import Person
from schema.promotions import Promotion
from schema.scalars import Points
from schema.tiers import Tier, TierClass, TierThreshold
from schema.wording import CREATED_AT

if TYPE_CHECKING:
    from schema.members import Member
    from schema.transactions import Transaction

offers(d.TierReason)
offers(r.TierRequestStatus)

ENDS_ON = "Its last day; null: until another follows."


@shows(r.TierRequestMove)
class TierRequestMove:
    """A move of a request for a tier."""

    person: Person | None = loaded(PERSON, by="person_id", description="Who; null: nobody you may see.")
    from_status: r.TierRequestStatus | None
    to_status: r.TierRequestStatus
    comment: str | None
    created_at: datetime


@shows(r.TierRequest)
class TierRequest(Node):
    """A member's change of tier that somebody asked for."""

    member: Annotated["Member", strawberry.lazy("schema.members")] | None = loaded(MEMBER, by="member_id")
    tier: Tier | None = loaded(TIER_BY_CODE, by=lambda each: (each.program_id, each.tier), description="What is asked.")
    status: r.TierRequestStatus
    reason: str
    requested_by: Person | None = loaded(PERSON, by="requested_by_id", description="Null: nobody you may see.")
    submit_to: Person | None = loaded(
        PERSON,
        by="submit_to_id",
        description="The tier approver who was asked; null: any of them, or nobody you may see.",
    )
    moves: list[TierRequestMove] = loaded(MOVES_OF_TIER_REQUEST, by="id", description="The first one first.")
    created_at: datetime = strawberry.field(description=CREATED_AT)


@shows(d.MemberTier)
class MemberTier:
    """A tier that a member holds or held."""

    tier: Tier | None = loaded(TIER_BY_CODE, by=lambda each: (each.program_id, each.tier))
    starts_on: date
    ends_on: date | None = strawberry.field(description=ENDS_ON)
    reason: d.TierReason | None = strawberry.field(description="Why it began; null: with the enrolment.")
    transaction: Annotated["Transaction", strawberry.lazy("schema.transactions")] | None = loaded(
        TRANSACTION, by="transaction_id", description="The one that brought it; null: none, or none you may see."
    )
    promotion: Promotion | None = loaded(PROMOTION, by="promotion_id", description="The one that moved the member.")
    request: TierRequest | None = loaded(TIER_REQUEST, by="tier_request_id", description="The one that was approved.")


@shows(p.QualifyingPoints)
class QualifyingPoints:
    """What counted towards a tier class."""

    point_type: str = strawberry.field(description="The code of the point type.")
    points: Points


@shows(p.ThresholdProgress)
class ThresholdProgress:
    """How far it is to one threshold of the next tier."""

    threshold: TierThreshold
    reached: Points
    missing: Points


@shows(p.TierProgress)
class TierProgress:
    """Where a member stands in one class today. Spending takes nothing away; a late transaction counts in its own period."""

    tier_class: TierClass
    tier: Tier = strawberry.field(description="What it holds.")
    starts_on: date = strawberry.field(description="Since when.")
    ends_on: date | None = strawberry.field(description=ENDS_ON)
    period_starts_on: date = computed(lambda each: each.period.starts_on, "The first day that counts now.")
    period_ends_on: date = computed(lambda each: each.period.ends_on, "The last day that counts now.")
    points: list[QualifyingPoints] = strawberry.field(description="What counted in this period.")
    next_tier: Tier | None = strawberry.field(
        description="The next one that is reached by thresholds; null: none above."
    )
    thresholds: list[ThresholdProgress] = strawberry.field(
        description="Those of the next tier: all, or any (see there)."
    )
