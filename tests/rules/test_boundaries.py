"""A table of boundaries: what fires one step before, at and after each edge, and the exact points that come of it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.points import round_half_up
from domain.promotions import AssignPoints, Criterion, Operator
from tests.rules.samples import a_line, facts, holds, met, points

AMOUNT, DATE, MILES, BORN = "transaction.amount", "transaction.date", "transaction.attributes.miles", "member.birthDate"
CHECK_IN = "transaction.attributes.checkIn"


def of(path: str, value: Any) -> dict[str, Any]:
    """Facts with one value at a path."""
    section, *middle, name = path.split(".")
    return facts(**{"__".join([section, *middle, name]): value})


def at(path: str, operator: str, *values: str) -> Criterion:
    return Criterion(path, Operator[operator], values)


CRITERIA = [
    # A basket over $100 is more than $100; at least $100 includes it.
    (at(AMOUNT, "GREATER", "100"), "100.00", False), (at(AMOUNT, "GREATER", "100"), "100.01", True),
    (at(AMOUNT, "AT_LEAST", "100"), "100.00", True), (at(AMOUNT, "AT_LEAST", "100"), "99.9999", False),
    (at(AMOUNT, "LESS", "0"), "0", False), (at(AMOUNT, "LESS", "0"), "-0.0001", True), (at(AMOUNT, "AT_MOST", "0"), "0.00", True),
    (at(AMOUNT, "GREATER", "0"), "0.0001", True), (at(AMOUNT, "EQUALS", "0"), "-0.00", True),
    (at(AMOUNT, "BETWEEN", "0", "0"), "0", True), (at(AMOUNT, "BETWEEN", "-1", "1"), "-1", True),
    (at(AMOUNT, "BETWEEN", "-1", "1"), "1.0001", False), (at(AMOUNT, "NOT_IN", "0", "1"), "1.0", False),
    # The largest amounts, where a float would see no difference.
    (at(AMOUNT, "GREATER", "9999999999999999.9998"), "9999999999999999.9999", True),
    (at(AMOUNT, "EQUALS", "9999999999999999.9998"), "9999999999999999.9999", False),
    (at(AMOUNT, "EQUALS", "0.3"), "0.3000000000000000001", False),
    # Both ends of a span of days are included; months and leap years end when they end.
    (at(DATE, "BETWEEN", "2026-03-01", "2026-03-31"), date(2026, 3, 1), True),
    (at(DATE, "BETWEEN", "2026-03-01", "2026-03-31"), date(2026, 3, 31), True),
    (at(DATE, "BETWEEN", "2026-03-01", "2026-03-31"), date(2026, 2, 28), False),
    (at(DATE, "BETWEEN", "2026-03-01", "2026-03-31"), date(2026, 4, 1), False),
    (at(DATE, "BETWEEN", "2028-02-01", "2028-02-29"), date(2028, 2, 29), True),
    (at(DATE, "AT_MOST", "2026-02-28"), date(2026, 2, 28), True), (at(DATE, "AT_MOST", "2026-02-28"), date(2026, 3, 1), False),
    (at(DATE, "GREATER", "2027-12-31"), date(2028, 1, 1), True), (at(DATE, "GREATER", "2027-12-31"), date(2027, 12, 31), False),
    # The night on which clocks change is a day like any other.
    (at(DATE, "EQUALS", "2026-03-29"), date(2026, 3, 29), True), (at(DATE, "LESS", "2026-10-25"), date(2026, 10, 25), False),
    (at(CHECK_IN, "EQUALS", "2028-02-29"), {"checkIn": "2028-02-29"}, True),
    (at(CHECK_IN, "LESS", "2028-03-01"), {"checkIn": "2028-02-29"}, True),
    # Whole numbers.
    (at(MILES, "BETWEEN", "500", "999"), {"miles": 499}, False), (at(MILES, "BETWEEN", "500", "999"), {"miles": 500}, True),
    (at(MILES, "BETWEEN", "500", "999"), {"miles": 999}, True), (at(MILES, "BETWEEN", "500", "999"), {"miles": 1000}, False),
    (at(MILES, "EQUALS", "0"), {"miles": 0}, True), (at(MILES, "NOT_EQUALS", "0"), {"miles": None}, False),
]  # fmt: skip


@pytest.mark.parametrize(("criterion", "value", "expected"), CRITERIA)
def test_a_criterion_at_its_edge(criterion: Criterion, value: Any, expected: bool) -> None:
    if isinstance(value, dict):
        given = facts(transaction__attributes=value)
    else:
        given = of(criterion.attribute, Decimal(value) if isinstance(value, str) else value)
    assert holds(criterion, given) is expected


BIRTHDAY = "monthOfYear(member.birthDate) == monthOfYear(transaction.date) and dayOfMonth(member.birthDate) == dayOfMonth(transaction.date)"
TUESDAY = "dayOfWeek(transaction.date) == 2"

EXPRESSIONS = [
    ("transaction.amount in (100..200]", AMOUNT, Decimal(100), False), ("transaction.amount in (100..200]", AMOUNT, Decimal("100.01"), True),
    ("transaction.amount in (100..200]", AMOUNT, Decimal(200), True), ("transaction.amount in [100..200)", AMOUNT, Decimal(200), False),
    ("transaction.amount in [100..200)", AMOUNT, Decimal("199.99"), True), ("transaction.amount in [5..5]", AMOUNT, Decimal(5), True),
    ("transaction.amount in (5..5]", AMOUNT, Decimal(5), False),
    (TUESDAY, DATE, date(2026, 3, 16), False), (TUESDAY, DATE, date(2026, 3, 17), True), (TUESDAY, DATE, date(2028, 2, 29), True),
    (BIRTHDAY, BORN, date(1980, 3, 14), True), (BIRTHDAY, BORN, date(1980, 3, 15), False), (BIRTHDAY, BORN, None, False),
    ("weekOfYear(transaction.date) == 53", DATE, date(2026, 12, 31), True), ("weekOfYear(transaction.date) == 53", DATE, date(2027, 1, 3), True),
    ("weekOfYear(transaction.date) == 53", DATE, date(2027, 1, 4), False), ("dayOfYear(transaction.date) == 366", DATE, date(2028, 12, 31), True),
    ("year(transaction.date) - year(member.birthDate) >= 65", BORN, date(1961, 12, 31), True),
    ("year(transaction.date) - year(member.birthDate) >= 65", BORN, date(1962, 1, 1), False),
    ("transaction.date <= date('2026-03-14')", DATE, date(2026, 3, 14), True), ("transaction.date < '2026-03-14'", DATE, date(2026, 3, 14), False),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "path", "value", "expected"), EXPRESSIONS)
def test_an_expression_at_its_edge(expression: str, path: str, value: Any, expected: bool) -> None:
    assert met(expression, of(path, value)) is expected


DOUBLE = AssignPoints(attribute="transaction.basePoints", factor=Decimal(2))
ROUNDED = [
    # (an award's source, base points, decimals of the point type, units after rounding half up)
    (DOUBLE, "0", 0, 0), (DOUBLE, "0.24", 0, 0), (DOUBLE, "0.25", 0, 1), (DOUBLE, "0.2499999999", 0, 0), (DOUBLE, "100", 4, 2000000),
    (AssignPoints(attribute="transaction.basePoints", factor=Decimal("1.5")), "13.4386666666666666666666666667", 2, 2016),
    (AssignPoints(expression="20.158"), "0", 2, 2016), (AssignPoints(expression="20.987"), "0", 2, 2099),
    (AssignPoints(expression="20.155"), "0", 2, 2016), (AssignPoints(expression="20.1549999999999999999"), "0", 2, 2015),
    (AssignPoints(expression="transaction.basePoints / 3"), "1", 0, 0), (AssignPoints(expression="transaction.basePoints / 3"), "2", 0, 1),
    (AssignPoints(expression="transaction.basePoints / 3 * 3"), "1", 4, 10000), (AssignPoints(expression="2.5"), "0", 0, 3),
    (AssignPoints(expression="3.5"), "0", 0, 4), (AssignPoints(expression="0.00005"), "0", 4, 1), (AssignPoints(expression="0.00004999"), "0", 4, 0),
    (AssignPoints(expression="floor(transaction.basePoints / 10) * 5"), "99.99", 0, 45),
    (AssignPoints(expression="ceil(transaction.basePoints / 10) * 5"), "90.01", 0, 50),
    (AssignPoints(expression="min([transaction.basePoints, 500])"), "500.01", 0, 500),
    (AssignPoints(expression="max([transaction.basePoints - 100, 0])"), "100", 0, 0),
    (AssignPoints(expression="max([transaction.basePoints - 100, 0])"), "100.5", 0, 1),
    (AssignPoints(constant=Decimal("0.0001")), "0", 4, 1), (AssignPoints(constant=Decimal("0.49")), "0", 0, 0),
]  # fmt: skip


@pytest.mark.parametrize(("action", "base", "decimals", "units"), ROUNDED)
def test_exact_points_are_rounded_once_half_up(action: AssignPoints, base: str, decimals: int, units: int) -> None:
    assert round_half_up(points(action, facts(transaction__basePoints=Decimal(base))), decimals) == units


def test_each_of_two_awards_is_rounded_for_itself() -> None:
    """20.16 + 20.16 = 40.32, and 20.99 + 20.99 = 41.98: never the rounded sum."""
    for source, sum_of_both in (("20.158", 4032), ("20.987", 4198)):
        award = points(AssignPoints(expression=source), facts())
        assert round_half_up(award, 2) * 2 == sum_of_both


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([], "0"), (["0.00"], "0"), (["0.10"] * 10, "1.00"), (["0.01"] * 1000, "10.00"), (["5", "-2"], "3"),
        (["9999999999999999.9999", "0.0001"], "10000000000000000"),
    ],
)  # fmt: skip
def test_a_sum_over_lines_loses_nothing(amounts: list[str], expected: str) -> None:
    basket = facts(*(a_line(amount=amount) for amount in amounts))
    assert points(AssignPoints(attribute="amount", lines=()), basket) == Decimal(expected)
    assert points(AssignPoints(expression="sum(map(lines, #.amount))"), basket) == Decimal(expected)


def test_the_table_of_boundaries_is_long_enough() -> None:
    assert len(CRITERIA) + len(EXPRESSIONS) + len(ROUNDED) >= 60
