"""The same totals once more, by hand: straight from the till's data, with whole numbers and dictionaries.

Nothing of the engine is used here, on purpose: it shares no code with it, and none of its rules, dates or sums. Of the engine it
takes only who redeemed when. Amounts are cents.
"""

import calendar
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

POINTS_FOR_A_BIG_BASKET = 25
BIG_BASKET = 100_00
PRODUCE = "PRODUCE"
EAST_COAST = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True)
class Redemption:
    """Points that a household spent on a day."""

    household: int
    day: date
    points: int


@dataclass(slots=True)
class Totals:
    """Points by month (its first day), and every household's balance after the night in which a month ended."""

    issued: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    spent: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    expired: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    balances: dict[date, dict[int, int]] = field(default_factory=dict)
    unpaid: list[Redemption] = field(default_factory=list)
    """Redemptions for which there were not enough points: none, if all is well."""


def recompute(
    data: Path, households: Collection[int], redemptions: Sequence[Redemption], nights: Sequence[date]
) -> Totals:
    """What must come out; `nights` are the first days of months on which lapsed points were taken, in order."""
    totals = Totals()
    earned = _earned(data, households)
    for (_, day), points in earned.items():
        totals.issued[day.replace(day=1)] += points
    held: dict[int, dict[date, int]] = {household: defaultdict(int) for household in households}
    begin = date.min
    for night in nights:
        for (household, day), points in earned.items():
            if begin <= day < night:
                held[household][_last_day(day)] += points
        for redemption in redemptions:
            if begin <= redemption.day < night:
                _spend(held[redemption.household], redemption, totals)
        for lots in held.values():
            _expire(lots, night, totals)
        totals.balances[night] = {household: sum(lots.values()) for household, lots in held.items()}
        begin = night
    return totals


def _earned(data: Path, households: Collection[int]) -> dict[tuple[int, date], int]:
    """Points of each household on each day."""
    cents: dict[int, int] = defaultdict(int)
    produce_cents: dict[int, int] = defaultdict(int)
    owner: dict[int, tuple[int, date]] = {}
    table = pq.read_table(data / "transactions.parquet", filters=[("household_id", "in", list(households))])
    produce = _produce(data)
    columns = ("basket_id", "household_id", "product_id", "sales_value")
    moments = table["transaction_timestamp"].cast("timestamp[s]").to_pylist()
    for moment, basket, household, product, dollars in zip(
        moments, *(table[name].to_pylist() for name in columns), strict=True
    ):
        paid = round(dollars * 100)
        cents[basket] += paid
        if product in produce:
            produce_cents[basket] += paid
        if basket not in owner:
            owner[basket] = household, _day(moment)
    earned: dict[tuple[int, date], int] = defaultdict(int)
    for basket, whose in owner.items():
        earned[whose] += _points(cents[basket], produce_cents[basket])
    return earned


def _points(cents: int, produce_cents: int) -> int:
    full_dollars = cents // 100
    bonus = POINTS_FOR_A_BIG_BASKET if cents > BIG_BASKET else 0
    produce_dollars_half_up = (produce_cents + 50) // 100
    return full_dollars + bonus + produce_dollars_half_up


def _produce(data: Path) -> set[int]:
    table = pq.read_table(data / "products.parquet", columns=["product_id", "department"])
    pairs = zip(table["product_id"].to_pylist(), table["department"].to_pylist(), strict=True)
    return {product for product, department in pairs if department == PRODUCE}


def _day(moment: datetime) -> date:
    return moment.replace(tzinfo=UTC).astimezone(EAST_COAST).date()


def _last_day(day: date) -> date:
    """Points of a day in May 2017 are good through May 31, 2018."""
    return date(day.year + 1, day.month, calendar.monthrange(day.year + 1, day.month)[1])


def _spend(lots: dict[date, int], redemption: Redemption, totals: Totals) -> None:
    left = redemption.points
    for last_day in sorted(lots):
        if last_day >= redemption.day:
            taken = min(left, lots[last_day])
            lots[last_day] -= taken
            left -= taken
    totals.spent[redemption.day.replace(day=1)] += redemption.points
    if left:
        totals.unpaid.append(redemption)


def _expire(lots: dict[date, int], night: date, totals: Totals) -> None:
    for last_day in [each for each in lots if each < night]:
        totals.expired[night] += lots.pop(last_day)
