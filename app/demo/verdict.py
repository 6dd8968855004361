"""Whether the engine and the recomputation agree: to the point, in every month and for every household."""

from collections.abc import Iterator, Mapping
from datetime import date

from app.demo.recompute import Totals
from app.demo.story import Story

MOST_SHOWN = 20


def differences(story: Story, totals: Totals) -> list[str]:
    """Every figure in which the two differ, in words; empty if they are equal."""
    return [*_by_month(story, totals), *_by_promotion(story, totals), *_by_household(story, totals), *_unpaid(totals)]


def _by_month(story: Story, totals: Totals) -> Iterator[str]:
    told = {
        "issued": {each.month: int(each.issued) for each in story.months},
        "spent": {each.month: int(each.redeemed) for each in story.months},
        "expired": {each.month: int(each.expired) for each in story.months},
    }
    counted: dict[str, Mapping[date, int]] = {
        "issued": totals.issued,
        "spent": totals.spent,
        "expired": totals.expired,
    }
    for what, mine in counted.items():
        for month in sorted(told[what].keys() | mine.keys()):
            engine, recomputed = told[what].get(month, 0), mine.get(month, 0)
            if engine != recomputed:
                yield f"{what} in {month:%Y-%m}: the engine says {engine:,}, the recomputation {recomputed:,}"


def _by_promotion(story: Story, totals: Totals) -> Iterator[str]:
    told = {each.code: (each.lots, int(each.points)) for each in story.promotions}
    for code in sorted(told.keys() | totals.promotions.keys()):
        engine, recomputed = told.get(code, (0, 0)), totals.promotions.get(code, (0, 0))
        if engine != recomputed:
            yield (
                f"promotion {code}: the engine says {engine[1]:,} in {engine[0]:,} lots, "
                f"the recomputation {recomputed[1]:,} in {recomputed[0]:,}"
            )


def _by_household(story: Story, totals: Totals) -> Iterator[str]:
    for night, balances in story.balances.items():
        for household, engine in balances.items():
            recomputed = totals.balances[night][household]
            if engine != recomputed:
                yield f"household {household} on {night}: the engine says {engine:,}, the recomputation {recomputed:,}"


def _unpaid(totals: Totals) -> Iterator[str]:
    for each in totals.unpaid:
        yield f"household {each.household} on {each.day}: {each.points:,} points were spent that were not there"
