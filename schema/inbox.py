"""The inbox: what waits for the viewer's approval, of all kinds, with what they need to decide."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import strawberry

import domain.inbox as d
from schema.base import direct, loaded, offers, shows, takes
from schema.blocks import PointBlock
from schema.campaigns import Campaign
from schema.context import Context, Load
from schema.decisions import BalanceChange
from schema.loads import (
    CAMPAIGN,
    MAXIMUM_LOAN,
    MEMBER,
    PERSON,
    POINT_BLOCK,
    POINT_TYPE,
    PROMOTION,
    TIER_REQUEST,
    TRANSACTION,
)
from schema.loans import MaximumLoan
from schema.member_tiers import TierRequest
from schema.members import Member
from schema.people import Person
from schema.problems import UserError
from schema.programs import PointType
from schema.promotions import Promotion
from schema.scalars import Points
from schema.transactions import Transaction

offers(d.ApprovalKind)


@dataclass(frozen=True, slots=True, eq=False)
class EffectAsked:
    """A request that waits, and the request whose principal would approve it."""

    context: Context
    request: d.ApprovalRequest


EFFECT: Load[EffectAsked, d.ApprovalEffect] = Load("effect of an approval")


@shows(d.ApprovalEffect)
class ApprovalEffect:
    """What an approval would lead to, if it were given, and the transaction processed, now. Nothing is written."""

    problems: list[UserError] = strawberry.field(description="What would stand against it; empty: nothing.")
    balances: list[BalanceChange] = strawberry.field(description="Of the member, where they would change.")
    text: list[str] = strawberry.field(description="The same in sentences.")


def _of(kind: d.ApprovalKind) -> Any:
    return lambda request: request.id if request.kind is kind else None


def _effect(request: d.ApprovalRequest, info: Any) -> Any:
    return info.context.load(EFFECT, EffectAsked(info.context, request))


@shows(d.ApprovalRequest)
class ApprovalRequest:
    """Something that waits for approval: exactly one of the things that can wait is there, as `kind` says."""

    kind: d.ApprovalKind
    transaction: Transaction | None = loaded(TRANSACTION, by=_of(d.ApprovalKind.TRANSACTION))
    maximum_loan: MaximumLoan | None = loaded(MAXIMUM_LOAN, by=_of(d.ApprovalKind.MAXIMUM_LOAN))
    tier_request: TierRequest | None = loaded(TIER_REQUEST, by=_of(d.ApprovalKind.TIER_REQUEST))
    joint_promotion: Promotion | None = loaded(PROMOTION, by=_of(d.ApprovalKind.JOINT_PROMOTION))
    point_block: PointBlock | None = loaded(POINT_BLOCK, by=_of(d.ApprovalKind.POINT_BLOCK))
    campaign: Campaign | None = loaded(CAMPAIGN, by=_of(d.ApprovalKind.CAMPAIGN))
    member: Member | None = loaded(MEMBER, by="member_id", description="Whom it is about; null: no member.")
    points: Points | None = strawberry.field(
        description="How many it is about; null: none, or the engine finds out: see `effect`."
    )
    point_type: PointType | None = loaded(POINT_TYPE, by="point_type_id")
    requested_by: Person | None = loaded(PERSON, by="requested_by_id", description="Null: nobody you may see.")
    submit_to: Person | None = loaded(PERSON, by="submit_to_id", description="Who is asked by name; null: nobody.")
    comment: str | None = strawberry.field(description="What was said about it when it was recorded.")
    created_at: datetime = strawberry.field(description="Since when it is there.")
    covered: bool = strawberry.field(
        description="Whether your own limit covers it as far as its points are known; if not, forward it."
    )
    effect: ApprovalEffect = direct(_effect, "What your approval would lead to now.")


@takes
class ApprovalFilter:
    """Which of them; all that is given must hold."""

    kinds: list[d.ApprovalKind] | None = strawberry.field(default=None, description="One of these.")
    submitted_to_me: bool = strawberry.field(
        default=False, description="Only where you are asked by name, not what your limit covers besides."
    )
