"""Amounts by ISO 4217."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.currencies import DECIMALS, AmountOutOfRange, AmountTooFine, UnknownCurrency, check_money, currency_problems
from domain.problems import Invalid, Missing


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("0", "USD"),
        ("10.25", "USD"),
        ("10.2500", "USD"),
        ("1200", "JPY"),
        ("1.005", "KWD"),
        ("1.0005", "CLF"),
        ("999999999999999.99", "EUR"),
    ],
)
def test_amounts_that_can_be_paid(amount: str, currency: str) -> None:
    assert check_money(Decimal(amount), currency, "input") == ()


@pytest.mark.parametrize(
    ("amount", "currency", "decimals", "message"),
    [
        ("10.005", "USD", 2, "10.005 has too many decimals: an amount in USD has at most 2 decimals."),
        ("0.5", "JPY", 0, "0.5 has too many decimals: an amount in JPY has no decimals."),
        ("1.0005", "KWD", 3, "1.0005 has too many decimals: an amount in KWD has at most 3 decimals."),
    ],
)
def test_amounts_finer_than_their_currency(amount: str, currency: str, decimals: int, message: str) -> None:
    (problem,) = check_money(Decimal(amount), currency, "input")
    assert problem == AmountTooFine(value=amount, currency=currency, decimals=decimals, path=("input", "amount"))
    assert problem.message == message


@pytest.mark.parametrize("amount", ["-0.01", "1E+15", "1E+999999"])
def test_amounts_out_of_range(amount: str) -> None:
    (problem,) = check_money(Decimal(amount), "USD", "input")
    assert problem == AmountOutOfRange(value=amount, path=("input", "amount"))
    assert (
        problem.message
        == f"An amount of {amount} is out of range: give 0 or more, and less than 1,000,000,000,000,000."
    )


@pytest.mark.parametrize("amount", ["NaN", "-Infinity"])
def test_amounts_that_are_no_numbers(amount: str) -> None:
    expected = Invalid(value=amount, expected="a finite number", path=("input", "amount"))
    assert check_money(Decimal(amount), "USD", "input") == (expected,)


@pytest.mark.parametrize("currency", ["", "usd", "US", "DOLLARS", "XXX", "XAU", "ABC"])
def test_currencies_that_do_not_exist(currency: str) -> None:
    assert check_money(Decimal(1), currency, "input") == (UnknownCurrency(value=currency, path=("input", "currency")),)


def test_the_refusal_of_a_currency_says_what_would_be_right() -> None:
    assert (
        UnknownCurrency(value="usd").message
        == "There is no currency 'usd'; give a code of ISO 4217, such as EUR, USD or JPY."
    )


def test_an_amount_needs_its_currency() -> None:
    problems = check_money(Decimal(-1), None, "input")
    assert problems == (
        Missing(why="an amount needs its currency", path=("input", "currency")),
        AmountOutOfRange(value="-1", path=("input", "amount")),
    )


def test_no_amount_at_all_is_fine() -> None:
    assert check_money(None, None) == ()
    assert check_money(None, "USD") == ()


def test_all_problems_at_once() -> None:
    assert [problem.code for problem in check_money(Decimal(-1), "usd")] == ["UNKNOWN_CURRENCY", "AMOUNT_OUT_OF_RANGE"]


def test_the_table_has_every_active_currency_once() -> None:
    assert {decimals: list(DECIMALS.values()).count(decimals) for decimals in (0, 2, 3, 4)} == {
        0: 18,
        2: 148,
        3: 7,
        4: 2,
    }
    assert all(len(code) == 3 and code.isupper() and currency_problems(code) == () for code in DECIMALS)


@given(st.sampled_from(sorted(DECIMALS)), st.integers(0, 10**12))
def test_every_number_of_smallest_units_is_an_amount(currency: str, units: int) -> None:
    assert check_money(Decimal(units).scaleb(-DECIMALS[currency]), currency) == ()
