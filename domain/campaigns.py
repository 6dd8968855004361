"""Campaigns: what the host and a partner do together for some time: promotions, an audience, and a message to it.

The life of a campaign is one table. Its start enrols the audience in its promotions and tells every member once; its end stops both.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from domain.people import PARTNER, Principal, Role
from domain.problems import Missing, NotAllowed, Problem, Refused


class CampaignStatus(enum.Enum):
    """AGREED: both sides have; RUNNING: it has started; DONE and CANCELLED are final."""

    DRAFT = "DRAFT"
    PROPOSED = "PROPOSED"
    AGREED = "AGREED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


class CampaignMove(enum.Enum):
    """A step in the life of a campaign. EDIT makes a draft of it again; EDIT_SIDE is the partner's own part."""

    CREATE = "CREATE"
    EDIT = "EDIT"
    EDIT_SIDE = "EDIT_SIDE"
    PROPOSE = "PROPOSE"
    AGREE = "AGREE"
    START = "START"
    END = "END"
    CANCEL = "CANCEL"
    NOTE = "NOTE"


class Side(enum.Enum):
    """Who makes a move."""

    HOST = "HOST"
    """An administrator or partner manager of the host."""
    PARTNER = "PARTNER"
    """A representative or approver of the campaign's partner."""
    PARTNER_APPROVER = "PARTNER_APPROVER"
    ENGINE = "ENGINE"
    """The job that keeps the dates."""


@dataclass(frozen=True, slots=True)
class Row:
    """One allowed move. `dated`: only on a day of the campaign."""

    status: CampaignStatus | None
    move: CampaignMove
    to: CampaignStatus
    by: frozenset[Side]
    comment_required: bool = False
    dated: bool = False


_S, _M = CampaignStatus, CampaignMove
_HOST, _PARTNER = frozenset({Side.HOST}), frozenset({Side.PARTNER})
_BOTH = _HOST | _PARTNER
_RUNS = frozenset({Side.HOST, Side.ENGINE})

MOVES: tuple[Row, ...] = (
    Row(None, _M.CREATE, _S.DRAFT, _HOST),
    *(Row(status, _M.EDIT, _S.DRAFT, _HOST) for status in (_S.DRAFT, _S.PROPOSED, _S.AGREED)),
    Row(_S.PROPOSED, _M.EDIT_SIDE, _S.PROPOSED, _PARTNER),
    Row(_S.DRAFT, _M.PROPOSE, _S.PROPOSED, _HOST),
    Row(_S.PROPOSED, _M.AGREE, _S.AGREED, frozenset({Side.PARTNER_APPROVER})),
    Row(_S.AGREED, _M.START, _S.RUNNING, _RUNS, dated=True),
    Row(_S.RUNNING, _M.END, _S.DONE, _RUNS),
    *(Row(status, _M.CANCEL, _S.CANCELLED, _HOST, comment_required=True) for status in (_S.DRAFT, _S.RUNNING)),
    *(
        Row(status, _M.CANCEL, _S.CANCELLED, _HOST | {Side.PARTNER_APPROVER}, comment_required=True)
        for status in (_S.PROPOSED, _S.AGREED)
    ),
    *(Row(status, _M.NOTE, status, _BOTH, comment_required=True) for status in CampaignStatus),
)
"""Every move there is (domain: partners)."""

CHANGES = frozenset((row.status, row.move, row.to) for row in MOVES)
"""Every change of status that may ever be found in the records."""

