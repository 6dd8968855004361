"""Members as files describe them, and what became of each line. An empty column says nothing: it neither sets nor contradicts."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from domain.commands.members import ConsentGiven
from domain.members import Address, Identifier, MemberKind, MemberStatus
from domain.problems import Problem

MAX_ROWS = 10_000
"""So many rows are read, checked and written at once; a longer file comes in parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One line. Its number makes a repeated line known; a referrer is stored already or stands on an earlier line."""

    number: str
    name: str
    kind: MemberKind | None = None
    status: MemberStatus | None = None
    email: str | None = None
    phone: str | None = None
    birth_date: date | None = None
    address: Address | None = None
    language: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    consents: tuple[ConsentGiven, ...] = ()
    referrer_number: str | None = None
    enrolled_on: date | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


class RowOutcome(enum.Enum):
    """ADDED: a new member. SKIPPED: a member with this number and content is there. REFUSED: see the problems."""

    ADDED = "ADDED"
    SKIPPED = "SKIPPED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a line; `path` of a problem names the column as the API does: `birthDate`, `address.city`."""

    outcome: RowOutcome
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDiffers(Problem):
    """A line whose number belongs to a member of whom other things are known; an import never changes a member."""

    code = "MEMBER_DIFFERS"
    number: str
    columns: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"There is already a member {self.number!r}, with other content in: {', '.join(self.columns)}."
