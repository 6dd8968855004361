"""API keys: a secret by which a system speaks for a person, with all of the person's roles or fewer, until a day.

A key never may more than its person may at the moment of the request: roles that the person has lost, the key has lost. Only a
hash of the secret is kept; a rotated key takes its secret of before for a while longer, never beyond the day that it had.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.people import Person, Principal, Role, Scope
from domain.problems import Invalid, Problem

PREFIX = "mpk_"
"""How every secret begins, so that it is recognised where it should not be."""

SECRET_BYTES = 32
HINT = 4
"""Last characters of the secret that lists show."""

USUAL_LIFE = timedelta(days=90)
LONGEST_LIFE = timedelta(days=730)
USUAL_OVERLAP_HOURS = 24
LONGEST_OVERLAP_HOURS = 24 * 30
MOST_KEYS = 20
"""Of one person, revoked and expired ones not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as stored and shown; never its secret. `last_used_at` is at most a minute old."""

    id: int
    person_id: int
    program_id: int | None
    name: str
    roles: frozenset[Role]
    hint: str
    expires_at: datetime
    old_secret_until: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_by_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Issued:
    """A key, and its secret if it is new."""

    key: ApiKey
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """A key that is valid now, and the person for whom it speaks."""

    key: ApiKey
    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRevoked(Problem):
    """A revoked key stays revoked."""

    code = "API_KEY_REVOKED"

    @property
    def message(self) -> str:
        return "This API key is revoked: make a new one (apiKeyCreate)."


def hashed(secret: str) -> str:
    """What is kept of a secret. It is 32 random bytes: no salt and no slow hash would make it harder to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def principal_of(holder: KeyHolder) -> Principal:
    """Who makes a request with a key: the person, with the roles and within the program of the key."""
    key, person = holder.key, holder.person
    scope = Scope(person.program_id or key.program_id, person.partner_id, person.member_id)
    return Principal(person.id, person.subject, person.roles & key.roles, scope, key.id)


def may_hold(actor: Principal, person: Person) -> bool:
    """Whether somebody makes and renews keys of a person: administrators those of whom they reach, everybody their own.

    A key does not renew itself: whoever found one would keep it.
    """
    if actor.has(Role.PROGRAM_ADMINISTRATOR, Role.ENGINE):
        return actor.scope.program_id in {None, person.program_id}
    return actor.person_id == person.id and actor.api_key_id is None


def role_problems(roles: frozenset[Role], person: Person, *path: str) -> Iterator[Problem]:
    """A key has at least one role, and none that its person has not."""
    if not roles or not roles <= person.roles:
        held = ", ".join(sorted(role.value for role in person.roles))
        named = ", ".join(sorted(role.value for role in roles))
        yield Invalid(value=named, expected=f"at least one of the person's roles: {held}", path=path)


def expiry_problems(expires_at: datetime, now: datetime, *path: str) -> Iterator[Problem]:
    """A key ends after now, and within two years."""
    if not now < expires_at <= now + LONGEST_LIFE:
        expected = f"a moment within the next {LONGEST_LIFE.days} days"
        yield Invalid(value=expires_at.isoformat(), expected=expected, path=path)


def overlap_problems(hours: int, *path: str) -> Iterator[Problem]:
    """How long the secret before a rotation is taken, too."""
    if not 0 <= hours <= LONGEST_OVERLAP_HOURS:
        yield Invalid(value=str(hours), expected=f"0 to {LONGEST_OVERLAP_HOURS} hours", path=path)
