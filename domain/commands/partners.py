"""Commands and questions about partners and their terms. A partner is known to the host once, by its code."""

import enum
from dataclasses import dataclass

from domain.commands.members import UNCHANGED, Unchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerCreate:
    """Add a company. It takes part in a program once its terms are set there."""

    code: str
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerUpdate:
    """Change a partner of the version that the caller has read."""

    partner: str
    expected_version: int
    name: str | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerTermsSet:
    """Agree terms with a partner for a program, or change them. `expected_version` is 0 where there are none yet."""

    program: str
    partner: str
    expected_version: int = 0
    active: bool | None = None
    report_within_days: int | Unchanged | None = UNCHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerFilter:
    """Which partners of a list; all that is given must hold. `program`: with terms there. `search`: part of the code or name."""

    program: str | None = None
    active: bool | None = None
    search: str | None = None


class PartnerOrder(enum.Enum):
    """By what a list of partners is sorted."""

    CODE = "CODE"
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"
