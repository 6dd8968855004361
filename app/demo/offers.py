"""The twelve promotions once more, by hand: what each gives for one household's baskets, in the order in which they were worked.

Part of the recomputation, so nothing of the engine is used here, nor of the program as data: cents, whole points, and plain ifs.
"""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

POINTS_FOR_A_BIG_BASKET = 25
BIG_BASKET = 100_00
SUMMER = date(2017, 5, 27), date(2017, 9, 4)
MAIL = date(2017, 8, 8), date(2017, 9, 24)
DECEMBER = date(2017, 12, 1), date(2017, 12, 31)
OCTOBER = date(2017, 10, 1), date(2017, 10, 31)
STEPS_ARE_PAID = date(2017, 11, 1)
STEPS = (8, 500), (5, 250), (3, 100)
OCTOBER_BASKET, A_MONTH = 30_00, 300_00
GOLD_FROM = 1_500
SATURDAY = 5
EVERY = 10


@dataclass(slots=True)
class Paid:
    """A basket in cents: all of it, and what of it is produce, meat or fish, and of the grocer's own brand."""

    id: int
    household: int
    day: date
    cents: int = 0
    produce: int = 0
    meat: int = 0
    own: int = 0
    coupons: bool = False
    only_fuel: bool = True


@dataclass(slots=True)
class Given:
    """Points for a day; `offer` None: not by a promotion."""

    day: date
    offer: str | None
    points: int


@dataclass(slots=True)
class Household:
    """What the promotions remember of a household."""

    written_to: bool
    welcomed: bool = False
    visits: int = 0
    october: int = 0
    month: date = date.min
    month_cents: int = 0
    month_paid: bool = False
    weekly: dict[tuple[str, date], int] = field(default_factory=lambda: defaultdict(int))
    base: int = 0
    gold_since: date | None = None

    def points(self, baskets: Iterable[Paid]) -> Iterator[Given]:
        """Everything that the baskets give, in their order; and what October was worth at its end."""
        for basket in baskets:
            base = basket.cents // 100
            yield Given(basket.day, None, base)
            for offer, points in self._offers(basket, base):
                if points:
                    yield Given(basket.day, offer, points)
            self._count(basket, base)
        worth = next((points for count, points in STEPS if self.october >= count), 0)
        if worth:
            yield Given(STEPS_ARE_PAID, "OCTOBER", worth)

    def _offers(self, basket: Paid, base: int) -> Iterator[tuple[str, int]]:
        if not self.welcomed:
            yield "WELCOME", 100
        if basket.cents > BIG_BASKET:
            yield "BIG-BASKET", POINTS_FOR_A_BIG_BASKET
        yield _best(basket, base)
        if basket.coupons:
            yield "COUPON", self._this_week("COUPON", basket.day, 10, 20)
        yield "OWN-BRAND", self._this_week("OWN-BRAND", basket.day, _half_up(basket.own), 30)
        if self.written_to and _within(basket.day, MAIL):
            yield "SUMMER-MAIL", _half_up(base * 50)
        yield "MONTH-300", self._this_month(basket)
        if self.visits == EVERY - 1:
            yield "TENTH-VISIT", 50
        if self.gold_since is not None and basket.day >= self.gold_since:
            yield "GOLD", _half_up(base * 25)

    def _this_week(self, offer: str, day: date, points: int, most: int) -> int:
        key = offer, day - timedelta(days=day.weekday())
        given = min(points, most - self.weekly[key])
        self.weekly[key] += given
        return given

    def _this_month(self, basket: Paid) -> int:
        month = basket.day.replace(day=1)
        if month != self.month:
            self.month, self.month_cents, self.month_paid = month, 0, False
        self.month_cents += basket.cents
        if self.month_cents < A_MONTH or self.month_paid:
            return 0
        self.month_paid = True
        return 100

    def _count(self, basket: Paid, base: int) -> None:
        self.welcomed = True
        self.visits = (self.visits + 1) % EVERY
        self.october += _within(basket.day, OCTOBER) and basket.cents > OCTOBER_BASKET
        self.base += base
        if self.gold_since is None and self.base >= GOLD_FROM:
            self.gold_since = _worked_on(basket.day)


def _best(basket: Paid, base: int) -> tuple[str, int]:
    """Of the three that compete, the one that gives most; of equal ones, the one that began first."""
    best = "FRESH-TWICE", _half_up(basket.produce)
    if _within(basket.day, SUMMER) and basket.day.weekday() >= SATURDAY and _half_up(basket.meat) > best[1]:
        best = "MEAT-WEEKENDS", _half_up(basket.meat)
    if _within(basket.day, DECEMBER) and not basket.only_fuel and _half_up(base * 20) > best[1]:
        best = "HOLIDAY", _half_up(base * 20)
    return best


def _half_up(hundredths: int) -> int:
    return (hundredths + 50) // 100


def _within(day: date, span: tuple[date, date]) -> bool:
    return span[0] <= day <= span[1]


def _worked_on(day: date) -> date:
    """The baskets of a month are worked on its last evening: who becomes Gold then is so from that day on."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
