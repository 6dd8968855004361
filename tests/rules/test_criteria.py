"""Structured criteria: every operator on every kind of value, and never true of an empty one unless it asks for emptiness."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.promotions import Criterion, Operator, Rule
from domain.rules import RuleError
from tests.rules.samples import ONE, facts, holds, seen, verdict_of

O = Operator  # noqa: E741 - tables of cases read better with one letter

AMOUNT = "transaction.amount"

CASES = [
    (O.EQUALS, ("100",), "100", True), (O.EQUALS, ("100",), "100.00", True), (O.EQUALS, ("100",), "100.01", False),
    (O.NOT_EQUALS, ("100",), "100.00", False), (O.NOT_EQUALS, ("100",), "99.99", True),
    (O.LESS, ("100",), "99.99", True), (O.LESS, ("100",), "100", False),
    (O.AT_MOST, ("100",), "100", True), (O.AT_MOST, ("100",), "100.01", False),
    (O.GREATER, ("100",), "100", False), (O.GREATER, ("100",), "100.01", True),
    (O.AT_LEAST, ("100",), "100", True), (O.AT_LEAST, ("100",), "99.99", False),
    (O.BETWEEN, ("10", "20"), "10", True), (O.BETWEEN, ("10", "20"), "20", True),
    (O.BETWEEN, ("10", "20"), "9.99", False), (O.BETWEEN, ("10", "20"), "20.01", False), (O.BETWEEN, ("5", "5"), "5", True),
    (O.IN, ("1", "2.50"), "2.5", True), (O.IN, ("1", "2.50"), "2", False),
    (O.NOT_IN, ("1", "2.50"), "2.5", False), (O.NOT_IN, ("1", "2.50"), "2", True),
    (O.IS_EMPTY, (), "0", False), (O.IS_NOT_EMPTY, (), "0", True),
    (O.GREATER, ("0",), "-1", False), (O.EQUALS, ("0",), "-0", True), (O.LESS, ("0",), "-0.01", True),
]  # fmt: skip


@pytest.mark.parametrize(("operator", "values", "amount", "expected"), CASES)
def test_a_number_is_compared_exactly(operator: Operator, values: tuple[str, ...], amount: str, expected: bool) -> None:
    given = facts(transaction__amount=Decimal(amount))
    assert holds(Criterion(AMOUNT, operator, values), given) is expected


VALUES: dict[Operator, tuple[Any, ...]] = {
    O.EQUALS: ("x",), O.NOT_EQUALS: ("x",), O.LESS: ("x",), O.AT_MOST: ("x",), O.GREATER: ("x",), O.AT_LEAST: ("x",),
    O.BETWEEN: ("a", "z"), O.IN: ("x", "y"), O.NOT_IN: ("x", "y"), O.IS_EMPTY: (), O.IS_NOT_EMPTY: (), O.CONTAINS: ("x",),
}  # fmt: skip


@pytest.mark.parametrize("operator", list(Operator))
@pytest.mark.parametrize("empty", [None, ""])
def test_no_operator_but_is_empty_holds_for_an_empty_value(operator: Operator, empty: str | None) -> None:
    criterion = Criterion("transaction.attributes.channel", operator, VALUES[operator])
    given = facts(transaction__attributes={"channel": empty})
    assert holds(criterion, given) is (operator is O.IS_EMPTY)
    if operator is not O.IS_EMPTY:
        assert seen(criterion, given) == "empty"


@pytest.mark.parametrize("operator", list(Operator))
def test_an_attribute_that_was_never_set_is_empty(operator: Operator) -> None:
    criterion = Criterion("member.attributes.segment", operator, VALUES[operator])
    assert holds(criterion, facts()) is (operator is O.IS_EMPTY)


@pytest.mark.parametrize("section", ["product", "tier", "partner"])
def test_attributes_of_what_there_is_none_of_are_empty(section: str) -> None:
    assert holds(Criterion(f"{section}.code", O.IS_EMPTY), facts(**{section: {}}))
    assert not holds(Criterion(f"{section}.code", O.NOT_EQUALS, ("X",)), facts(**{section: {}}))


def test_a_member_without_an_address_has_no_country() -> None:
    assert holds(Criterion("member.address.country", O.IS_EMPTY), facts(member__address=None))
    assert holds(Criterion("member.address.country", O.EQUALS, ("US",)), facts())


@pytest.mark.parametrize("operator", [O.EQUALS, O.NOT_EQUALS, O.LESS, O.AT_MOST, O.GREATER, O.AT_LEAST])
@pytest.mark.parametrize(("left", "right"), [(None, "1"), ("1", None), (None, None)])
def test_a_comparison_of_two_attributes_holds_for_none_that_is_empty(
    operator: Operator, left: str | None, right: str | None
) -> None:
    given = facts(
        transaction__amount=None if left is None else Decimal(left),
        transaction__quantity=None if right is None else Decimal(right),
    )
    criterion = Criterion(AMOUNT, operator, other="transaction.quantity")
    assert not holds(criterion, given)
    assert seen(criterion, given) == "empty"


@pytest.mark.parametrize(
    ("operator", "amount", "expected"),
    [
        (O.AT_LEAST, "3.00", True), (O.AT_LEAST, "2.99", False), (O.EQUALS, "3", True), (O.NOT_EQUALS, "3", False),
        (O.LESS, "2.99", True), (O.LESS, "3", False), (O.AT_MOST, "3", True), (O.GREATER, "3.01", True),
    ],
)  # fmt: skip
def test_another_attribute_is_scaled_before_it_is_compared(operator: Operator, amount: str, expected: bool) -> None:
    given = facts(transaction__amount=Decimal(amount), transaction__quantity=Decimal(2))
    criterion = Criterion(AMOUNT, operator, other="transaction.quantity", factor=Decimal("1.5"))
    assert holds(criterion, given) is expected


def test_scaling_is_exact_where_a_float_would_not_be() -> None:
    given = facts(
        transaction__amount=Decimal("9999999999999999.99"), transaction__quantity=Decimal("99999999999999999.9")
    )
    assert holds(Criterion(AMOUNT, O.EQUALS, other="transaction.quantity", factor=Decimal("0.1")), given)


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        (O.EQUALS, ("2026-03-14",), True), (O.EQUALS, (date(2026, 3, 14),), True), (O.LESS, ("2026-03-15",), True),
        (O.BETWEEN, ("2026-03-14", "2026-03-14"), True), (O.BETWEEN, ("2026-02-28", "2026-03-13"), False),
        (O.IN, ("2026-03-13", "2026-03-14"), True), (O.NOT_IN, ("2026-03-14",), False), (O.GREATER, ("2026-03-14",), False),
    ],
)  # fmt: skip
def test_dates_are_compared_as_days(operator: Operator, values: tuple[Any, ...], expected: bool) -> None:
    assert holds(Criterion("transaction.date", operator, values), facts()) is expected


def test_a_stored_date_may_be_iso_text() -> None:
    given = facts(transaction__attributes={"checkIn": "2026-02-28"})
    assert holds(Criterion("transaction.attributes.checkIn", O.LESS, other="transaction.date"), given)


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        (O.EQUALS, ("WEB",), True), (O.EQUALS, ("web",), False), (O.NOT_EQUALS, ("STORE",), True), (O.CONTAINS, ("E",), True),
        (O.CONTAINS, ("store",), False), (O.IN, ("STORE", "WEB"), True), (O.NOT_IN, ("STORE",), True),
        (O.BETWEEN, ("V", "X"), True), (O.LESS, ("WEC",), True),
    ],
)  # fmt: skip
def test_text_is_compared_letter_by_letter(operator: Operator, values: tuple[str, ...], expected: bool) -> None:
    assert holds(Criterion("transaction.attributes.channel", operator, values), facts()) is expected


@pytest.mark.parametrize(
    ("online", "wanted", "expected"), [(True, True, True), (False, True, False), (False, False, True)]
)
def test_true_and_false_are_values(online: bool, wanted: bool, expected: bool) -> None:
    given = facts(transaction__attributes={"online": online})
    assert holds(Criterion("transaction.attributes.online", O.EQUALS, (wanted,)), given) is expected


def test_points_of_the_last_months_are_read_by_their_path() -> None:
    given = facts(points={"BONUS.lastMonths.12": Decimal("1000.50")})
    assert holds(Criterion("points.BONUS.lastMonths.12", O.AT_LEAST, ("1000.5",)), given)
    assert not holds(Criterion("points.BONUS.lastMonths.3", O.AT_MOST, ("1000.5",)), given)


def test_a_counter_that_was_never_touched_is_zero() -> None:
    assert holds(Criterion("counters.flights", O.EQUALS, ("0",)), facts())
    assert holds(Criterion("counters.flights", O.EQUALS, ("2",)), facts(counters={"flights": Decimal(2)}))


@pytest.mark.parametrize(
    ("criterion", "shown"),
    [
        (Criterion(AMOUNT, O.LESS, ("5",)), "100"),
        (Criterion("transaction.date", O.LESS, ("2026-01-01",)), "2026-03-14"),
        (Criterion("transaction.attributes.channel", O.EQUALS, ("STORE",)), "WEB"),
        (Criterion("member.enrolledOn", O.IS_EMPTY), "2024-03-10"),
        (Criterion(AMOUNT, O.LESS, other="transaction.quantity"), "100"),
        (Criterion("transaction.attributes.miles", O.EQUALS, ("1",)), "600"),
    ],
)
def test_the_decision_says_what_was_seen(criterion: Criterion, shown: str) -> None:
    assert seen(criterion, facts()) == shown


def test_a_large_number_is_shown_in_full() -> None:
    assert seen(Criterion(AMOUNT, O.LESS, ("5",)), facts(transaction__amount=Decimal("1E+7"))) == "10000000"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("transaction.attributes.miles", "many", "transaction.attributes.miles is 'many'; expected a whole number"),
        ("transaction.attributes.miles", Decimal("1.5"), "transaction.attributes.miles is Decimal('1.5'); expected a whole number"),
        ("transaction.attributes.miles", True, "transaction.attributes.miles is True; expected a whole number"),
        ("transaction.attributes.rate", 1.5, "transaction.attributes.rate is 1.5; expected a number"),
        ("transaction.attributes.channel", 5, "transaction.attributes.channel is 5; expected text"),
        ("transaction.attributes.checkIn", "soon", "transaction.attributes.checkIn is 'soon'; expected a date such as 2026-01-31"),
        ("transaction.attributes.online", "yes", "transaction.attributes.online is 'yes'; expected true or false"),
    ],
)  # fmt: skip
def test_a_fact_of_another_type_than_declared_is_an_error_that_names_the_rule(
    path: str, value: Any, message: str
) -> None:
    rule = Rule((ONE,), (Criterion(path, O.IS_NOT_EMPTY),))
    given = facts(transaction__attributes={path.rpartition(".")[2]: value})
    with pytest.raises(RuleError) as caught:
        verdict_of(rule, given)
    assert (caught.value.where, caught.value.message) == ("promotion SPRING, rule 1", message)
