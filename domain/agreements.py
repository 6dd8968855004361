"""What a membership gives: lines of the agreement with the partner, and what the partner is entitled to.

They follow the status of their membership, and nothing else: in grace both stay as they are, even where a line's own end
date has passed.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.partner_programs import LineTemplate, Period, end_of


class LineStatus(enum.Enum):
    """PENDING: of a renewed membership that has not begun. EXPIRED and CANCELLED are final."""

    PENDING = "PENDING"
    CURRENT = "CURRENT"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementLine:
    """A line of the agreement, dated to its membership; `months`: how long it runs, None: as long as the membership."""

    id: int
    membership_id: int
    code: str
    description: str
    months: int | None
    status: LineStatus
    starts_on: date
    ends_on: date

    @property
    def template(self) -> LineTemplate:
        """Of what another line like this is made."""
        return LineTemplate(self.code, self.description, self.months)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """What a partner is entitled to, from a day on; `ends_on`: the last day (None: as long as the membership goes on)."""

    id: int
    membership_id: int
    code: str
    description: str
    starts_on: date
    ends_on: date | None

    def is_in_force(self, today: date) -> bool:
        """Whether it counts on a day."""
        return self.starts_on <= today and (self.ends_on is None or today <= self.ends_on)


def line_dates(template: LineTemplate, of: Period) -> tuple[date, date]:
    """The first and last day of a line: those of its membership, or so many months of it."""
    own = of.ends_on if template.months is None else end_of(of.begins_on, template.months)
    return of.begins_on, min(own, of.ends_on)


def renewed(lines: Iterable[AgreementLine]) -> tuple[LineTemplate, ...]:
    """The lines of a renewed membership: those of the old one, unless they were cancelled."""
    return tuple(each.template for each in lines if each.status is not LineStatus.CANCELLED)
