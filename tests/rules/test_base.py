"""Base points: the built-in kinds and their boundaries, the first rule that applies, currencies, and selected lines."""

from decimal import Decimal
from typing import Any

import pytest

from domain.programs import BaseRule
from domain.promotions import Operator
from domain.rules import Base, CurrencyMismatch, RuleError
from tests.rules.samples import a_line, compiled, facts, refusal

Parameters = dict[str, Any]
DOLLARS = {"points": "1", "currency": "USD"}


def base_of(given: dict[str, Any], *rules: tuple[str, Parameters]) -> Base:
    return compiled(base=tuple(BaseRule(kind, parameters) for kind, parameters in rules)).base(given)


AMOUNTS = [
    ({}, "0", "0"), ({}, "0.99", "0"), ({}, "1", "1"), ({}, "1.99", "1"), ({}, "99.99", "99"),
    ({"counting": "STARTED"}, "0", "0"), ({"counting": "STARTED"}, "0.01", "1"), ({"counting": "STARTED"}, "1", "1"),
    ({"counting": "STARTED"}, "1.01", "2"),
    ({"counting": "PROPORTIONAL"}, "1.99", "1.99"), ({"counting": "PROPORTIONAL", "unit": "4"}, "1", "0.25"),
    ({"unit": "10"}, "9.99", "0"), ({"unit": "10"}, "10", "1"), ({"unit": "10", "points": "5"}, "39.99", "15"),
    ({"unit": "10", "counting": "STARTED", "points": "5"}, "30.01", "20"), ({"unit": "0.05"}, "1", "20"),
    ({"points": "0.1", "counting": "PROPORTIONAL"}, "545", "54.5"), ({"points": "1.5"}, "3", "4.5"),
    ({}, "9999999999999999.9999", "9999999999999999"),
    ({"counting": "PROPORTIONAL", "points": "3"}, "9999999999999999.9999", "29999999999999999.9997"),
    ({"unit": "0.0003", "counting": "STARTED"}, "0.0007", "3"), ({"unit": "0.0003"}, "0.0006", "2"),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "amount", "expected"), AMOUNTS)
def test_points_per_amount(parameters: Parameters, amount: str, expected: str) -> None:
    given = facts(transaction__amount=Decimal(amount))
    assert base_of(given, ("perAmount", DOLLARS | parameters)) == Base(Decimal(expected), 0)


@pytest.mark.parametrize(
    ("parameters", "quantity", "expected"),
    [
        ({"points": "500"}, "3", "1500"), ({"points": "500"}, "2.9", "1000"), ({"points": "1", "unit": "10"}, "45", "4"),
        ({"points": "500", "counting": "STARTED"}, "2.1", "1500"), ({"points": "2", "counting": "PROPORTIONAL"}, "2.25", "4.50"),
    ],
)  # fmt: skip
def test_points_per_quantity(parameters: Parameters, quantity: str, expected: str) -> None:
    given = facts(transaction__quantity=Decimal(quantity))
    assert base_of(given, ("perQuantity", parameters)) == Base(Decimal(expected), 0)


@pytest.mark.parametrize(
    ("parameters", "miles", "expected"),
    [
        ({}, 600, "600"), ({"minimum": "500"}, 499, "500"), ({"minimum": "500"}, 501, "501"), ({"minimum": "500"}, 0, "500"),
        ({"points": "1.25"}, 600, "750"), ({"unit": "100", "counting": "STARTED"}, 601, "7"),
    ],
)  # fmt: skip
def test_points_per_distance(parameters: Parameters, miles: int, expected: str) -> None:
    given = facts(transaction__attributes={"miles": miles})
    rule = ("perDistance", {"attribute": "transaction.attributes.miles"} | parameters)
    assert base_of(given, rule) == Base(Decimal(expected), 0)


