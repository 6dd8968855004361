"""Campaigns: what the host and a partner do together, and the moves that the viewer of this request may make of them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import strawberry

import domain.campaigns as d
from schema.base import Node, computed, direct, loaded, offers, shows
from schema.context import Context, Load
from schema.loads import PARTNER, PERSON, PROGRAM, RECORDS_OF_CAMPAIGN
from schema.partners import Partner
from schema.people import Person
from schema.programs import Program
from schema.wording import CODE, CREATED_AT, NAME, VERSION

offers(d.CampaignStatus)
offers(d.CampaignMove)

STARTS_ON = "Its first day; an agreed campaign starts by itself then."
ENDS_ON = "Its last day; the day after, it ends by itself."
PROMOTIONS = "The codes of its promotions; the audience joins those that are only for members who did."
PURPOSE = "The consent that a member must have given to be told."
SUBJECT = "Of the email."
MESSAGE = "The host's words in the email."
PARTNER_MESSAGE = "The partner's words, below the host's."
TIERS = "Codes of tiers: members who hold one of them; none: everybody."
LANGUAGE = "Members with this language tag."
PARTNERS_OWN = "Only members whom the campaign's partner has enrolled."


@dataclass(frozen=True, slots=True, eq=False)
class CampaignMovesAsked:
    """A campaign, and the request whose principal would move it."""

    context: Context
    campaign: d.Campaign


MOVES: Load[CampaignMovesAsked, tuple[d.CampaignMove, ...]] = Load("possible moves of a campaign")


def _moves(campaign: d.Campaign, info: Any) -> Any:
    return info.context.load(MOVES, CampaignMovesAsked(info.context, campaign))


@shows(d.Audience)
class Audience:
    """Which members of the program; all that is given must hold."""

    tiers: list[str] = strawberry.field(description=TIERS)
    language: str | None = strawberry.field(description=LANGUAGE)
    enrolled_from: date | None = strawberry.field(description="The first day of enrolment.")
    enrolled_through: date | None = strawberry.field(description="The last day of enrolment.")
    partners_own: bool = strawberry.field(description=PARTNERS_OWN)


@shows(d.CampaignRecord)
class CampaignRecord:
    """A move of a campaign, or a note."""

    move: d.CampaignMove
    person: Person | None = loaded(PERSON, by="person_id", description="Who; null: the engine, or nobody you may see.")
    host: bool = computed(lambda record: record.partner_id is None, "Whether it was the host's side, or the engine.")
    from_status: d.CampaignStatus | None
    to_status: d.CampaignStatus
    comment: str | None
    created_at: datetime = strawberry.field(description=CREATED_AT)


@shows(d.Campaign)
class Campaign(Node):
    """What the host and a partner do together for some time: promotions, an audience, and a message to it."""

    program: Program = loaded(PROGRAM, by="program_id")
    partner: Partner = loaded(PARTNER, by="partner_id")
    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    status: d.CampaignStatus
    starts_on: date = strawberry.field(description=STARTS_ON)
    ends_on: date = strawberry.field(description=ENDS_ON)
    promotions: list[str] = strawberry.field(description=PROMOTIONS)
    audience: Audience
    purpose: str = strawberry.field(description=PURPOSE)
    subject: str = strawberry.field(description=SUBJECT)
    message: str = strawberry.field(description=MESSAGE)
    partner_message: str | None = strawberry.field(description=PARTNER_MESSAGE)
    owner: Person | None = loaded(PERSON, by="owner_id", description="The host's; null: nobody you may see.")
    partner_owner: Person | None = loaded(
        PERSON, by="partner_owner_id", description="The partner's; null: nobody you may see."
    )
    reached: int = strawberry.field(description="Members of the audience who were enrolled so far.")
    told: int = strawberry.field(description="Those of them who were sent the message.")
    reached_all_at: datetime | None = strawberry.field(description="When the last of them was; null: not yet.")
    moves: list[CampaignRecord] = loaded(RECORDS_OF_CAMPAIGN, by="id", description="And notes; the first one first.")
    available_moves: list[d.CampaignMove] = direct(_moves, "The moves that you may make now.")
    version: int = strawberry.field(description=VERSION)
    created_at: datetime = strawberry.field(description=CREATED_AT)
