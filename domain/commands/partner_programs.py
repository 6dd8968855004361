"""Commands and questions about partner programs."""

import enum
from dataclasses import dataclass
from datetime import date

from domain.partner_programs import (
    Admission,
    ApprovalMethod,
    EligibilityList,
    EntitlementTemplate,
    LineTemplate,
    PartnerProgramStatus,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerProgramCreate:
    """Draft a partner program; `owner`: the subject of the employee who sees to its activities (not given: the actor)."""

    code: str
    name: str
    kind: str
    time_zone: str
    starts_on: date
    ends_on: date
    approval_method: ApprovalMethod = ApprovalMethod.MANUAL
    membership_months: int = 12
    renewal_days: int = 60
    grace_days: int = 30
    may_apply: Admission = Admission.EVERYBODY
    may_renew: Admission = Admission.EVERYBODY
    lines: tuple[LineTemplate, ...] = ()
    entitlements: tuple[EntitlementTemplate, ...] = ()
    expire_lines_at_end: bool = False
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerProgramUpdate:
    """Change a draft of the version that the caller has read; what is not given stays as it is."""

    partner_program: str
    expected_version: int
    name: str | None = None
    kind: str | None = None
    time_zone: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    approval_method: ApprovalMethod | None = None
    membership_months: int | None = None
    renewal_days: int | None = None
    grace_days: int | None = None
    may_apply: Admission | None = None
    may_renew: Admission | None = None
    lines: tuple[LineTemplate, ...] | None = None
    entitlements: tuple[EntitlementTemplate, ...] | None = None
    expire_lines_at_end: bool | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerProgramActivate:
    """Let a draft take applications between its dates; from then on it is read-only."""

    partner_program: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerProgramListChange:
    """Put partners on a list of a program, or take them off it; by code. It may be done at any time."""

    partner_program: str
    list: EligibilityList
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerProgramFilter:
    """Which partner programs of a list; all that is given must hold. `search`: part of the code or name."""

    status: tuple[PartnerProgramStatus, ...] = ()
    kind: str | None = None
    search: str | None = None


class PartnerProgramOrder(enum.Enum):
    """By what a list of partner programs is sorted."""

    CODE = "CODE"
    NAME = "NAME"
    STARTS_ON = "STARTS_ON"
