"""Tiers: classes of standing with thresholds, qualifying periods and dates; while a tier is valid only upgrades happen.

Progress counts qualifying points by transaction date, each in its own period; spending never lowers it.
"""

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.calendars import add_months, clamped
from domain.expiry import ExpiryPolicy
from domain.vouchers import TierVoucher


class TierModel(enum.Enum):
    """How qualifying periods run, and to what a tier's end is aligned (domain: tiers)."""

    ANNIVERSARY = "ANNIVERSARY"
    FIXED_DATE = "FIXED_DATE"
    ROLLING = "ROLLING"


class TierReason(enum.Enum):
    """Why a member's tier began."""

    THRESHOLD = "THRESHOLD"
    PROMOTION = "PROMOTION"
    REQUEST = "REQUEST"
    RENEWAL = "RENEWAL"
    """At its end the member had qualified again."""
    DOWNGRADE = "DOWNGRADE"
    """At the end of a higher one the member had not."""
    MERGE = "MERGE"
    """Somebody was merged into the member who held it."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """So many qualifying points of a type, or so high a counter (`counters.flights`), in the qualifying period."""

    at_least: Decimal
    point_type: str | None = None
    counter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierClass:
    """A ladder of tiers; the lowest sequence is the most senior class. `starts_month` and `starts_day`: of FIXED_DATE periods."""

    id: int
    program_id: int
    code: str
    name: str
    sequence: int
    model: TierModel
    period_months: int = 12
    starts_month: int = 1
    starts_day: int = 1


@dataclass(frozen=True, slots=True)
class TierLoan:
    """How much a redemption may borrow by itself: at most the cap, or so many percent of the balance; of both, one.

    What the member owes already counts against it.
    """

    cap: Decimal | None = None
    percent: Decimal | None = None
    larger: bool = False
    """Of both, the larger; else the smaller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A rung: the higher its sequence, the higher its standing. `any_threshold`: one of the thresholds is enough."""

    id: int
    tier_class: str
    code: str
    name: str
    sequence: int
    is_default: bool = False
    shown: bool = True
    thresholds: tuple[Threshold, ...] = ()
    any_threshold: bool = False
    downgrade_to: str | None = None
    minimum_months: int = 12
    suspends_expiry: bool = False
    expiry: ExpiryPolicy | None = None
    vouchers: tuple[TierVoucher, ...] = ()
    """Given whenever a member reaches or renews the tier."""
    loan: TierLoan | None = None
    """What redemptions of those who hold it may borrow; None: nothing."""


@dataclass(frozen=True, slots=True)
class HeldTier:
    """A tier that a member holds or held, first and last day included (`ends_on` None: until further notice)."""

    tier: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberTier:
    """A tier in a member's history, and why it began. The default tier of enrolment has neither reason nor row."""

    program_id: int
    member_id: int
    tier_class: str
    tier: str
    starts_on: date
    ends_on: date | None
    reason: TierReason | None = None
    transaction_id: int | None = None
    promotion_id: int | None = None
    tier_request_id: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days, both included."""

    starts_on: date
    ends_on: date

    def holds(self, day: date) -> bool:
        """Whether a day is within it."""
        return self.starts_on <= day <= self.ends_on


Progress = Mapping[str, Decimal]
"""Qualifying points by point type, and counters by path, in one qualifying period."""

ONE_DAY = timedelta(1)


def qualifying_period(tier_class: TierClass, enrolled_on: date, day: date) -> Period:
    """The qualifying period that a day falls into."""
    return _PERIODS[tier_class.model](tier_class, enrolled_on, day)


def completed_period(tier_class: TierClass, enrolled_on: date, day: date) -> Period:
    """The qualifying period by which a tier that ends on a day is judged: the last one completed by then.

    ROLLING: the window that trails the day. Ends are aligned to periods, unless the class was changed since the tier began.
    """
    period = qualifying_period(tier_class, enrolled_on, day)
    if period.ends_on == day:
        return period
    return qualifying_period(tier_class, enrolled_on, period.starts_on - ONE_DAY)


def _anniversary(tier_class: TierClass, enrolled_on: date, day: date) -> Period:
    return _cycle(enrolled_on, tier_class.period_months, day)


def _fixed(tier_class: TierClass, _: date, day: date) -> Period:
    first = clamped(2000, tier_class.starts_month, tier_class.starts_day)
    return _cycle(first, tier_class.period_months, day)


def _rolling(tier_class: TierClass, _: date, day: date) -> Period:
    return Period(add_months(day, -tier_class.period_months) + ONE_DAY, day)


def _cycle(first: date, months: int, day: date) -> Period:
    """The cycle of so many months, counted from the first day there ever was, that holds a day."""
    count = ((day.year - first.year) * 12 + day.month - first.month) // months
    while add_months(first, count * months) > day:
        count -= 1
    while add_months(first, (count + 1) * months) <= day:
        count += 1
    return Period(add_months(first, count * months), add_months(first, (count + 1) * months) - ONE_DAY)


_PERIODS: dict[TierModel, Callable[[TierClass, date, date], Period]] = {
    TierModel.ANNIVERSARY: _anniversary,
    TierModel.FIXED_DATE: _fixed,
    TierModel.ROLLING: _rolling,
}


def tier_end(tier_class: TierClass, tier: Tier, enrolled_on: date, starts_on: date) -> date | None:
    """The last day of a tier that begins on a day: at least its minimum length, aligned as the model says.

    A default tier, which nothing lies below, has no end.
    """
    if tier.is_default:
        return None
    earliest = add_months(starts_on, tier.minimum_months) - ONE_DAY
    if tier_class.model is TierModel.ROLLING:
        return earliest
    return qualifying_period(tier_class, enrolled_on, earliest).ends_on


def qualifies(tier: Tier, progress: Progress) -> bool:
    """Whether progress meets the tier's thresholds: all of them, or any; one without thresholds is not reached by itself."""
    met = [measured(threshold, progress) >= threshold.at_least for threshold in tier.thresholds]
    return bool(met) and (any(met) if tier.any_threshold else all(met))


