"""Joint promotions: who pays, who must agree, what was said, and the moves that the viewer of this request may make."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import strawberry

import domain.joint_promotions as d
from schema.base import answers, computed, direct, loaded, offers, shows, takes
from schema.context import Context, Load
from schema.cost_shares import CostShare
from schema.loads import PARTNER, PERSON, RECORDS_OF_JOINT_PROMOTION, SHARES_OF_PROMOTION
from schema.partners import Partner
from schema.payloads import Payload
from schema.people import Person
from schema.promotions import Promotion
from schema.wording import CREATED_AT, REFUSED

offers(d.JointStatus, "JointPromotionStatus")
offers(d.JointMove, "JointPromotionMove")

ITS_PROGRAM = "The code of its program."
ITS_CODE = "Its code."
READ = "The version you have read; if given and no longer current, nothing happens."
SAID = "Kept with the move."


@dataclass(frozen=True, slots=True, eq=False)
class JointMovesAsked:
    """A joint promotion, and the request whose principal would move it."""

    context: Context
    joint: d.JointPromotion


MOVES: Load[JointMovesAsked, tuple[d.JointMove, ...]] = Load("possible moves of a joint promotion")


def _moves(joint: d.JointPromotion, info: Any) -> Any:
    return info.context.load(MOVES, JointMovesAsked(info.context, joint))


@shows(d.JointSide)
class JointPromotionSide:
    """One who must agree to a joint promotion."""

    host: bool = computed(lambda side: side.partner_id is None, "Whether it is the host.")
    partner: Partner | None = loaded(
        PARTNER, by="partner_id", description="Null: the host, or a partner that you may not see."
    )
    agrees: bool | None = strawberry.field(description="To what is proposed; null: it has not answered.")
    person: Person | None = loaded(PERSON, by="person_id", description="Who answered; null: nobody you may see.")
    answered_at: datetime | None = strawberry.field(description="Null: not yet.")


@shows(d.JointRecord)
class JointPromotionRecord:
    """A move of a joint promotion, or a note."""

    move: d.JointMove
    person: Person | None = loaded(PERSON, by="person_id", description="Who; null: nobody you may see.")
    host: bool = computed(lambda record: record.partner_id is None, "Whether it was the host's side.")
    partner: Partner | None = loaded(
        PARTNER, by="partner_id", description="Whose side; null: the host's, or that of a partner you may not see."
    )
    from_status: d.JointStatus | None
    to_status: d.JointStatus
    version: int = strawberry.field(description="Of the promotion, as it was then.")
    comment: str | None
    created_at: datetime = strawberry.field(description=CREATED_AT)


@shows(d.JointPromotion)
class JointPromotion:
    """Where the talks about a promotion stand whose cost is shared. It is activated by the host once all sides agree."""

    status: d.JointStatus
    shares: list[CostShare] = loaded(
        SHARES_OF_PROMOTION, by="promotion_id", description="Who pays how many percent of what it gives."
    )
    drafted_by: Partner | None = loaded(
        PARTNER, by="drafted_by_partner_id", description="Null: the host, or a partner that you may not see."
    )
    sides: list[JointPromotionSide] = strawberry.field(description="The host, and every partner that pays.")
    version: int | None = strawberry.field(description="Of the promotion, as it is proposed; null: it is a draft.")
    proposed_at: datetime | None = strawberry.field(description="The last time; null: never.")
    moves: list[JointPromotionRecord] = loaded(
        RECORDS_OF_JOINT_PROMOTION, by="promotion_id", description="And notes; the first one first."
    )
    available_moves: list[d.JointMove] = direct(_moves, "The moves that you may make now.")


@takes
class JointPromotionProposeInput:
    """A joint promotion to which the other sides are to agree."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    promotion: str = strawberry.field(description=ITS_CODE)
    comment: str | None = strawberry.field(default=None, description=SAID)
    expected_version: int | None = strawberry.field(default=None, description=READ)


@takes
class JointPromotionApproveInput:
    """A joint promotion to which your side agrees."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    promotion: str = strawberry.field(description=ITS_CODE)
    comment: str | None = strawberry.field(default=None, description=SAID)
    expected_version: int | None = strawberry.field(default=None, description=READ)


@takes
class JointPromotionRejectInput:
    """A joint promotion to which your side does not agree."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    promotion: str = strawberry.field(description=ITS_CODE)
    comment: str = strawberry.field(description="Why.")
    expected_version: int | None = strawberry.field(default=None, description=READ)


@takes
class JointPromotionNoteInput:
    """Something to be said to the other sides."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    promotion: str = strawberry.field(description=ITS_CODE)
    comment: str = strawberry.field(description="The note.")


@answers
class JointPromotionProposePayload(Payload):
    """The promotion as it is now."""

    result: Promotion | None = strawberry.field(name="promotion", description=REFUSED)


@answers
class JointPromotionApprovePayload(Payload):
    """The promotion as it is now."""

    result: Promotion | None = strawberry.field(name="promotion", description=REFUSED)


@answers
class JointPromotionRejectPayload(Payload):
    """The promotion as it is now."""

    result: Promotion | None = strawberry.field(name="promotion", description=REFUSED)


@answers
class JointPromotionNotePayload(Payload):
    """The promotion as it is now."""

    result: Promotion | None = strawberry.field(name="promotion", description=REFUSED)
