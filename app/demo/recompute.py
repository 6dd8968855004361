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

from app.demo.offers import Household, Paid

PRODUCE, FUEL, OWN_BRAND = "PRODUCE", "FUEL", "Private"
MEAT_AND_FISH = ("MEAT", "MEAT-PCKGD", "SEAFOOD", "SEAFOOD-PCKGD")
CAMPAIGN = 13
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
    promotions: dict[str, tuple[int, int]] = field(default_factory=dict)
    """How often each promotion gave something, and how much in all."""
    unpaid: list[Redemption] = field(default_factory=list)
    """Redemptions for which there were not enough points: none, if all is well."""


def recompute(
    data: Path, households: Collection[int], redemptions: Sequence[Redemption], nights: Sequence[date]
) -> Totals:
    """What must come out; `nights` are the first days of months on which lapsed points were taken, in order."""
    totals = Totals()
    earned = _earned(data, households, totals)
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


def _earned(data: Path, households: Collection[int], totals: Totals) -> dict[tuple[int, date], int]:
    """Points of each household on each day."""
    written_to = _written_to(data)
    baskets: dict[int, list[Paid]] = {household: [] for household in households}
    for basket in _baskets(data, households).values():
        baskets[basket.household].append(basket)
    earned: dict[tuple[int, date], int] = defaultdict(int)
    for household, mine in baskets.items():
        mine.sort(key=lambda basket: basket.day)  # within a day, in the order of the till
        for given in Household(household in written_to).points(mine):
            earned[household, given.day] += given.points
            if given.offer is not None:
                times, points = totals.promotions.get(given.offer, (0, 0))
                totals.promotions[given.offer] = times + 1, points + given.points
    return earned


def _baskets(data: Path, households: Collection[int]) -> dict[int, Paid]:
    baskets: dict[int, Paid] = {}
    table = pq.read_table(data / "transactions.parquet", filters=[("household_id", "in", list(households))])
    products = _products(data)
    columns = ("basket_id", "household_id", "product_id", "sales_value", "coupon_disc")
    moments = table["transaction_timestamp"].cast("timestamp[s]").to_pylist()
    for moment, id_, household, product, dollars, off in zip(
        moments, *(table[name].to_pylist() for name in columns), strict=True
    ):
        if id_ not in baskets:
            baskets[id_] = Paid(id_, household, _day(moment))
        _add(baskets[id_], round(dollars * 100), products[product], coupon=off > 0)
    return baskets


def _add(basket: Paid, cents: int, product: tuple[str | None, str], *, coupon: bool) -> None:
    department, brand = product
    basket.cents += cents
    basket.produce += cents if department == PRODUCE else 0
    basket.meat += cents if department in MEAT_AND_FISH else 0
    basket.own += cents if brand == OWN_BRAND else 0
    basket.coupons = basket.coupons or coupon
    basket.only_fuel = basket.only_fuel and department == FUEL


def _products(data: Path) -> dict[int, tuple[str | None, str]]:
    table = pq.read_table(data / "products.parquet", columns=["product_id", "department", "brand"])
    rows = zip(*(table[name].to_pylist() for name in ("product_id", "department", "brand")), strict=True)
    return defaultdict(lambda: (None, ""), {product: (department, brand) for product, department, brand in rows})


def _written_to(data: Path) -> set[int]:
    table = pq.read_table(data / "campaigns.parquet")
    pairs = zip(table["campaign_id"].to_pylist(), table["household_id"].to_pylist(), strict=True)
    return {household for campaign, household in pairs if campaign == CAMPAIGN}


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
