"""From the ledger's rows to the lines of a statement: what moved, and what lapsed in between.

The rule that matters: at every moment opening + lines is what the member owned then, that is what is left of lots, without
what has lapsed and no hold keeps. Units throughout; the last step speaks points.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from domain.calendars import business_date, start_of_day
from domain.points import from_units
from domain.statements import LineKind, PointStatement, StatementLine
from domain.transactions import SubType, Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What one transaction did to one kind of points at a moment, in units: positive came, negative went."""

    at: datetime
    transaction_id: int | None
    transaction_date: date
    point_type_id: int
    units: int
    kind: LineKind = LineKind.TRANSACTION
    type: Type | None = None
    sub_type: SubType | None = None
    product: str | None = None
    partner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a hold keeps of a lot, from a moment until before another."""

    since: datetime
    until: datetime
    units: int


class Change(NamedTuple):
    """Points put into a lot or (negative) taken from it; `expiry`: by the nightly job."""

    at: datetime
    units: int
    expiry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedLot:
    """A lot with a last day: how its points changed, which later last days it got since when, and what holds kept of it."""

    point_type_id: int
    expires_on: date
    changes: Sequence[Change]
    extensions: Sequence[tuple[datetime, date]] = ()
    kept: Sequence[Kept] = ()

    def has_lapsed(self, moment: datetime, time_zone: str) -> bool:
        """Whether its last day has passed at a moment."""
        last_day = max([self.expires_on, *(day for at, day in self.extensions if at <= moment)])
        return last_day < business_date(moment, time_zone)

    def lapsed(self, moment: datetime, time_zone: str) -> int:
        """What is left of it at a moment and cannot be used any more."""
        if not self.has_lapsed(moment, time_zone):
            return 0
        left = sum(each.units for each in self.changes if each.at <= moment)
        return left - sum(each.units for each in self.kept if each.since <= moment < each.until)

    def told(self, moment: datetime, time_zone: str) -> int:
        """What the nightly job took of it at a moment, after it had lapsed: that went before."""
        if not self.has_lapsed(moment, time_zone):
            return 0
        return -sum(each.units for each in self.changes if each.expiry and each.at == moment)

    def moments(self, time_zone: str) -> set[datetime]:
        """Whenever that may change."""
        days = {self.expires_on, *(day for _, day in self.extensions)}
        midnights = {start_of_day(day + timedelta(1), time_zone) for day in days if day < date.max}
        written = {each.at for each in self.changes} | {at for at, _ in self.extensions}
        return midnights | written | {at for each in self.kept for at in (each.since, each.until)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A kind of points, and what the member owned of it before the period."""

    point_type_id: int
    code: str
    name: str
    decimals: int
    opening: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The moments of a statement: after `before`, until `until`, on the calendar of a time zone."""

    before: datetime
    until: datetime
    time_zone: str


Place = tuple[int, datetime]
"""A point type and a moment."""


@dataclass(frozen=True, slots=True)
class _Lapses:
    """By how much what has lapsed grew (or, extended, fell), and what the nightly job took of it; by place."""

    grown: Mapping[Place, int]
    told: Mapping[Place, int]


def accounts(
    opened: Iterable[Account], movements: Iterable[Movement], lots: Iterable[DatedLot], period: Period
) -> tuple[PointStatement, ...]:
    """The statement of every kind of points, in the order of the accounts."""
    lapses = _lapses(lots, period)
    by_type: dict[int, list[Movement]] = defaultdict(list)
    for each in (*_moved(movements, lapses.told), *_lapsed(lapses.grown, period.time_zone)):
        by_type[each.point_type_id].append(each)
    return tuple(_account(one, by_type[one.point_type_id]) for one in opened)


def _lapses(lots: Iterable[DatedLot], period: Period) -> _Lapses:
    grown: dict[Place, int] = defaultdict(int)
    told: dict[Place, int] = defaultdict(int)
    for lot in lots:
        known = lot.lapsed(period.before, period.time_zone)
        for moment in sorted(lot.moments(period.time_zone)):
            if period.before < moment <= period.until:
                now, taken = lot.lapsed(moment, period.time_zone), lot.told(moment, period.time_zone)
                grown[lot.point_type_id, moment] += now - known + taken
                told[lot.point_type_id, moment] += taken
                known = now
    return _Lapses(grown, told)


def _moved(movements: Iterable[Movement], told: Mapping[Place, int]) -> Iterator[Movement]:
    """What transactions did. What the nightly job takes went when it lapsed: it does not go twice."""
    left = dict(told)
    for each in movements:
        place = each.point_type_id, each.at
        if each.sub_type is not SubType.EXPIRY or not left.get(place):
            yield each
            continue
        before = min(-each.units, left[place])
        left[place] -= before
        if each.units + before:
            yield replace(each, units=each.units + before)


def _lapsed(grown: Mapping[Place, int], time_zone: str) -> Iterator[Movement]:
    """What the calendar did."""
    for (point_type_id, moment), units in grown.items():
        if units:
            yield Movement(
                at=moment,
                transaction_id=None,
                transaction_date=business_date(moment, time_zone),
                point_type_id=point_type_id,
                units=-units,
                kind=LineKind.LAPSED if units > 0 else LineKind.EXTENDED,
            )


def _order(movement: Movement) -> tuple[datetime, bool, date, int]:
    """In time; at one moment what came stands before what went, so that no balance on the way is negative."""
    return movement.at, movement.units < 0, movement.transaction_date, movement.transaction_id or 0


def _account(one: Account, movements: list[Movement]) -> PointStatement:
    lines, balance = [], one.opening
    for position, each in enumerate(sorted(movements, key=_order), start=1):
        balance += each.units
        lines.append(_line(position, each, balance, one.decimals))
    return PointStatement(
        point_type=one.code,
        point_type_name=one.name,
        opening=from_units(one.opening, one.decimals),
        credited=from_units(sum(max(0, each.units) for each in movements), one.decimals),
        debited=from_units(sum(max(0, -each.units) for each in movements), one.decimals),
        closing=from_units(balance, one.decimals),
        lines=tuple(lines),
    )


def _line(position: int, movement: Movement, balance: int, decimals: int) -> StatementLine:
    return StatementLine(
        position=position,
        processed_at=movement.at,
        kind=movement.kind,
        transaction_id=movement.transaction_id,
        transaction_date=movement.transaction_date,
        type=movement.type,
        sub_type=movement.sub_type,
        product=movement.product,
        partner=movement.partner,
        points=from_units(movement.units, decimals),
        balance=from_units(balance, decimals),
    )
