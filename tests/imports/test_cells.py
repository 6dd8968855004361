"""Cells: what stands in a file, and the exact value that it says."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.attributes import AttributeType
from domain.imports import cells
from domain.imports.cells import ATTRIBUTES, Unreadable
from domain.transactions import Type

TYPE = cells.choice(Type)


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (cells.text, " A 1 ", "A 1"), (cells.text, "  ", None), (cells.text, 1001, "1001"),
        (cells.number, "12.50", Decimal("12.50")), (cells.number, " -3 ", Decimal(-3)), (cells.number, "1e3", Decimal(1000)),
        (cells.number, 7, Decimal(7)), (cells.number, Decimal("0.10"), Decimal("0.10")), (cells.number, "", None),
        (cells.number, 0.1, Decimal("0.1")), (cells.number, 1.1 + 2.2, Decimal("3.3000000000000003")),
        (cells.day, "2024-02-29", date(2024, 2, 29)), (cells.day, " ", None), (cells.day, date(2024, 1, 1), date(2024, 1, 1)),
        (cells.day, datetime(2024, 1, 1), date(2024, 1, 1)),  # noqa: DTZ001 - as data frames have it
        (cells.flag, "True", True), (cells.flag, "FALSE", False), (cells.flag, False, False), (cells.flag, "", None),
        (TYPE, " ACCRUAL ", Type.ACCRUAL), (TYPE, "", None),
        (cells.lines, "one\n\n two \r\nthree", ("one", "two", "three")), (cells.lines, ["one", " "], ("one",)), (cells.lines, "", None),
        (cells.bag, {"a": 1}, {"a": 1}), (cells.bag, [("a", 1)], {"a": 1}), (cells.items, [1], [1]),
        (cells.plain, " x ", "x"), (cells.plain, 1.5, Decimal("1.5")), (cells.plain, date(2024, 1, 1), "2024-01-01"), (cells.plain, True, True),
        (ATTRIBUTES[AttributeType.INTEGER], "7.0", Decimal("7.0")), (ATTRIBUTES[AttributeType.DATE], "2024-01-01", "2024-01-01"),
        (ATTRIBUTES[AttributeType.BOOLEAN], "true", True), (ATTRIBUTES[AttributeType.TEXT], 5, "5"),
    ],
)  # fmt: skip
def test_a_cell_says_an_exact_value(read: Callable[[Any], Any], value: Any, expected: Any) -> None:
    found = read(value)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (cells.text, 1.0, "a text"), (cells.text, True, "a text"), (cells.text, b"x", "a text"), (cells.text, 10**40, "a text"),
        (cells.number, "1,5", "a number such as 12.50, with a point and no separators"),
        (cells.number, "1_000", "a number such as 12.50, with a point and no separators"),
        (cells.number, "NaN", "a number such as 12.50, with a point and no separators"),
        (cells.number, "9" * 41, "a number such as 12.50, with a point and no separators"),
        (cells.number, float("inf"), "a number such as 12.50"), (cells.number, True, "a number such as 12.50"),
        (cells.day, "2023-02-29", "a date such as 2026-01-31"), (cells.day, "20240101", "a date such as 2026-01-31"),
        (cells.day, 20240101, "a date such as 2026-01-31, without a time"),
        (cells.day, datetime(2024, 1, 1, 8, tzinfo=UTC), "a date such as 2026-01-31, without a time"),
        (cells.flag, "yes", "true or false"), (cells.flag, 1, "true or false"),
        (TYPE, "accrual", "one of ACCRUAL, REDEMPTION"), (TYPE, 1, "one of ACCRUAL, REDEMPTION"),
        (cells.bag, "x", "an object"), (cells.bag, [1], "an object"), (cells.items, {}, "a list"),
        (ATTRIBUTES[AttributeType.INTEGER], "7.5", "a whole number"),
    ],
)  # fmt: skip
def test_a_cell_that_is_something_else_says_what_was_expected(
    read: Callable[[Any], Any], value: Any, expected: str
) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read(value)
    assert unreadable.value.expected == expected
