"""Commands and questions about memberships in partner programs, one by one and in bulk."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from domain.memberships import Membership, MembershipStatus
from domain.problems import Problem

MAX_PARTNERS = 500
"""How many partners one mass update may name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipRenew:
    """A partner asks to stay a member."""

    id: int
    note: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipsAdd:
    """Make partners members of a program: `partners` by code, or `csv` with a column `partner`. `begins_on`: today, or before."""

    partner_program: str
    partners: tuple[str, ...] | None = None
    csv: str | None = None
    begins_on: date | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipsRemove:
    """Take partners out of a program today; named as for `MembershipsAdd`."""

    partner_program: str
    partners: tuple[str, ...] | None = None
    csv: str | None = None
    comment: str | None = None


class MassOutcome(enum.Enum):
    """What became of one row of a mass update. UNCHANGED: it was so already, as when the same list is sent again."""

    DONE = "DONE"
    UNCHANGED = "UNCHANGED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class MassRow:
    """One row of a mass update. `row`: its place in the list, or its line in the file, from 1."""

    row: int
    partner: str
    outcome: MassOutcome
    membership: Membership | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MassUpdate:
    """What became of every row."""

    rows: tuple[MassRow, ...]

    def count(self, outcome: MassOutcome) -> int:
        """How many rows ended so."""
        return sum(row.outcome is outcome for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipFilter:
    """Which memberships of a list; all that is given must hold. Programs and partners by code; `ends_before`: that day excluded."""

    partner_program: str | None = None
    partner: str | None = None
    status: tuple[MembershipStatus, ...] = ()
    ends_before: date | None = None


class MembershipOrder(enum.Enum):
    """By what a list of memberships is sorted."""

    CREATED_AT = "CREATED_AT"
    BEGINS_ON = "BEGINS_ON"
    ENDS_ON = "ENDS_ON"
