"""A member's change of tier by hand: asked for by one person, decided by another, who is a tier approver."""

import enum
from dataclasses import dataclass
from datetime import date, datetime

from domain.people import Person
from domain.problems import Problem


class TierRequestStatus(enum.Enum):
    """What became of a change of tier that somebody asked for; APPROVED and REJECTED are final."""

    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRequest:
    """A change of tier that somebody asked for; `submit_to_id`: the tier approver who was asked (None: any of them)."""

    id: int
    program_id: int
    member_id: int
    tier_class: str
    tier: str
    status: TierRequestStatus
    reason: str
    requested_by_id: int | None
    submit_to_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRequestMove:
    """A move of a request: who, from, to, when, and what they said."""

    tier_request_id: int
    person_id: int | None
    from_status: TierRequestStatus | None
    to_status: TierRequestStatus
    comment: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTierApprover(Problem):
    """Somebody who may not decide about tiers."""

    code = "NOT_TIER_APPROVER"
    name: str

    @property
    def message(self) -> str:
        return f"{self.name} is not a tier approver: a request for a tier is decided by an active person who is."


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTierRequest(Problem):
    """A decision about one's own request."""

    code = "OWN_TIER_REQUEST"

    @property
    def message(self) -> str:
        return "Nobody decides about their own request: another tier approver does."


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRequestDecided(Problem):
    """A request that waits for nobody any more."""

    code = "TIER_REQUEST_DECIDED"
    status: TierRequestStatus

    @property
    def message(self) -> str:
        return f"This request is {self.status.value} already, which is final: ask anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRequestOpen(Problem):
    """A member for whom a tier of the same class is asked already."""

    code = "TIER_REQUEST_OPEN"
    tier_class: str

    @property
    def message(self) -> str:
        return f"A tier of {self.tier_class} is asked for already: approve or reject that request first."


@dataclass(frozen=True, slots=True, kw_only=True)
class TierHeld(Problem):
    """A tier that would change nothing."""

    code = "TIER_HELD"
    tier: str
    ends_on: date | None

    @property
    def message(self) -> str:
        until = "with no end" if self.ends_on is None else f"through {self.ends_on}"
        return f"The member holds {self.tier} {until}, as it would from today on: there is nothing to change."


def decision_problem(person: Person | None, name: str, request: TierRequest) -> Problem | None:
    """Why somebody may not decide about a request; None if they may."""
    if person is None or not person.active or not person.tier_approver:
        return NotTierApprover(name=name)
    return OwnTierRequest() if person.id == request.requested_by_id else None
