"""When points lapse: a policy turns the date of a transaction into the last day on which its points can be used.

A lot is usable through its expiry date; the day after, it is not, whether or not the nightly job has run.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from domain import calendars
from domain.problems import Invalid, Problem


class ExpiryKind(enum.Enum):
    """How an expiry date is found."""

    NEVER = "NEVER"
    PERIOD = "PERIOD"
    FIXED_DAY = "FIXED_DAY"
    INACTIVITY = "INACTIVITY"


class PeriodUnit(enum.Enum):
    """What a length counts."""

    DAY = "DAY"
    MONTH = "MONTH"
    YEAR = "YEAR"


class Snap(enum.Enum):
    """To which end a date is moved forward."""

    NONE = "NONE"
    END_OF_MONTH = "END_OF_MONTH"
    END_OF_QUARTER = "END_OF_QUARTER"
    END_OF_YEAR = "END_OF_YEAR"


@dataclass(frozen=True, slots=True)
class ExpiryPolicy:
    """`length` and `unit` for PERIOD and INACTIVITY; `month` and `day` (1 to 31, clamped) for FIXED_DAY; then snapped."""

    kind: ExpiryKind = ExpiryKind.NEVER
    length: int = 0
    unit: PeriodUnit = PeriodUnit.MONTH
    month: int = 12
    day: int = 31
    snap: Snap = Snap.NONE


NEVER = ExpiryPolicy()

MAX_LENGTH = {PeriodUnit.DAY: 36_500, PeriodUnit.MONTH: 1_200, PeriodUnit.YEAR: 100}
"""The longest period: a century. Whoever wants more wants NEVER."""

MAX_YEARS_AHEAD = 100


def expires_on(policy: ExpiryPolicy, day: date) -> date | None:
    """The last day on which points of a transaction (or, for INACTIVITY, of the last activity) of this day can be used; None: no end.

    PERIOD and INACTIVITY: `length` units after the day. FIXED_DAY: the first such day of the year on or after the day, then
    `length` years later. The result is moved forward to the end that `snap` names.
    """
    found = _FIND[policy.kind](policy, day)
    return None if found is None else _SNAP[policy.snap](found)


def later(first: date | None, second: date | None) -> date | None:
    """The later of two expiry dates (None: never): the effective expiry of a lot with an extension."""
    return None if first is None or second is None else max(first, second)


def first_policy(
    award: ExpiryPolicy | None, tier: ExpiryPolicy | None, point_type: ExpiryPolicy | None, program: ExpiryPolicy
) -> ExpiryPolicy:
    """The most specific policy wins: the award's, else the tier's, else the point type's, else the program's."""
    return award or tier or point_type or program


def policy_problems(policy: ExpiryPolicy, *path: str) -> tuple[Problem, ...]:
    """What is wrong with a policy, wherever it is kept."""
    lowest, highest = _length_bounds(policy)
    checks = (
        ("length", policy.length, lowest, highest),
        ("month", policy.month, 1, 12),
        ("day", policy.day, 1, 31),
    )
    return tuple(
        Invalid(value=str(value), expected=f"{least} to {most}", path=(*path, name))
        for name, value, least, most in checks
        if not least <= value <= most
    )


def _length_bounds(policy: ExpiryPolicy) -> tuple[int, int]:
    if policy.kind is ExpiryKind.FIXED_DAY:
        return 0, MAX_YEARS_AHEAD
    return int(policy.kind is not ExpiryKind.NEVER), MAX_LENGTH[policy.unit]


def policy_to_dict(policy: ExpiryPolicy) -> dict[str, str | int]:
    """The policy as it is stored and sent: names of enums, camelCase keys."""
    return {
        "kind": policy.kind.value,
        "length": policy.length,
        "unit": policy.unit.value,
        "month": policy.month,
        "day": policy.day,
        "snap": policy.snap.value,
    }


def policy_from_dict(data: Mapping[str, Any]) -> ExpiryPolicy:
    """The policy of `policy_to_dict`; a key that is absent has its default."""
    return ExpiryPolicy(
        kind=ExpiryKind(data.get("kind", NEVER.kind)),
        length=int(data.get("length", NEVER.length)),
        unit=PeriodUnit(data.get("unit", NEVER.unit)),
        month=int(data.get("month", NEVER.month)),
        day=int(data.get("day", NEVER.day)),
        snap=Snap(data.get("snap", NEVER.snap)),
    )


def _never(policy: ExpiryPolicy, day: date) -> None:
    return None


def _after_period(policy: ExpiryPolicy, day: date) -> date:
    return _ADD[policy.unit](day, policy.length)


def _on_fixed_day(policy: ExpiryPolicy, day: date) -> date:
    this_year = calendars.clamped(day.year, policy.month, policy.day)
    year = day.year + policy.length + (this_year < day)
    return calendars.clamped(year, policy.month, policy.day)


def _as_is(day: date) -> date:
    return day


_ADD: dict[PeriodUnit, Callable[[date, int], date]] = {
    PeriodUnit.DAY: lambda day, days: day + timedelta(days),
    PeriodUnit.MONTH: calendars.add_months,
    PeriodUnit.YEAR: calendars.add_years,
}
_FIND: dict[ExpiryKind, Callable[[ExpiryPolicy, date], date | None]] = {
    ExpiryKind.NEVER: _never,
    ExpiryKind.PERIOD: _after_period,
    ExpiryKind.FIXED_DAY: _on_fixed_day,
    ExpiryKind.INACTIVITY: _after_period,
}
_SNAP: dict[Snap, Callable[[date], date]] = {
    Snap.NONE: _as_is,
    Snap.END_OF_MONTH: calendars.end_of_month,
    Snap.END_OF_QUARTER: calendars.end_of_quarter,
    Snap.END_OF_YEAR: calendars.end_of_year,
}
