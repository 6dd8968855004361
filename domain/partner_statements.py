"""A partner's statement of a period: opening, what came and went by kind and by promotion, closing; and what it owes for it.

Rows are selected by the day on which they were processed. Once a period is closed its document is kept word by word, and
nothing is added to it: what comes late belongs to the next one.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.billing import Charge, ChargeKind
from domain.blocks import BLOCK_DECIMALS
from domain.calendars import end_of_month
from domain.partner_transactions import Direction, PartnerTransactionKind
from domain.problems import Invalid, Problem

ZERO = Decimal(0).scaleb(-BLOCK_DECIMALS)
FIRST_NUMBER = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Rows of one kind, direction and promotion (by code), added up; block points, always positive."""

    kind: PartnerTransactionKind
    direction: Direction
    promotion: str | None
    entries: int
    points: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerMovement:
    """What one kind of partner transactions did to the blocks, for one promotion or for none."""

    kind: PartnerTransactionKind
    promotion: str | None
    entries: int
    credited: Decimal
    debited: Decimal


@dataclass(frozen=True, slots=True)
class Named:
    """A program or a partner, as it was called when the statement was made."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerStatement:
    """A period of a partner (None: the host) in a program. `number` and what follows: of a closed one.

    Always: closing = opening + what was credited - what was debited.
    """

    program_id: int
    partner_id: int | None
    program: Named
    partner: Named | None
    time_zone: str
    starts_on: date
    ends_on: date
    opening: Decimal
    movements: tuple[PartnerMovement, ...]
    charges: tuple[Charge, ...]
    number: int | None = None
    id: int | None = None
    closed_at: datetime | None = None
    closed_by_id: int | None = None

    @property
    def credited(self) -> Decimal:
        """What came into the blocks."""
        return sum((each.credited for each in self.movements), ZERO)

    @property
    def debited(self) -> Decimal:
        """What went out of them."""
        return sum((each.debited for each in self.movements), ZERO)

    @property
    def closing(self) -> Decimal:
        """What was in all blocks at the end."""
        return self.opening + self.credited - self.debited

    @property
    def closed(self) -> bool:
        """Whether it is kept and never changes."""
        return self.number is not None

    @property
    def sha256(self) -> str:
        """Of the canonical bytes, in hexadecimal."""
        return hashlib.sha256(canonical(self)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodClosed(Problem):
    """A period that is closed already, wholly or in part; the next one begins on `next_from`."""

    code = "PERIOD_CLOSED"
    closed_through: date
    next_from: date

    @property
    def message(self) -> str:
        return f"This partner is closed through {self.closed_through}: the next period begins on {self.next_from}."


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodNotOver(Problem):
    """A period that goes on: only days that have passed can be closed."""

    code = "PERIOD_NOT_OVER"
    last: date

    @property
    def message(self) -> str:
        return f"Only days that have passed can be closed: give {self.last} or an earlier date."


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodGap(Problem):
    """A period that would leave days between itself and the one before."""

    code = "PERIOD_GAP"
    next_from: date

    @property
    def message(self) -> str:
        return f"Periods follow each other without a gap: this one begins on {self.next_from}."


def movements_of(sums: Iterable[Sum]) -> tuple[PartnerMovement, ...]:
    """One movement per kind and promotion: kinds in the order of their enumeration, those without a promotion first."""
    found: dict[tuple[PartnerTransactionKind, str | None], list[Sum]] = defaultdict(list)
    for each in sums:
        found[each.kind, each.promotion].append(each)
    kinds = list(PartnerTransactionKind)
    keys = sorted(found, key=lambda key: (kinds.index(key[0]), key[1] is not None, key[1] or ""))
    return tuple(
        PartnerMovement(
            kind=kind,
            promotion=promotion,
            entries=sum(each.entries for each in found[kind, promotion]),
            credited=_points(found[kind, promotion], Direction.CREDIT),
            debited=_points(found[kind, promotion], Direction.DEBIT),
        )
        for kind, promotion in keys
    )


def net(sums: Iterable[Sum]) -> Decimal:
    """What sums did to the blocks in all."""
    return sum((each.points if each.direction is Direction.CREDIT else -each.points for each in sums), ZERO)


def next_period(closed_through: date | None, first: date | None, through: date) -> date:
    """The first day of the period to be closed: the day after the last closed one; at first, of the month in which it all began."""
    if closed_through is not None:
        return closed_through + timedelta(1)
    return min(first or through, through).replace(day=1)


def asked_problems(starts_on: date, through: date, today: date) -> list[Problem]:
    """What is wrong with a period that somebody asks for, both days included; `today` in the program's time zone."""
    if through < starts_on:
        expected = f"a date from {starts_on} on"
        return [Invalid(value=through.isoformat(), expected=expected, path=("through",))]
    if through > today:
        expected = f"a date that has begun: today is {today}"
        return [Invalid(value=through.isoformat(), expected=expected, path=("through",))]
    return []