ZONES = {
    "attribute": "transaction.attributes.miles",
    "ranges": [{"from": "1", "to": "600", "points": "500"}, {"from": 600, "to": 1000, "points": "750"}, {"from": 2000, "points": 2000}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("miles", "expected"),
    [(1, "500"), (599, "500"), (600, "750"), (999, "750"), (2000, "2000"), (99999, "2000")],
)
def test_a_range_includes_its_beginning_and_not_its_end(miles: int, expected: str) -> None:
    assert base_of(facts(transaction__attributes={"miles": miles}), ("ranges", ZONES)) == Base(Decimal(expected), 0)


@pytest.mark.parametrize("miles", [0, 1000, 1999, None])
def test_a_number_outside_every_range_is_not_for_the_rule(miles: int | None) -> None:
    given = facts(transaction__attributes={"miles": miles})
    assert base_of(given, ("ranges", ZONES)) == Base(Decimal(0), None)


def test_the_first_rule_that_applies_decides() -> None:
    web = {
        "points": "10",
        "when": [{"attribute": "transaction.attributes.channel", "operator": "EQUALS", "values": ["WEB"]}],
    }
    rules = ("constant", web), ("perQuantity", {"points": "3"}), ("constant", {"points": "1"})
    assert base_of(facts(), *rules) == Base(Decimal(10), 0)
    assert base_of(facts(transaction__attributes={}), *rules) == Base(Decimal(6), 1)
    assert base_of(facts(transaction__attributes={}, transaction__quantity=None), *rules) == Base(Decimal(1), 2)


def test_a_program_without_base_rules_has_no_base_points() -> None:
    assert base_of(facts()) == Base(Decimal(0), None)


def test_a_rule_whose_value_is_empty_does_not_apply() -> None:
    given = facts(transaction__amount=None, transaction__quantity=None)
    assert base_of(given, ("perAmount", DOLLARS), ("perQuantity", {"points": "1"})) == Base(Decimal(0), None)


def test_an_amount_in_another_currency_is_for_another_rule() -> None:
    rules = ("perAmount", DOLLARS), ("perAmount", {"points": "2", "currency": "EUR"})
    assert base_of(facts(transaction__currency="EUR"), *rules) == Base(Decimal(200), 1)


@pytest.mark.parametrize("currency", ["GBP", None])
def test_an_amount_that_no_rule_is_for_is_a_mismatch_and_not_a_zero(currency: str | None) -> None:
    rules = ("perAmount", DOLLARS), ("perAmount", {"points": "2", "currency": "EUR"}), ("perAmount", DOLLARS)
    with pytest.raises(CurrencyMismatch) as caught:
        base_of(facts(transaction__currency=currency), *rules)
    assert (caught.value.currency, caught.value.expected) == (currency, ("USD", "EUR"))


def test_a_rule_for_any_currency_may_stand_after_those_for_one() -> None:
    given = facts(transaction__currency="GBP")
    assert base_of(given, ("perAmount", DOLLARS), ("constant", {"points": "1"})) == Base(Decimal(1), 1)


def test_a_rule_whose_criteria_fail_is_no_mismatch() -> None:
    never = DOLLARS | {"when": [{"attribute": "tier.code", "operator": "EQUALS", "values": ["NONE"]}]}
    assert base_of(facts(transaction__currency="GBP"), ("perAmount", never)) == Base(Decimal(0), None)


def test_an_amount_of_nothing_has_no_currency_to_mismatch() -> None:
    given = facts(transaction__amount=None, transaction__currency="GBP")
    assert base_of(given, ("perAmount", DOLLARS)) == Base(Decimal(0), None)


NOT_FUEL = [{"attribute": "attributes.department", "operator": "NOT_EQUALS", "values": ["FUEL"]}]
BASKET = [
    a_line("MILK", "3.50", 2, department="DAIRY"), a_line("DIESEL", "80.00", 45, department="FUEL"),
    a_line("WINE", "20.49", 3, department="DRINKS"), a_line("BAG", "0.10", 1),
]  # fmt: skip


def test_a_rule_may_see_only_the_lines_that_meet_its_criteria() -> None:
    given = facts(*BASKET)
    assert base_of(given, ("perAmount", DOLLARS | {"lines": NOT_FUEL})) == Base(Decimal(23), 0)
    assert base_of(given, ("perQuantity", {"points": "1", "lines": NOT_FUEL})) == Base(Decimal(5), 0)
    assert base_of(given, ("perAmount", DOLLARS | {"lines": []})) == Base(Decimal(104), 0)


def test_a_rule_that_selects_no_line_does_not_apply() -> None:
    rules = ("perAmount", DOLLARS | {"lines": NOT_FUEL}), ("constant", {"points": "1"})
    assert base_of(facts(BASKET[1]), *rules) == Base(Decimal(1), 1)
    assert base_of(facts(), *rules) == Base(Decimal(1), 1)


def test_a_selected_line_without_an_amount_is_an_error_and_not_a_zero() -> None:
    message = r"base rule 1 \(perAmount\): amount of a line item is empty and cannot be summed"
    with pytest.raises(RuleError, match=message):
        base_of(facts(a_line(amount=None, department="DAIRY")), ("perAmount", DOLLARS | {"lines": NOT_FUEL}))


def test_base_points_are_never_negative() -> None:
    message = r"base rule 1 \(perAmount\): perAmount 1 gave -4 points; base points are never negative"
    with pytest.raises(RuleError, match=message):
        base_of(facts(a_line(amount="-3.50", department="DAIRY")), ("perAmount", DOLLARS | {"lines": NOT_FUEL}))


def test_a_fact_of_a_wrong_type_is_an_error_that_names_the_rule() -> None:
    rules = ("constant", {"points": "1"}), ("perDistance", {"attribute": "transaction.attributes.miles"})
    given = facts(transaction__attributes={"miles": "far"})
    assert base_of(given, *rules) == Base(Decimal(1), 0)
    with pytest.raises(RuleError, match=r"base rule 1 \(perDistance\): transaction.attributes.miles is 'far'"):
        base_of(given, *reversed(rules))


OPERATORS = ", ".join(f"'{each.value}'" for each in Operator).replace(", 'CONTAINS'", " or 'CONTAINS'")

WRONG: list[tuple[str, Parameters, tuple[str, ...], str]] = [
    ("perAmount", {"currency": "USD"}, ("parameters", "points"), "points is missing: this kind of rule needs it."),
    ("perAmount", DOLLARS | {"points": "0"}, ("parameters", "points"), "points is '0'; expected greater than 0."),
    ("perAmount", DOLLARS | {"points": "NaN"}, ("parameters", "points"), "points is 'NaN'; expected a finite number."),
    ("perAmount", DOLLARS | {"currency": "dollars"}, ("parameters", "currency"),
     "currency is 'dollars'; expected String should match pattern '^[A-Z]{3}$'."),
    ("perAmount", DOLLARS | {"counting": "HALF"}, ("parameters", "counting"),
     "counting is 'HALF'; expected 'STARTED', 'FULL' or 'PROPORTIONAL'."),
    ("perAmount", DOLLARS | {"unit": "0"}, ("parameters", "unit"), "unit is '0'; expected greater than 0."),
    ("perAmount", DOLLARS | {"Unit": "1"}, ("parameters", "Unit"), "'Unit' is no parameter of this kind of rule."),
    ("perDistance", {"attribute": "transaction.attributes.kilometers"}, ("parameters",),
     "There is no attribute 'transaction.attributes.kilometers'. Did you mean 'transaction.attributes.miles'?"),
    ("ranges", {"attribute": "transaction.amount", "ranges": []}, ("parameters", "ranges"),
     "ranges is '[]'; expected Tuple should have at least 1 item after validation, not 0."),
    ("constant", {"points": "1", "when": [{"attribute": "tier.kode", "operator": "IS_EMPTY"}]},
     ("parameters", "when", "0", "attribute"), "There is no attribute 'tier.kode'. Did you mean 'tier.code'?"),
    ("constant", {"points": "1", "when": [{"attribute": "tier.code", "operator": "LIKE"}]}, ("parameters", "when", "0", "operator"),
     f"operator is 'LIKE'; expected {OPERATORS}."),
    ("constant", {"points": "1", "lines": [{"attribute": "tier.code", "operator": "IS_EMPTY"}]},
     ("parameters", "lines", "0", "attribute"), "There is no attribute 'tier.code'. Define it first, or use a known one."),
    ("perDistance", {"attribute": "transaction.basePoints"}, ("parameters",),
     "A base rule cannot read transaction.basePoints, which it is to find."),
    ("perMile", {}, ("kind",),
     "No rule kind 'perMile' of version 1 is installed; there are: constant 1, perAmount 1, perDistance 1, perQuantity 1, ranges 1."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "parameters", "path", "message"), WRONG)
def test_wrong_parameters_are_refused_with_their_place(
    kind: str, parameters: Parameters, path: tuple[str, ...], message: str
) -> None:
    assert refusal(base=(BaseRule("constant", {"points": 1}), BaseRule(kind, parameters))) == [
        (("baseRules", "1", *path), message)
    ]


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ([{"from": 5, "to": 5, "points": 1}], "the range from 5 ends at 5: `to` must be greater than `from`"),
        ([{"from": 1, "to": 6, "points": 1}, {"from": 5, "points": 1}],
         "the range from 5 begins before the one from 1 has ended"),
        ([{"from": 1, "points": 1}, {"from": 5, "points": 1}], "the range from 5 begins before the one from 1 has ended"),
    ],
)  # fmt: skip
def test_ranges_must_not_overlap(ranges: list[Parameters], message: str) -> None:
    ((path, found),) = refusal(base=(BaseRule("ranges", {"attribute": "transaction.amount", "ranges": ranges}),))
    assert path == ("baseRules", "0", "parameters")
    assert found.endswith(f"expected {message}.")
