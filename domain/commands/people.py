"""Commands and questions about people. A person is named by the subject of their token; managers too."""

import enum
from dataclasses import dataclass
from decimal import Decimal

from domain.commands.members import UNCHANGED, MemberReference, Unchanged
from domain.people import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCreate:
    """Add an employee, a partner's user or a member's log-in. Roles of the host, of partners and MEMBER do not mix."""

    subject: str
    name: str
    roles: frozenset[Role]
    email: str | None = None
    program: str | None = None
    partner: str | None = None
    member: MemberReference | None = None
    manager: str | None = None
    tier_approver: bool = False
    transaction_approval_limit: Decimal = Decimal(0)
    loan_approval_limit: Decimal = Decimal(0)
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonUpdate:
    """Change a person of the version that the caller has read. What a person is bound to (program, partner, member) stays."""

    person: str
    expected_version: int
    name: str | None = None
    roles: frozenset[Role] | None = None
    email: str | Unchanged | None = UNCHANGED
    manager: str | Unchanged | None = UNCHANGED
    tier_approver: bool | None = None
    transaction_approval_limit: Decimal | None = None
    loan_approval_limit: Decimal | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFilter:
    """Which people of a list; all that is given must hold. `search`: part of the subject, name or email."""

    program: str | None = None
    partner: str | None = None
    roles: frozenset[Role] = frozenset()
    manager: str | None = None
    active: bool | None = None
    search: str | None = None


class PersonOrder(enum.Enum):
    """By what a list of people is sorted."""

    SUBJECT = "SUBJECT"
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"