FINAL = frozenset({CampaignStatus.DONE, CampaignStatus.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Which members of the program; all that is given must hold. Tiers by code. `partners_own`: enrolled by the partner."""

    tiers: tuple[str, ...] = ()
    language: str | None = None
    enrolled_from: date | None = None
    enrolled_through: date | None = None
    partners_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign as it is stored and shown. `owner_id` is the host's, `partner_owner_id` the partner's; `partner_message` is added
    to `message`. `purpose`: the consent that a member must have given to be told. `reached`: members enrolled so far; `told`:
    those of them who were sent the message.
    """

    id: int
    program_id: int
    partner_id: int
    code: str
    name: str
    status: CampaignStatus
    starts_on: date
    ends_on: date
    promotions: tuple[str, ...]
    audience: Audience
    purpose: str
    subject: str
    message: str
    partner_message: str | None
    owner_id: int | None
    partner_owner_id: int | None
    reached: int
    told: int
    reached_all_at: datetime | None
    proposed_at: datetime | None
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRecord:
    """A move that was made, or a note: who (None: the engine), for which partner (None: the host)."""

    campaign_id: int
    person_id: int | None
    partner_id: int | None
    move: CampaignMove
    from_status: CampaignStatus | None
    to_status: CampaignStatus
    comment: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCampaignStatus(Problem):
    """A move that does not exist from where the campaign stands."""

    code = "WRONG_CAMPAIGN_STATUS"
    status: CampaignStatus
    move: CampaignMove
    allowed: tuple[CampaignMove, ...]

    @property
    def message(self) -> str:
        possible = ", ".join(move.value for move in self.allowed)
        return (
            f"This campaign is {self.status.value}: {self.move.value} is not possible. Possible from here: {possible}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideCampaign(Problem):
    """A start on a day that is not one of the campaign's."""

    code = "OUTSIDE_CAMPAIGN"
    starts_on: date
    ends_on: date
    today: date

    @property
    def message(self) -> str:
        return f"Today is {self.today}: the campaign runs from {self.starts_on} through {self.ends_on}. Change its dates first."


def check(campaign: Campaign, actor: Principal, move: CampaignMove, today: date, comment: str | None = None) -> Row:
    """The row of a move; raises Refused with why it cannot be made: the status, the right, the day, or a missing reason."""
    rows = [row for row in MOVES if row.status is campaign.status]
    row = next((row for row in rows if row.move is move), None)
    if row is None:
        allowed = tuple(each.move for each in rows)
        raise Refused(WrongCampaignStatus(status=campaign.status, move=move, allowed=allowed))
    problem = _problem(row, campaign, actor, today)
    if problem is None and row.comment_required and not (comment and comment.strip()):
        problem = Missing(why=f"{move.value} needs words", path=("input", "comment"))
    if problem is not None:
        raise Refused(problem)
    return row


def available_moves(campaign: Campaign, actor: Principal, today: date) -> tuple[CampaignMove, ...]:
    """The moves that would not be refused to somebody now, in the order of the table."""
    rows = (row for row in MOVES if row.status is campaign.status)
    return tuple(row.move for row in rows if _problem(row, campaign, actor, today) is None)


def runs_on(campaign: Campaign, day: date) -> bool:
    """Whether a day is one of the campaign's, first and last included."""
    return campaign.starts_on <= day <= campaign.ends_on


def _problem(row: Row, campaign: Campaign, actor: Principal, today: date) -> Problem | None:
    if not any(_SIDES[side](campaign, actor) for side in row.by):
        names = " or ".join(_NAMES[side] for side in Side if side in row.by)
        return NotAllowed(why=f"{row.move.value} is for {names}")
    if row.dated and not runs_on(campaign, today):
        return OutsideCampaign(starts_on=campaign.starts_on, ends_on=campaign.ends_on, today=today)
    return None


def is_host(actor: Principal) -> bool:
    """Whether somebody speaks for the host."""
    return actor.scope.partner_id is None and actor.has(Role.PROGRAM_ADMINISTRATOR, Role.PARTNER_MANAGER)


_SIDES: Mapping[Side, Callable[[Campaign, Principal], bool]] = {
    Side.HOST: lambda _, actor: is_host(actor),
    Side.PARTNER: lambda campaign, actor: actor.has(*PARTNER) and actor.scope.partner_id == campaign.partner_id,
    Side.PARTNER_APPROVER: lambda campaign, actor: (
        actor.has(Role.PARTNER_APPROVER) and actor.scope.partner_id == campaign.partner_id
    ),
    Side.ENGINE: lambda _, actor: actor.has(Role.ENGINE),
}
_NAMES = {
    Side.HOST: "administrators and partner managers",
    Side.PARTNER: "the people of its partner",
    Side.PARTNER_APPROVER: "an approver of its partner",
    Side.ENGINE: "the engine",
}
