"""ZEN as the referee: what our closures make of an expression is what ZEN's own evaluator makes of it, digit by digit."""

from decimal import Decimal
from typing import Any

import pytest
import zen
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.expressions import Kind
from rules.zen import complaint
from tests.rules.zen_cases import NUMBER_CHAINS, TRUTH_CHAINS, by_us, by_zen, facts, numbers, truths

THOROUGH = settings(max_examples=250, deadline=None)


@THOROUGH
@given(numbers(3), facts())
def test_a_formula_gives_what_zen_gives(expression: str, given_facts: dict[str, Any]) -> None:
    assert by_us(expression, given_facts, Kind.NUMBER) == by_zen(expression, given_facts, Kind.NUMBER)


@THOROUGH
@given(truths(3), facts())
def test_a_condition_holds_where_it_holds_in_zen(expression: str, given_facts: dict[str, Any]) -> None:
    assert by_us(expression, given_facts, Kind.BOOLEAN) == by_zen(expression, given_facts, Kind.BOOLEAN)


@THOROUGH
@given(NUMBER_CHAINS, facts())
def test_operators_of_numbers_bind_as_in_zen(expression: str, given_facts: dict[str, Any]) -> None:
    assert by_us(expression, given_facts, Kind.NUMBER) == by_zen(expression, given_facts, Kind.NUMBER)


@THOROUGH
@given(TRUTH_CHAINS, facts())
def test_operators_of_conditions_bind_as_in_zen(expression: str, given_facts: dict[str, Any]) -> None:
    assert by_us(expression, given_facts, Kind.BOOLEAN) == by_zen(expression, given_facts, Kind.BOOLEAN)


AMOUNTS = st.decimals(0, Decimal("9999999999999999.9999"), places=4, allow_nan=False)
FACTORS = st.decimals(Decimal("0.0001"), 10, places=4, allow_nan=False)


@THOROUGH
@given(AMOUNTS, FACTORS)
def test_the_largest_amounts_with_four_decimals_are_multiplied_to_the_last_digit(
    amount: Decimal, factor: Decimal
) -> None:
    expression, facts_ = f"transaction.amount * {factor:f}", {"transaction": {"amount": amount, "attributes": {}}}
    exact = by_us(expression, facts_, Kind.NUMBER)
    assert exact == Decimal(int(amount.scaleb(4)) * int(factor.scaleb(4))).scaleb(-8)
    # ZEN has 28 digits: it agrees wherever these are enough.
    assert abs(exact - by_zen(expression, facts_, Kind.NUMBER)) <= Decimal("1e-7")


def test_zen_hands_numbers_out_as_floats_but_text_exactly() -> None:
    amount = '{"amount": 9999999999999999.9999}'
    assert zen.evaluate_expression("amount", amount) == 1e16
    assert zen.evaluate_expression("string(amount)", amount) == "9999999999999999.9999"


EDGES = [
    ("1 / 0", None), ("(1 / 0) ?? 0", 0.0), ("not (a in ['G'])", True), ("a != 5", True), ("10 % 0", None),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "answer"), EDGES)
def test_zen_is_lax_where_we_are_strict(expression: str, answer: Any) -> None:
    assert zen.evaluate_expression(expression, {"a": None}) == answer


def test_zen_has_a_clock_and_dice_and_takes_no_decimals() -> None:
    assert zen.evaluate_expression("d()") != ""
    assert 0 <= zen.evaluate_expression("rand(5)") <= 5
    with pytest.raises(TypeError):
        zen.evaluate_expression("a", {"a": Decimal(1)})


def test_zen_says_what_is_no_expression_of_its_own() -> None:
    assert complaint("1 + 1") is None
    assert complaint("1 +") == '{"type":"parserError","source":"Unexpected end of unary expression at (3, 3)"}'
    assert complaint("> 5", cell=True) is None
    assert complaint("> 5") is not None