def closing_problems(
    starts_on: date, through: date, today: date, closed_through: date | None, given: date | None
) -> list[Problem]:
    """What is wrong with closing a period that begins on `starts_on`; `given`: the first day that the caller named."""
    last = today - timedelta(1)
    if closed_through is not None and through <= closed_through:
        return [PeriodClosed(closed_through=closed_through, next_from=starts_on, path=("through",))]
    if through > last:
        return [PeriodNotOver(last=last, path=("through",))]
    if closed_through is not None and given is not None and given != starts_on:
        return [PeriodGap(next_from=starts_on, path=("from",))]
    return asked_problems(starts_on, through, today)


def months_to_close(starts_on: date, today: date) -> list[tuple[date, date]]:
    """The calendar months from a day on that have passed, each as its first and last day; the first may begin later."""
    found = []
    while (ends_on := end_of_month(starts_on)) < today:
        found.append((starts_on, ends_on))
        starts_on = ends_on + timedelta(1)
    return found


def canonical(statement: PartnerStatement) -> bytes:
    """The document as bytes, the same for the same statement on every machine: keys sorted, no spaces, UTF-8."""
    text = json.dumps(document_of(statement), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def document_of(statement: PartnerStatement) -> dict[str, Any]:
    """The statement as JSON; points, amounts and counts are exact text."""
    return {
        "program": _named(statement.program),
        "partner": statement.partner and _named(statement.partner),
        "timeZone": statement.time_zone,
        "number": None if statement.number is None else str(statement.number),
        "from": statement.starts_on.isoformat(),
        "through": statement.ends_on.isoformat(),
        "opening": spoken(statement.opening),
        "movements": [_movement(each) for each in statement.movements],
        "credited": spoken(statement.credited),
        "debited": spoken(statement.debited),
        "closing": spoken(statement.closing),
        "charges": [_charge(each) for each in statement.charges],
    }


def statement_of(document: Mapping[str, Any], **stored: Any) -> PartnerStatement:
    """The statement that a document says; `stored`: what stands beside it, such as ids and when it was closed."""
    partner = document["partner"]
    return PartnerStatement(
        program=Named(**document["program"]),
        partner=None if partner is None else Named(**partner),
        time_zone=document["timeZone"],
        number=None if document["number"] is None else int(document["number"]),
        starts_on=date.fromisoformat(document["from"]),
        ends_on=date.fromisoformat(document["through"]),
        opening=Decimal(document["opening"]),
        movements=tuple(_movement_of(each) for each in document["movements"]),
        charges=tuple(_charge_of(each) for each in document["charges"]),
        **stored,
    )


def spoken(number: Decimal) -> str:
    """A number as exact text: `-1200.00`."""
    return format(number, "f")


def _points(sums: Sequence[Sum], direction: Direction) -> Decimal:
    return sum((each.points for each in sums if each.direction is direction), ZERO)


def _named(named: Named) -> dict[str, str]:
    return {"code": named.code, "name": named.name}


def _movement(movement: PartnerMovement) -> dict[str, Any]:
    return {
        "kind": movement.kind.value,
        "promotion": movement.promotion,
        "entries": str(movement.entries),
        "credited": spoken(movement.credited),
        "debited": spoken(movement.debited),
    }


def _movement_of(said: Mapping[str, Any]) -> PartnerMovement:
    return PartnerMovement(
        kind=PartnerTransactionKind(said["kind"]),
        promotion=said["promotion"],
        entries=int(said["entries"]),
        credited=Decimal(said["credited"]),
        debited=Decimal(said["debited"]),
    )


def _charge(charge: Charge) -> dict[str, Any]:
    return {
        "kind": charge.kind.value,
        "promotion": charge.promotion,
        "entries": str(charge.entries),
        "amount": spoken(charge.amount),
        "currency": charge.currency,
    }


def _charge_of(said: Mapping[str, Any]) -> Charge:
    return Charge(
        kind=ChargeKind(said["kind"]),
        promotion=said["promotion"],
        entries=int(said["entries"]),
        amount=Decimal(said["amount"]),
        currency=said["currency"],
    )
