"""Criteria on line items: any line, all lines, how many, and sums, of the lines that `where` selects."""

from decimal import Decimal
from typing import Any

import pytest

from domain.promotions import Criterion, LineTest, Operator, Rule
from domain.rules import RuleError
from tests.rules.samples import ONE, a_line, facts, holds, seen, verdict_of

O, ANY, ALL, COUNT, SUM = Operator, LineTest.ANY, LineTest.ALL, LineTest.COUNT, LineTest.SUM  # noqa: E741

DAIRY = Criterion("attributes.department", O.EQUALS, ("DAIRY",))
BASKET = facts(
    a_line("MILK", "3.50", 2, department="DAIRY"),
    a_line("CHEESE", "12.25", 1, department="DAIRY"),
    a_line("WINE", "20.00", 3, department="DRINKS"),
    a_line("BAG", "0.10", 1),
)


def on(
    test: LineTest, attribute: str, operator: Operator, *values: Any, where: tuple[Criterion, ...] = ()
) -> Criterion:
    return Criterion(attribute, operator, values, lines=test, where=where)


CASES = [
    (on(ANY, "amount", O.GREATER, "15"), True), (on(ANY, "amount", O.GREATER, "20"), False),
    (on(ANY, "amount", O.GREATER, "15", where=(DAIRY,)), False), (on(ANY, "amount", O.GREATER, "12", where=(DAIRY,)), True),
    (on(ANY, "product", O.IN, "MILK", "TEA"), True), (on(ANY, "attributes.department", O.IS_EMPTY), True),
    (on(ANY, "attributes.department", O.NOT_EQUALS, "DAIRY"), True),
    (on(ALL, "amount", O.GREATER, "0"), True), (on(ALL, "amount", O.GREATER, "1"), False),
    (on(ALL, "amount", O.GREATER, "3", where=(DAIRY,)), True),
    (on(ALL, "attributes.department", O.NOT_EQUALS, "TOYS"), False),
    (on(COUNT, "lines", O.EQUALS, "4"), True), (on(COUNT, "lines", O.EQUALS, "2", where=(DAIRY,)), True),
    (on(COUNT, "attributes.department", O.EQUALS, "3"), True), (on(COUNT, "lines", O.BETWEEN, "5", "9"), False),
    (on(SUM, "amount", O.EQUALS, "35.85"), True), (on(SUM, "amount", O.AT_LEAST, "15.75", where=(DAIRY,)), True),
    (on(SUM, "amount", O.AT_LEAST, "15.76", where=(DAIRY,)), False), (on(SUM, "quantity", O.EQUALS, "7"), True),
    (on(SUM, "quantity", O.IN, "3", where=(DAIRY, Criterion("amount", O.GREATER, ("1",)))), True),
]  # fmt: skip


@pytest.mark.parametrize(("criterion", "expected"), CASES)
def test_a_basket_is_tested_line_by_line(criterion: Criterion, expected: bool) -> None:
    assert holds(criterion, BASKET) is expected


@pytest.mark.parametrize(
    ("criterion", "expected"),
    [
        (on(ANY, "amount", O.AT_LEAST, "0"), False), (on(ALL, "amount", O.AT_LEAST, "0"), False),
        (on(COUNT, "lines", O.EQUALS, "0"), True), (on(SUM, "amount", O.EQUALS, "0"), True),
        (on(ANY, "amount", O.IS_EMPTY), False), (on(ALL, "amount", O.IS_EMPTY), False),
    ],
)  # fmt: skip
def test_a_transaction_without_lines_has_none_that_meet_anything(criterion: Criterion, expected: bool) -> None:
    assert holds(criterion, facts()) is expected


def test_a_sum_may_be_compared_with_a_share_of_the_whole() -> None:
    share = Criterion(
        "amount", O.AT_LEAST, other="transaction.amount", factor=Decimal("0.5"), lines=SUM, where=(DAIRY,)
    )
    assert holds(share, {**BASKET, "transaction": {**BASKET["transaction"], "amount": Decimal("31.50")}})
    assert not holds(share, {**BASKET, "transaction": {**BASKET["transaction"], "amount": Decimal("31.51")}})


def test_two_attributes_of_one_line_may_be_compared() -> None:
    cheap = Criterion("amount", O.LESS, other="quantity", lines=ANY)
    assert holds(cheap, BASKET)
    assert not holds(cheap, facts(a_line("MILK", "3.50", 2)))


def test_a_sum_over_an_empty_value_is_an_error_and_not_a_zero() -> None:
    rule = Rule((ONE,), (on(SUM, "amount", O.AT_LEAST, "0"),))
    with pytest.raises(
        RuleError, match="promotion SPRING, rule 1: amount of a line item is empty and cannot be summed"
    ):
        verdict_of(rule, facts(a_line(amount=None), a_line()))


def test_a_value_of_a_wrong_type_in_a_line_is_an_error_that_names_the_rule() -> None:
    rule = Rule((ONE,), (on(ANY, "attributes.department", O.EQUALS, "DAIRY"),))
    with pytest.raises(RuleError, match=r"promotion SPRING, rule 1: attributes.department is 7; expected text"):
        verdict_of(rule, facts(a_line(department=7)))


@pytest.mark.parametrize(
    ("criterion", "shown"),
    [
        (on(ANY, "attributes.department", O.EQUALS, "TOYS"), "DAIRY, DRINKS, empty"),
        (on(SUM, "amount", O.GREATER, "100"), "35.85"),
        (on(COUNT, "lines", O.GREATER, "100"), "4"),
        (on(ANY, "amount", O.GREATER, "100", where=(Criterion("product", O.EQUALS, ("TEA",)),)), "empty"),
    ],
)
def test_the_decision_says_what_the_lines_held(criterion: Criterion, shown: str) -> None:
    assert seen(criterion, BASKET) == shown
