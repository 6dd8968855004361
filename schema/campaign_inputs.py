"""What is said about campaigns: inputs, filter, order and payloads."""

from datetime import date

import strawberry

import domain.campaigns as d
from schema.base import answers, takes
from schema.campaigns import (
    ENDS_ON,
    LANGUAGE,
    MESSAGE,
    PARTNER_MESSAGE,
    PARTNERS_OWN,
    PROMOTIONS,
    PURPOSE,
    STARTS_ON,
    SUBJECT,
    TIERS,
    Campaign,
)
from schema.ordering import Direction
from schema.payloads import Payload
from schema.wording import CODE, EXPECTED_VERSION, NAME, REFUSED

ITS_PROGRAM = "The code of its program."
ITS_CODE = "Its code."
READ = "The version you have read; if given and no longer current, nothing happens."
OWNER = "The subject of the host's owner."
AUDIENCE = "Whom it is for; not given: every member of the program."


@takes
class AudienceInput:
    """Which members of the program; all that is given must hold."""

    tiers: list[str] = strawberry.field(default_factory=list, description=TIERS)
    language: str | None = strawberry.field(default=None, description=LANGUAGE)
    enrolled_from: date | None = strawberry.field(default=None, description="The first day of enrolment.")
    enrolled_through: date | None = strawberry.field(default=None, description="The last day of enrolment.")
    partners_own: bool = strawberry.field(default=False, description=PARTNERS_OWN)


@takes
class CampaignCreateInput:
    """A new campaign with a partner; it begins as a draft."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    partner: str = strawberry.field(description="The code of its partner.")
    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    starts_on: date = strawberry.field(description=STARTS_ON)
    ends_on: date = strawberry.field(description=ENDS_ON)
    subject: str = strawberry.field(description=SUBJECT)
    message: str = strawberry.field(description=MESSAGE)
    promotions: list[str] | None = strawberry.field(default=None, description=PROMOTIONS)
    audience: AudienceInput | None = strawberry.field(default=None, description=AUDIENCE)
    purpose: str = strawberry.field(default="NEWSLETTER", description=PURPOSE)
    owner: str | None = strawberry.field(default=None, description=OWNER)


@takes
class CampaignUpdateInput:
    """A change of a campaign; what is not given stays as it is. `partnerMessage` and `partnerOwner` are the partner's side."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    campaign: str = strawberry.field(description=ITS_CODE)
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    name: str | None = strawberry.field(default=None, description=NAME)
    starts_on: date | None = strawberry.field(default=None, description=STARTS_ON)
    ends_on: date | None = strawberry.field(default=None, description=ENDS_ON)
    subject: str | None = strawberry.field(default=None, description=SUBJECT)
    message: str | None = strawberry.field(default=None, description=MESSAGE)
    promotions: list[str] | None = strawberry.field(default=None, description=PROMOTIONS)
    audience: AudienceInput | None = strawberry.field(default=None, description="The whole of it.")
    purpose: str | None = strawberry.field(default=None, description=PURPOSE)
    owner: str | None = strawberry.field(default=strawberry.UNSET, description=f"{OWNER} Null: nobody.")
    partner_message: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"{PARTNER_MESSAGE} Null: none."
    )
    partner_owner: str | None = strawberry.field(
        default=strawberry.UNSET, description="The subject of the partner's owner. Null: nobody."
    )


@takes
class CampaignProposeInput:
    """A campaign to which its partner is to agree."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    campaign: str = strawberry.field(description=ITS_CODE)
    comment: str | None = strawberry.field(default=None, description="Kept with the move.")
    expected_version: int | None = strawberry.field(default=None, description=READ)


@takes
class CampaignAgreeInput:
    """A campaign to which your company agrees."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    campaign: str = strawberry.field(description=ITS_CODE)
    comment: str | None = strawberry.field(default=None, description="Kept with the move.")
    expected_version: int | None = strawberry.field(default=None, description=READ)


@takes
class CampaignStartInput:
    """A campaign that is to run."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    campaign: str = strawberry.field(description=ITS_CODE)
    comment: str | None = strawberry.field(default=None, description="Kept with the move.")
    expected_version: int | None = strawberry.field(default=None, description=READ)


@takes
class CampaignEndInput:
    """A campaign that is over."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    campaign: str = strawberry.field(description=ITS_CODE)
    comment: str | None = strawberry.field(default=None, description="Kept with the move.")
    expected_version: int | None = strawberry.field(default=None, description=READ)


@takes
class CampaignCancelInput:
    """A campaign that is given up."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    campaign: str = strawberry.field(description=ITS_CODE)
    comment: str = strawberry.field(description="Why.")
    expected_version: int | None = strawberry.field(default=None, description=READ)


@takes
class CampaignNoteInput:
    """Something to be said to the other side."""

    program: str = strawberry.field(description=ITS_PROGRAM)
    campaign: str = strawberry.field(description=ITS_CODE)
    comment: str = strawberry.field(description="The note.")


@takes
class CampaignFilter:
    """Which campaigns; all that is given must hold."""

    program: str | None = strawberry.field(default=None, description="The code of a program.")
    partner: str | None = strawberry.field(default=None, description="The code of a partner.")
    status: list[d.CampaignStatus] | None = strawberry.field(default=None, description="One of these.")


@takes
class CampaignOrderBy:
    """Campaigns are sorted by their first day."""

    direction: Direction = strawberry.field(default=Direction.DESC, description="DESC: the latest first.")


@answers
class CampaignCreatePayload(Payload):
    """The draft."""

    result: Campaign | None = strawberry.field(name="campaign", description=REFUSED)


@answers
class CampaignUpdatePayload(Payload):
    """The campaign as it is now."""

    result: Campaign | None = strawberry.field(name="campaign", description=REFUSED)


@answers
class CampaignProposePayload(Payload):
    """The campaign as it is now."""

    result: Campaign | None = strawberry.field(name="campaign", description=REFUSED)


@answers
class CampaignAgreePayload(Payload):
    """The campaign as it is now."""

    result: Campaign | None = strawberry.field(name="campaign", description=REFUSED)


@answers
class CampaignStartPayload(Payload):
    """The campaign as it is now."""

    result: Campaign | None = strawberry.field(name="campaign", description=REFUSED)


@answers
class CampaignEndPayload(Payload):
    """The campaign as it is now."""

    result: Campaign | None = strawberry.field(name="campaign", description=REFUSED)


@answers
class CampaignCancelPayload(Payload):
    """The campaign as it is now."""

    result: Campaign | None = strawberry.field(name="campaign", description=REFUSED)


@answers
class CampaignNotePayload(Payload):
    """The campaign as it is now."""

    result: Campaign | None = strawberry.field(name="campaign", description=REFUSED)
