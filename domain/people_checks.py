"""What makes a person of one: roles of one side (the host, a partner, a member), and what those roles must be bound to.

Whoever is an employee and a member has two log-ins: what a log-in sees is decided by what it is bound to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from domain.people import HOST, PARTNER, Person, Role
from domain.points import MAX_DECIMALS
from domain.problems import Invalid, Missing, Problem
from domain.values import number_problems

MEMBER = frozenset({Role.MEMBER})
SIDES = (HOST, PARTNER, MEMBER)
MAX_LIMIT = Decimal(10**15)


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedRoles(Problem):
    """Roles of different sides in one log-in."""

    code = "MIXED_ROLES"
    roles: tuple[Role, ...]

    @property
    def message(self) -> str:
        named = ", ".join(role.value for role in self.roles)
        return f"{named} do not mix: a person has roles of the host, roles of one partner, or MEMBER alone."


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerCycle(Problem):
    """Somebody who would in the end be their own manager."""

    code = "MANAGER_CYCLE"
    chain: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"Nobody can be their own manager: {' reports to '.join(self.chain)}."


def role_problems(roles: frozenset[Role], *path: str) -> Iterator[Problem]:
    """At least one role, none of the engine's, all of one side."""
    if not roles:
        yield Missing(why="a person has at least one role", path=path)
    if Role.ENGINE in roles:
        yield Invalid(value=Role.ENGINE.value, expected="a role of a person: ENGINE is everything automatic", path=path)
    elif roles and not any(roles <= side for side in SIDES):
        yield MixedRoles(roles=tuple(sorted(roles, key=lambda role: role.value)), path=path)


def binding_problems(
    roles: frozenset[Role], *, program: bool, partner: bool, member: bool, path: tuple[str, ...]
) -> Iterator[Problem]:
    """Partner roles need a partner and MEMBER a program and member; other roles must not have them."""
    of_partner, of_member = bool(roles & PARTNER), bool(roles & MEMBER)
    if of_partner and not partner:
        yield Missing(why="partner roles belong to a partner", path=(*path, "partner"))
    if partner and not of_partner:
        yield Invalid(
            value="a partner", expected="none: only partner roles belong to a partner", path=(*path, "partner")
        )
    if of_member and not program:
        yield Missing(why="a member belongs to a program", path=(*path, "program"))
    if of_member and not member:
        yield Missing(why="the role MEMBER belongs to a member", path=(*path, "member"))
    if member and not of_member:
        yield Invalid(
            value="a member", expected="none: only the role MEMBER belongs to a member", path=(*path, "member")
        )


def limit_problems(transaction: Decimal | None, loan: Decimal | None, *path: str) -> Iterator[Problem]:
    """Approval limits are numbers of points."""
    yield from number_problems(transaction, MAX_LIMIT, MAX_DECIMALS, *path, "transactionApprovalLimit")
    yield from number_problems(loan, MAX_LIMIT, MAX_DECIMALS, *path, "loanApprovalLimit")


def manager_problems(manager: Person, partner_id: int | None, *path: str) -> Iterator[Problem]:
    """A manager is an employee of the host, or a user of the person's own partner."""
    if manager.roles & MEMBER:
        yield Invalid(value=manager.subject, expected="an employee or a partner's user, not a member", path=path)
    elif manager.partner_id is not None and manager.partner_id != partner_id:
        yield Invalid(value=manager.subject, expected="an employee, or a user of the same partner", path=path)
