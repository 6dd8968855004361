"""Where a member stands in a tier class: what it holds, what counted in the period of today, and what the next tier still wants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.tiers import (
    HeldTier,
    Period,
    Progress,
    Threshold,
    Tier,
    TierClass,
    held_on,
    measured,
)

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class QualifyingPoints:
    """Points of one type that counted towards a class."""

    point_type: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class ThresholdProgress:
    """How far a member is on the way to one threshold of the next tier."""

    threshold: Threshold
    reached: Decimal

    @property
    def missing(self) -> Decimal:
        """What is still wanted; nothing, once it is reached."""
        return max(self.threshold.at_least - self.reached, NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class TierProgress:
    """A member in one class today. `next_tier`: the one above that comes first and has thresholds; None at the top."""

    tier_class: TierClass
    tier: Tier
    starts_on: date
    ends_on: date | None
    period: Period
    points: tuple[QualifyingPoints, ...]
    next_tier: Tier | None
    thresholds: tuple[ThresholdProgress, ...]


def progress_in(
    tier_class: TierClass,
    tiers: Mapping[str, Tier],
    *,
    held: Sequence[HeldTier],
    points: Mapping[str, Decimal],
    counters: Progress,
    period: Period,
    today: date,
) -> TierProgress | None:
    """Where a member stands; `held` is its timeline, `points` are those of the period. None in a class without tiers."""
    mine = next((each for each in held_on(held, today) if tiers[each.tier].tier_class == tier_class.code), None)
    if mine is None:
        return None
    progress, above = {**points, **counters}, next_above(tiers[mine.tier], tiers)
    return TierProgress(
        tier_class=tier_class,
        tier=tiers[mine.tier],
        starts_on=mine.starts_on,
        ends_on=mine.ends_on,
        period=period,
        points=tuple(QualifyingPoints(code, sum_) for code, sum_ in sorted(points.items())),
        next_tier=above,
        thresholds=tuple(
            ThresholdProgress(threshold, measured(threshold, progress))
            for threshold in (above.thresholds if above else ())
        ),
    )


def next_above(tier: Tier, tiers: Mapping[str, Tier]) -> Tier | None:
    """The lowest tier above that can be reached by itself."""
    above = (
        each
        for each in tiers.values()
        if each.tier_class == tier.tier_class and each.sequence > tier.sequence and each.thresholds
    )
    return min(above, key=lambda each: each.sequence, default=None)
