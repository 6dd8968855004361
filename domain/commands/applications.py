"""Commands and questions about applications to partner programs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.applications import ApplicationKind, ApplicationStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationSave:
    """Keep a draft. `partner` by code, not given by a partner's own user."""

    partner_program: str
    partner: str | None = None
    note: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationResave:
    """Change a draft of the version that the caller has read; what is not given stays as it is."""

    id: int
    expected_version: int
    note: str | None = None
    attributes: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationMoved:
    """A move of an application; `comment` is kept with it."""

    id: int
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFilter:
    """Which applications of a list; all that is given must hold. Programs and partners by code, `accepted_by` by subject."""

    partner_program: str | None = None
    partner: str | None = None
    kind: ApplicationKind | None = None
    status: tuple[ApplicationStatus, ...] = ()
    accepted_by: str | None = None
