"""A member's statement of a period, as it is shown: per kind of points an opening, lines, a closing.

What opens and closes is everything that a member owns: available, held and pending. A line counts on the moment at which it
was processed, whatever its transaction date; points lapse at the beginning of the day after their last one, whether or not
the nightly job has taken them.
"""

import enum
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from domain.problems import Invalid, Problem
from domain.transactions import SubType, Type

MAX_DAYS = 400
MAX_LINES = 10_000
"""The most that one statement holds; whoever moves more asks for shorter periods."""
FIRST_DAY = date(1900, 1, 1)
"""Nobody had any points before; every time zone can tell its beginning."""


class LineKind(enum.Enum):
    """What a line of a statement tells of."""

    TRANSACTION = "TRANSACTION"
    """A transaction gave, took, or put back."""
    LAPSED = "LAPSED"
    """The last day of points has passed, or of a hold that kept them longer."""
    EXTENDED = "EXTENDED"
    """Lapsed points got a later last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """Points that came (positive) or went (negative), and what the member owned then; product and partner by name."""

    position: int
    processed_at: datetime
    kind: LineKind
    transaction_id: int | None
    transaction_date: date
    type: Type | None
    sub_type: SubType | None
    product: str | None
    partner: str | None
    points: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PointStatement:
    """One kind of points: closing = opening + all lines, to the point."""

    point_type: str
    point_type_name: str
    opening: Decimal
    credited: Decimal
    debited: Decimal
    closing: Decimal
    lines: tuple[StatementLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A member's period; `complete` once its last day has passed: then nothing is added any more."""

    member_id: int
    starts_on: date
    ends_on: date
    time_zone: str
    complete: bool
    accounts: tuple[PointStatement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementTooLong(Problem):
    """A period in which more happened than one statement holds."""

    code = "STATEMENT_TOO_LONG"
    limit: int

    @property
    def message(self) -> str:
        return f"In this period more happened than one statement holds ({self.limit:,} lines): ask for shorter ones."


def period_problems(starts_on: date, ends_on: date, today: date) -> list[Problem]:
    """What is wrong with a period, both days included; `today` in the program's time zone."""

    def wrong(name: str, value: date, expected: str) -> list[Problem]:
        return [Invalid(value=value.isoformat(), expected=expected, path=(name,))]

    if starts_on < FIRST_DAY:
        return wrong("from", starts_on, f"a date from {FIRST_DAY} on")
    if ends_on < starts_on:
        return wrong("to", ends_on, f"a date from {starts_on} on")
    if ends_on > today:
        return wrong("to", ends_on, f"a date that has begun: today is {today}")
    if (ends_on - starts_on).days >= MAX_DAYS:
        last = starts_on + timedelta(MAX_DAYS - 1)
        return wrong("to", ends_on, f"at most {MAX_DAYS} days in all: {last} at the latest")
    return []
