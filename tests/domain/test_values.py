"""Texts, numbers and attributes as callers send them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.problems import Invalid, TooMany
from domain.values import attribute_problems, choice_problems, finer_than, number_problems, shown, text_problems

SIMPLE = "a text, an exact number, true, false, a date or null, without lists or objects inside"


@pytest.mark.parametrize("text", [None, "Ada", "é日本 🎉", " a ", "x" * 10])
def test_texts_that_are_fine(text: str | None) -> None:
    assert list(text_problems(text, 10, "input", "name")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "a text that is not blank"),
        ("  ", "a text that is not blank"),
        ("x" * 11, "at most 10 characters, not 11"),
        ("a\0b", "a text without control characters"),
        ("a\nb", "a text without control characters"),
    ],
)
def test_texts_that_are_not(text: str, expected: str) -> None:
    assert list(text_problems(text, 10, "input", "name")) == [
        Invalid(value=text, expected=expected, path=("input", "name"))
    ]


def test_half_a_surrogate_pair_is_refused_and_can_be_answered() -> None:
    (problem,) = text_problems("a\ud800", 10, "name")
    assert (
        problem.message.encode()
        == "name is 'a\N{REPLACEMENT CHARACTER}'; expected a text without control characters.".encode()
    )


def test_a_text_of_lines_may_have_line_breaks_but_no_other_control_characters() -> None:
    assert list(text_problems("one\r\n\ttwo", 100, lines=True)) == []
    assert len(list(text_problems("one\x07", 100, lines=True))) == 1


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("NaN", "a finite number"),
        ("Infinity", "a finite number"),
        ("-0.01", "0 or more, and less than 1,000"),
        ("1000", "0 or more, and less than 1,000"),
        ("1e999999", "0 or more, and less than 1,000"),
        ("0.001", "at most 2 decimals"),
        ("1e-999999", "at most 2 decimals"),
    ],
)
def test_numbers_that_cannot_be(number: str, expected: str) -> None:
    (problem,) = number_problems(Decimal(number), Decimal(1000), 2, "input", "quantity")
    assert problem == Invalid(value=str(Decimal(number)), expected=expected, path=("input", "quantity"))


@pytest.mark.parametrize("number", [None, "0", "0.10", "999.99", "1.5000", "0e-20"])
def test_numbers_that_can(number: str | None) -> None:
    assert list(number_problems(None if number is None else Decimal(number), Decimal(1000), 2)) == []


@given(st.decimals(-1000, 1000, allow_nan=False, places=6), st.integers(0, 6))
def test_finer_means_that_rounding_would_change_it(number: Decimal, decimals: int) -> None:
    assert finer_than(number, decimals) == (round(number, decimals) != number)


@pytest.mark.parametrize(
    ("number", "decimals", "finer"),
    [
        ("1e999999", 2, False),
        ("1e-999999", 2, True),
        ("1e60", 0, False),
        ("0e-999999", 2, False),
        ("1" * 50 + ".5", 0, True),
    ],
)
def test_how_fine_a_number_is_can_be_said_of_any_size(number: str, decimals: int, finer: bool) -> None:
    assert finer_than(Decimal(number), decimals) is finer


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -5, Decimal("1.5"), Decimal("-0.000001"), "text", "", "two\nlines", date(2025, 1, 1), 10**15 - 1],
)
def test_an_attribute_is_one_simple_value(value: Any) -> None:
    assert list(attribute_problems({"store": value}, "input", "attributes")) == []


@pytest.mark.parametrize(
    ("value", "shown_value", "expected"),
    [
        ([1], "[1]", SIMPLE),
        ({"a": 1}, "{'a': 1}", SIMPLE),
        (1.5, "1.5", SIMPLE),
        (
            datetime(2025, 1, 1, tzinfo=UTC),
            "datetime.datetime(2025, 1, 1, 0, 0, tzinfo=datetime.timezone" + "…",
            SIMPLE,
        ),
        (Decimal("NaN"), "NaN", "a finite number"),
        (10**15, "1000000000000000", "0 or more, and less than 1,000,000,000,000,000"),
        (Decimal("0.0000001"), "1E-7", "at most 6 decimals"),
        ("x" * 1001, "x" * 60 + "…", "at most 1000 characters, not 1001"),
    ],
)
def test_an_attribute_is_nothing_else(value: Any, shown_value: str, expected: str) -> None:
    (problem,) = attribute_problems({"store": value}, "input", "attributes")
    assert problem == Invalid(value=shown_value, expected=expected, path=("input", "attributes", "store"))


@pytest.mark.parametrize("name", ["", "1st", "a b", "a.b", "é", "x" * 65, "a\n"])
def test_names_of_attributes_are_simple(name: str) -> None:
    (problem,) = attribute_problems({name: 1}, "attributes")
    assert problem.path == ("attributes", shown(name))
    assert isinstance(problem, Invalid)
    assert problem.expected == "a name of letters, digits and _ that begins with a letter, at most 64 long"


def test_a_hundred_attributes_and_no_more() -> None:
    bag = {f"a{number}": number for number in range(100)}
    assert list(attribute_problems(bag)) == []
    assert list(attribute_problems({**bag, "last": 1}, "attributes")) == [
        TooMany(what="attributes", limit=100, found=101, path=("attributes",))
    ]


def test_a_choice_names_the_choices() -> None:
    assert list(choice_problems("A", ["A", "B"], "kind")) == []
    assert list(choice_problems("C", ["A", "B"], "kind")) == [
        Invalid(value="C", expected="one of A, B", path=("kind",))
    ]


def test_a_huge_text_is_not_repeated_in_full() -> None:
    assert shown("x" * 60) == "x" * 60
    assert shown("x" * 1_000_000) == "x" * 60 + "…"
