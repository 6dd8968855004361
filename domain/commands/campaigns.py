"""Commands and questions about campaigns. A campaign is named by its code within its program."""

from dataclasses import dataclass, field
from datetime import date

from domain.campaigns import Audience, CampaignStatus
from domain.commands.members import UNCHANGED, Unchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCreate:
    """Draft a campaign with a partner. `promotions` by code, `owner` by subject."""

    program: str
    partner: str
    code: str
    name: str
    starts_on: date
    ends_on: date
    subject: str
    message: str
    promotions: tuple[str, ...] = ()
    audience: Audience = field(default_factory=Audience)
    purpose: str = "NEWSLETTER"
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignUpdate:
    """Change a campaign of the version that the caller has read; `partner_message` and `partner_owner` are the partner's side."""

    program: str
    campaign: str
    expected_version: int
    name: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    subject: str | None = None
    message: str | None = None
    promotions: tuple[str, ...] | None = None
    audience: Audience | None = None
    purpose: str | None = None
    owner: str | Unchanged | None = UNCHANGED
    partner_message: str | Unchanged | None = UNCHANGED
    partner_owner: str | Unchanged | None = UNCHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignMoved:
    """A move of a campaign, or a note about it."""

    program: str
    campaign: str
    comment: str | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFilter:
    """Which campaigns of a list; all that is given must hold. `program` and `partner` by code."""

    program: str | None = None
    partner: str | None = None
    status: tuple[CampaignStatus, ...] = ()
