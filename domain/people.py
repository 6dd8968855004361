"""People and what they may do: employees, partner users, member log-ins, and the engine itself.

A principal is a person as one request sees them: roles, and the program, partner or member they are bound to.
"""

import enum
from dataclasses import dataclass
from decimal import Decimal


class Role(enum.Enum):
    """What a person is; a person may have several (domain: people and what they may do)."""

    MEMBER = "MEMBER"
    MSR = "MSR"
    MANAGER = "MANAGER"
    PROGRAM_ADMINISTRATOR = "PROGRAM_ADMINISTRATOR"
    PARTNER_MANAGER = "PARTNER_MANAGER"
    PARTNER_REPRESENTATIVE = "PARTNER_REPRESENTATIVE"
    PARTNER_APPROVER = "PARTNER_APPROVER"
    PARTNER_PROGRAM_ADMINISTRATOR = "PARTNER_PROGRAM_ADMINISTRATOR"
    ENGINE = "ENGINE"


LOG_INS = tuple(role for role in Role if role is not Role.ENGINE)
"""Roles that people have; the engine logs in nowhere."""

HOST = frozenset({
    Role.MSR, Role.MANAGER, Role.PROGRAM_ADMINISTRATOR, Role.PARTNER_MANAGER, Role.PARTNER_PROGRAM_ADMINISTRATOR,
})  # fmt: skip
PARTNER = frozenset({Role.PARTNER_REPRESENTATIVE, Role.PARTNER_APPROVER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person as stored and shown. Limits are in points, for one transaction or one loan; zero means none."""

    id: int
    subject: str
    name: str
    email: str | None
    roles: frozenset[Role]
    program_id: int | None
    partner_id: int | None
    member_id: int | None
    manager_id: int | None
    tier_approver: bool
    transaction_approval_limit: Decimal
    loan_approval_limit: Decimal
    active: bool
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonClaims:
    """What an identity provider says of a person, in codes and numbers; no role: nobody to this API."""

    subject: str
    name: str
    roles: frozenset[Role]
    program: str | None = None
    partner: str | None = None
    member: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows somebody may see: the store adds it to every read. None means no restriction of that kind."""

    program_id: int | None = None
    partner_id: int | None = None
    member_id: int | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes this request, and by which API key, if it is made by one."""

    person_id: int | None
    subject: str
    roles: frozenset[Role]
    scope: Scope = Scope()
    api_key_id: int | None = None

    def has(self, *roles: Role) -> bool:
        """Whether any of the roles is held."""
        return not self.roles.isdisjoint(roles)


ENGINE = Principal(None, "engine", frozenset({Role.ENGINE}))
"""The actor of everything automatic."""