def measured(threshold: Threshold, progress: Progress) -> Decimal:
    """What a threshold asks about; what never counted is zero."""
    return progress.get(threshold.counter or threshold.point_type or "", Decimal(0))


def counters_of(counters: Mapping[str, Any]) -> dict[str, Decimal]:
    """Counters of numbers, by the path under which thresholds name them."""
    return {f"counters.{name}": Decimal(each) for name, each in counters.items() if isinstance(each, int | Decimal)}


def highest(tiers: Sequence[Tier], progress: Progress) -> Tier | None:
    """The highest tier whose thresholds are met."""
    return max((tier for tier in tiers if qualifies(tier, progress)), key=lambda tier: tier.sequence, default=None)


def timeline(
    tiers: Mapping[str, Tier], held: Sequence[HeldTier], enrolled_on: date, today: date
) -> tuple[HeldTier, ...]:
    """What a member holds and held in every class, given the stored rows in their order: without gaps, and as of today.

    Everybody stands in the default tier from enrolment on until something else follows. A tier that has ended goes on until
    the nightly evaluation has found what follows it.
    """
    defaults = {tier.tier_class: tier.code for tier in tiers.values() if tier.is_default}
    mine = {code: [each for each in held if tiers[each.tier].tier_class == code] for code in defaults}
    return tuple(span for code, rows in mine.items() for span in _spans(defaults[code], rows, enrolled_on, today))


def _spans(default: str, rows: Sequence[HeldTier], enrolled_on: date, today: date) -> Iterator[HeldTier]:
    if not rows:
        yield HeldTier(default, enrolled_on, None)
        return
    if enrolled_on < rows[0].starts_on:
        yield HeldTier(default, enrolled_on, rows[0].starts_on - ONE_DAY)
    yield from rows[:-1]
    last = rows[-1]
    yield last if last.ends_on is None or last.ends_on >= today else replace(last, ends_on=today)


def held_on(held: Sequence[HeldTier], day: date) -> list[HeldTier]:
    """What was held on a day."""
    return [each for each in held if each.starts_on <= day and (each.ends_on is None or day <= each.ends_on)]


def dominant(
    tiers: Mapping[str, Tier], classes: Mapping[str, TierClass], held: Sequence[HeldTier], day: date, today: date
) -> Tier | None:
    """The shown tier of the most senior class on the transaction date; if there was none, the one of today."""
    for moment in (day, today):
        shown = [tiers[each.tier] for each in held_on(held, moment) if tiers[each.tier].shown]
        if shown:
            return min(shown, key=lambda tier: (classes[tier.tier_class].sequence, -tier.sequence))
    return None


def after_end(tiers: Mapping[str, Tier], tier: Tier, progress: Progress) -> Tier | None:
    """What follows a tier at its end: itself or a higher one if the member requalifies, else its downgrade target."""
    mine = [each for each in tiers.values() if each.tier_class == tier.tier_class]
    reached = highest(mine, progress)
    if reached is not None and reached.sequence >= tier.sequence:
        return reached
    if tier.downgrade_to is None:
        return reached or next((each for each in mine if each.is_default), None)
    target = tiers[tier.downgrade_to]
    return reached if reached is not None and reached.sequence > target.sequence else target
