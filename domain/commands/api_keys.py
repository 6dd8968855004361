"""Commands and questions about API keys. A person is named by the subject of their tokens."""

from dataclasses import dataclass
from datetime import datetime

from domain.api_keys import USUAL_OVERLAP_HOURS
from domain.people import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyCreate:
    """A key for a person (None: the caller), with all of their roles or with `roles`, in all they see or in one program."""

    name: str
    person: str | None = None
    roles: frozenset[Role] | None = None
    program: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRotate:
    """A new secret for a key; the one before is taken for so many hours more."""

    key_id: int
    overlap_hours: int = USUAL_OVERLAP_HOURS
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyFilter:
    """Which keys of a list; all that is given must hold. `active`: neither revoked nor expired."""

    person: str | None = None
    program: str | None = None
    active: bool | None = None
