"""A table of boundaries, each through the whole engine: dates, limits, ties, amounts, month ends, leap days and changes of clocks."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from domain.engine import Outcome, run
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit, Snap
from domain.programs import BaseRule, CalculationRule
from domain.promotions import (
    AttributeOperation,
    Limits,
    Promotion,
    Rule,
    Step,
    Steps,
    UpdateAttribute,
)
from tests.engine.samples import MEMBER, accrual, member, one, point_type, points, program, promotion, worked


def day(text: str) -> date:
    return date.fromisoformat(text)


def given(outcome: Outcome) -> int:
    """What promotions gave."""
    return sum(lot.points for lot in outcome.lots if lot.promotion_id)


DATES = [
    # first day, last day, transaction date, whether it pays
    ("2026-05-01", "2026-05-31", "2026-04-30", False), ("2026-05-01", "2026-05-31", "2026-05-01", True),
    ("2026-05-01", "2026-05-31", "2026-05-31", True), ("2026-05-01", "2026-05-31", "2026-06-01", False),
    ("2028-02-29", "2028-02-29", "2028-02-28", False), ("2028-02-29", "2028-02-29", "2028-02-29", True),
    ("2028-02-29", "2028-02-29", "2028-03-01", False), ("2027-02-01", "2027-02-28", "2027-02-28", True),
    ("2027-02-01", "2027-02-28", "2027-03-01", False), ("2026-12-31", "2027-01-01", "2026-12-31", True),
    ("2026-12-31", "2027-01-01", "2027-01-01", True), ("2026-12-31", "2027-01-01", "2027-01-02", False),
    ("2026-06-15", None, "2026-06-14", False), ("2026-06-15", None, "2999-12-31", True),
    # The Sundays on which the clocks of Berlin change are days like any other.
    ("2026-03-29", "2026-03-29", "2026-03-29", True), ("2026-10-25", "2026-10-25", "2026-10-25", True),
    ("2026-10-25", "2026-10-25", "2026-10-26", False),
]  # fmt: skip


@pytest.mark.parametrize(("first", "last", "when", "pays"), DATES)
def test_a_promotion_pays_from_its_first_day_to_its_last(first: str, last: str | None, when: str, pays: bool) -> None:
    spring = promotion("SPRING", points("5"), starts_on=day(first), ends_on=None if last is None else day(last))

    assert given(one(program(spring), member(), accrual(amount=None, transaction_date=day(when)))) == 5 * pays


LIMITS = [
    # limits, days of purchases worth ten points each, what each of them gives
    ({"per_member_day": "10"}, "2026-06-14 2026-06-14 2026-06-15", [10, 0, 10]),
    ({"per_member_day": "9.99"}, "2026-06-15", [9]), ({"per_member_day": "10.01"}, "2026-06-15 2026-06-15", [10, 0]),
    ({"per_member_day": "1"}, "2026-06-15 2026-06-15", [1, 0]), ({"per_member_day": "0.5"}, "2026-06-15", [0]),
    ({"per_member_day": "15"}, "2028-02-28 2028-02-29 2028-02-29 2028-03-01", [10, 10, 5, 10]),
    ({"per_member_day": "15"}, "2026-03-29 2026-03-29 2026-03-30", [10, 5, 10]),
    ({"per_member_week": "15"}, "2026-06-14 2026-06-15 2026-06-21 2026-06-22", [10, 10, 5, 10]),
    ({"per_member_week": "15"}, "2026-12-31 2027-01-01 2027-01-03 2027-01-04", [10, 5, 0, 10]),
    ({"per_member_week": "15"}, "2028-02-28 2028-02-29 2028-03-05 2028-03-06", [10, 5, 0, 10]),
    ({"per_member_month": "15"}, "2026-12-31 2027-01-01 2027-01-31 2027-02-01", [10, 10, 5, 10]),
    ({"per_member_month": "15"}, "2028-02-01 2028-02-29 2028-03-01", [10, 5, 10]),
    ({"per_member_month": "15"}, "2027-02-28 2027-02-28 2028-02-28", [10, 5, 10]),
    ({"per_member_year": "15"}, "2026-12-31 2027-01-01 2027-12-31 2028-01-01", [10, 10, 5, 10]),
    ({"per_member_year": "15"}, "2028-01-01 2028-12-31 2028-12-31", [10, 5, 0]),
    ({"per_member_ever": "15"}, "2026-01-01 2028-02-29 2999-12-31", [10, 5, 0]),
    ({"total": "25"}, "2026-01-01 2027-01-01 2028-01-01 2029-01-01", [10, 10, 5, 0]),
    # The tightest of several decides.
    ({"per_member_day": "10", "per_member_month": "15"}, "2026-06-14 2026-06-15 2026-07-01", [10, 5, 10]),
    ({"per_member_week": "12", "total": "13"}, "2026-06-15 2026-06-16 2026-06-22", [10, 2, 1]),
    ({"per_member_day": "4", "per_member_ever": "9"}, "2026-06-15 2026-06-16 2026-06-17 2026-06-18", [4, 4, 1, 0]),
]  # fmt: skip


@pytest.mark.parametrize(("limits", "days", "expected"), LIMITS)
def test_a_limit_cuts_at_its_edge(limits: dict[str, str], days: str, expected: list[int]) -> None:
    capped = Limits(**{name: Decimal(most) for name, most in limits.items()})
    offer = promotion("OFFER", points("10"), limits=capped, starts_on=day("2026-01-01"), ends_on=None)
    bought = [accrual(key, None, transaction_date=day(each)) for key, each in enumerate(days.split())]

    assert [given(each) for each in worked(program(offer), member(), *bought).outcomes] == expected


ALL, BY_PROMOTION = CalculationRule.ALL, CalculationRule.MAX_BY_PROMOTION
BY_TYPE, BY_PAIR = CalculationRule.MAX_BY_POINT_TYPE, CalculationRule.MAX_BY_POINT_TYPE_AND_QUALIFYING
TIES = [
    # calculation rule; by code: first day and what it gives (Q: qualifying; HALF weighs half); who pays
    (BY_PROMOTION, {"A": ("2026-01-01", "10"), "B": ("2026-01-01", "10")}, "A"),
    (BY_PROMOTION, {"B": ("2026-01-01", "10"), "A": ("2026-01-02", "10")}, "B"),
    (BY_PROMOTION, {"A": ("2026-01-01", "10"), "B": ("2026-01-01", "11")}, "B"),
    (BY_PROMOTION, {"A": ("2026-01-01", "10"), "B": ("2026-01-02", "20 HALF")}, "B"),
    (BY_PROMOTION, {"A": ("2026-01-01", "11"), "B": ("2026-01-02", "20 HALF")}, "A"),
    (BY_PROMOTION, {"A": ("2026-01-01", "10", "20 HALF"), "B": ("2026-01-01", "20")}, "A"),
    (BY_PROMOTION, {"A": ("2026-01-01", "5", "5"), "B": ("2026-01-02", "10")}, "A"),
    (BY_PROMOTION, {"A": ("2026-01-01", "0.4"), "B": ("2026-01-02", "0.49")}, ""),
    (BY_TYPE, {"A": ("2026-01-01", "10"), "B": ("2026-01-01", "10 HALF")}, "AB"),
    (BY_TYPE, {"A": ("2026-01-01", "10", "10 HALF"), "B": ("2026-01-01", "10", "11 HALF")}, "AB"),
    (BY_TYPE, {"A": ("2026-01-01", "10"), "B": ("2026-01-01", "10 Q")}, "A"),
    (BY_PAIR, {"A": ("2026-01-01", "10"), "B": ("2026-01-01", "10 Q")}, "AB"),
    (BY_PAIR, {"A": ("2026-01-02", "10 Q"), "B": ("2026-01-01", "10 Q")}, "B"),
    (ALL, {"A": ("2026-01-01", "10"), "B": ("2026-01-01", "10"), "C": ("2026-01-01", "0.5")}, "ABC"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "offers", "payers"), TIES)
@pytest.mark.parametrize("order", [1, -1])
def test_of_equals_one_wins_whatever_the_order(
    rule: CalculationRule, offers: dict[str, tuple[str, ...]], payers: str, order: int
) -> None:
    types = (point_type(), point_type(2, "HALF", weights=(Decimal("0.5"), Decimal("0.5"))))
    made = [_offer(code, *said) for code, said in offers.items()][::order]

    outcome = one(program(*made, point_types=types, calculation_rule=rule), member(), accrual(amount=None))

    by_id = {each.id: each.code for each in made}
    assert sorted({by_id[lot.promotion_id] for lot in outcome.lots if lot.promotion_id}) == sorted(payers)


def _offer(code: str, first: str, *awards: str) -> Promotion:
    actions = []
    for award in awards:
        number, *kind = award.split()
        actions.append(points(number, "HALF" if "HALF" in kind else "POINTS", qualifying="Q" in kind))
    return promotion(code, *actions, starts_on=day(first))


AMOUNTS = [
    # how 3 points per 10 euros are counted, the amount, decimals of the point type, units of base points
    ("FULL", "0", 0, 0), ("FULL", "9.99", 0, 0), ("FULL", "10", 0, 3), ("FULL", "19.99", 0, 3), ("FULL", "20.00", 0, 6),
    ("STARTED", "0", 0, 0), ("STARTED", "0.01", 0, 3), ("STARTED", "10", 0, 3), ("STARTED", "10.01", 0, 6),
    # Base points keep two decimals, 0.49 and 0.50 here, and are then rounded for their lot.
    ("PROPORTIONAL", "0", 0, 0), ("PROPORTIONAL", "1.64", 0, 0), ("PROPORTIONAL", "1.66", 0, 1),
    ("PROPORTIONAL", "0.01", 2, 0), ("PROPORTIONAL", "0.02", 2, 1), ("PROPORTIONAL", "33.33", 2, 1000),
    ("PROPORTIONAL", "999999999999.99", 2, 30000000000000),
]  # fmt: skip


@pytest.mark.parametrize(("counting", "amount", "decimals", "units"), AMOUNTS)
def test_base_points_at_the_edge_of_a_unit(counting: str, amount: str, decimals: int, units: int) -> None:
    rule = BaseRule("perAmount", {"points": "3", "currency": "EUR", "unit": "10", "counting": counting})
    made = program(point_types=(point_type(decimals=decimals),), base_rules=(rule,))

    assert sum(lot.points for lot in one(made, member(), accrual(amount=amount)).lots) == units


def test_an_amount_below_zero_is_refused_and_gives_nothing() -> None:
    outcome = one(program(promotion("A", points("5"))), member(), accrual(amount="-0.01"))

    assert (outcome.sub_status.value, outcome.lots, outcome.totals) == ("RULE_ERROR", (), ())


MONTH, YEAR = PeriodUnit.MONTH, PeriodUnit.YEAR
ENDS = [
    # so many, of a unit, snapped, transaction date, last day of use
    (1, MONTH, Snap.NONE, "2026-01-31", "2026-02-28"), (1, MONTH, Snap.NONE, "2028-01-31", "2028-02-29"),
    (1, MONTH, Snap.NONE, "2026-02-28", "2026-03-28"), (1, MONTH, Snap.END_OF_MONTH, "2026-02-28", "2026-03-31"),
    (12, MONTH, Snap.NONE, "2028-02-29", "2029-02-28"), (4, YEAR, Snap.NONE, "2028-02-29", "2032-02-29"),
    (1, YEAR, Snap.END_OF_QUARTER, "2028-02-29", "2029-03-31"), (1, YEAR, Snap.END_OF_YEAR, "2026-12-31", "2027-12-31"),
    (3, MONTH, Snap.NONE, "2026-11-30", "2027-02-28"), (3, MONTH, Snap.END_OF_MONTH, "2027-11-30", "2028-02-29"),
]  # fmt: skip


@pytest.mark.parametrize(("length", "unit", "snap", "when", "last"), ENDS)
def test_an_award_is_usable_through_its_last_day(
    length: int, unit: PeriodUnit, snap: Snap, when: str, last: str
) -> None:
    policy = ExpiryPolicy(ExpiryKind.PERIOD, length, unit, snap=snap)
    offer = promotion("OFFER", points("5", expiry=policy), starts_on=day("2020-01-01"), ends_on=None)

    outcome = one(program(offer), member(), accrual(amount=None, transaction_date=day(when)))

    assert [lot.expires_on for lot in outcome.lots] == [day(last)]


MOMENTS = [
    # the final date, a moment (UTC) in a program of Berlin, whether a late row still counts
    ("2026-03-28", "2026-03-28 22:59:59", True), ("2026-03-28", "2026-03-28 23:00:00", False),
    ("2026-03-29", "2026-03-28 23:00:00", True), ("2026-03-29", "2026-03-29 00:59:59", True),
    ("2026-03-29", "2026-03-29 01:00:00", True), ("2026-03-29", "2026-03-29 21:59:59", True),
    ("2026-03-29", "2026-03-29 22:00:00", False), ("2026-10-25", "2026-10-24 22:00:00", True),
    ("2026-10-25", "2026-10-25 00:59:59", True), ("2026-10-25", "2026-10-25 01:30:00", True),
    ("2026-10-25", "2026-10-25 22:59:59", True), ("2026-10-25", "2026-10-25 23:00:00", False),
    ("2028-02-29", "2028-02-29 22:59:59", True), ("2028-02-29", "2028-02-29 23:00:00", False),
]  # fmt: skip


@pytest.mark.parametrize(("final", "moment", "counts"), MOMENTS)
def test_the_final_date_ends_at_midnight_where_the_program_is(final: str, moment: str, counts: bool) -> None:
    count = Rule((UpdateAttribute("counters.visits", AttributeOperation.ADD, 1),))
    steps = Steps("counters.visits", (Step(Decimal(1), Decimal(100)),), day(final))
    offer = promotion("STEPS", starts_on=day("2026-01-01"), ends_on=day("2026-03-01"), rules=(count,), steps=steps)
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)

    done = run(program(offer), {MEMBER: member()}, [accrual(amount=None, transaction_date=day("2026-02-28"))], now)

    assert len(done.outcomes[0].decision.changes) == counts
    assert given(done.outcomes[0]) == 0


def test_the_table_of_boundaries_is_long_enough() -> None:
    assert len(DATES) + len(LIMITS) + len(TIES) + len(AMOUNTS) + len(ENDS) + len(MOMENTS) >= 60
