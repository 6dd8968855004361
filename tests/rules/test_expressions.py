"""Criteria and points as expressions: what they say, what is empty, what is refused and where."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.promotions import AssignPoints, Rule
from domain.rule_problems import InvalidExpression, UnknownAttribute
from tests.rules.samples import ONE, a_line, error_of, facts, met, points, problems, verdict_of

BASKET = facts(
    a_line("MILK", "3.50", 2, department="DAIRY", weight=Decimal("1.5")),
    a_line("WINE", "20.00", 3, department="DRINKS"),
    a_line("BAG", "0.10", 1),
)

TRUE = [
    "transaction.amount > 99.99 and tier.code == 'GOLD'",
    "transaction.amount == 100.00",
    "transaction.amount in [50..100] and transaction.amount not in (50..100)",
    "tier.code in ['GOLD', 'SILVER']",
    "tier.code not in ['BASIC'] and not (tier.code in ['BASIC'])",
    "not (transaction.quantity > 5)",
    "transaction.date >= '2026-03-14' and transaction.date < date('2026-03-15')",
    "transaction.date in ['2026-03-01'..'2026-03-31']",
    "dayOfWeek(transaction.date) == 6 and monthOfYear(member.birthDate) == monthOfYear(transaction.date)",
    "weekOfYear(transaction.date) == 11 and year(transaction.date) == 2026 and dayOfYear(transaction.date) == 73",
    "startsWith(transaction.product, 'SK') and endsWith(upper(tier.code), 'LD') and contains(lower(tier.code), 'ol')",
    "len(member.name) == 3 and trim(' x ') == 'x'",
    "transaction.quantity * 50 == transaction.amount",
    "transaction.amount % 30 == 10 and -transaction.amount == 0 - 100",
    "max([transaction.amount, 500]) == 500 and min([1, 2]) == 1 and avg([1, 2]) == 1.5 and abs(-2) == 2",
    "round(2.345, 2) == 2.35 and round(2.5) == 3 and round(-2.5) == -3 and trunc(2.789, 2) == 2.78 and floor(-0.5) == -1 and ceil(0.1) == 1",
    "member.attributes.segment == null and tier.code != null",
    "(member.attributes.nights ?? 0) == 0",
    "some(lines, #.attributes.department == 'DAIRY') and not all(lines, #.amount > 1)",
    "none(lines, #.product == 'TEA') and one(lines, #.product == 'WINE') and count(lines, #.amount > 1) == 2",
    "sum(map(filter(lines, #.amount > 1), #.amount * #.quantity)) == 67",
    "len(lines) == 3 and len(filter(lines, #.attributes.department == null)) == 1",
    "some(lines, #.amount > transaction.amount / 10)",
    "counters.flights == 0",
    "transaction.attributes.miles >= 600 ? tier.code == 'GOLD' : false",
    "transaction.amount > 50 == true",
    "true or member.attributes.nights > 1",
]  # fmt: skip


@pytest.mark.parametrize("expression", TRUE)
def test_an_expression_says_what_a_business_user_means(expression: str) -> None:
    assert met(expression, BASKET)
    assert not met(f"not ({expression})", BASKET)


UNKNOWN = [
    "member.attributes.nights > 0", "member.attributes.nights <= 0", "member.attributes.nights == 0", "member.attributes.nights != 0",
    "member.attributes.nights in [1..9]", "member.attributes.nights not in [1..9]", "member.attributes.segment in ['A']",
    "member.attributes.segment not in ['A']", "member.attributes.segment != 'A'", "contains(member.attributes.segment, 'A')",
    "not contains(member.attributes.segment, 'A')", "member.attributes.nights > transaction.amount",
    "transaction.amount in [member.attributes.nights, 1]", "member.attributes.anniversary < transaction.date",
    "year(member.attributes.anniversary) != 2020", "tier.code == 'GOLD' and member.attributes.nights > 0",
    "tier.code == 'BASIC' or member.attributes.nights > 0", "member.attributes.nights > 0 or tier.code == 'BASIC'", "upper(member.attributes.segment) != 'A'",
]  # fmt: skip


@pytest.mark.parametrize("expression", UNKNOWN)
def test_what_compares_an_empty_value_does_not_hold_and_neither_does_its_opposite(expression: str) -> None:
    assert not met(expression, facts())
    assert not met(f"not ({expression})", facts())


def test_the_decision_says_which_values_an_expression_saw() -> None:
    rule = Rule((ONE,), (), "transaction.amount > 500 or member.attributes.nights > 3")
    failed = verdict_of(rule, facts()).failed
    assert failed is not None
    assert (failed.criterion, failed.seen) == (0, "transaction.amount 100, member.attributes.nights empty")


FORMULAS: list[tuple[str, str]] = [
    ("transaction.basePoints * 0.5", "50"),
    ("transaction.amount / 3", "33.3333333333333333333333333333333333333333333333333333333333"),
    ("transaction.amount > 50 ? transaction.basePoints * 2 : 0", "200"),
    ("max([0, transaction.amount - 200])", "0"),
    ("(member.attributes.nights ?? 2) * 500", "1000"),
    ("sum(map(lines, #.amount))", "23.6"),
    ("floor(transaction.amount / 30) * 10", "30"),
    ("tier.code == 'GOLD' ? 500 : tier.code == 'SILVER' ? 250 : 100", "500"),
    ("0.1 + 0.2", "0.3"),
]


@pytest.mark.parametrize(("formula", "expected"), FORMULAS)
def test_a_formula_gives_exact_points(formula: str, expected: str) -> None:
    assert points(AssignPoints(expression=formula), BASKET) == Decimal(expected)


@pytest.mark.parametrize(
    ("formula", "changes", "message"),
    [
        ("member.attributes.nights * 2", {}, "member.attributes.nights is empty and cannot be computed with"),
        ("2 * member.attributes.nights", {}, "member.attributes.nights is empty and cannot be computed with"),
        ("member.attributes.nights", {}, "member.attributes.nights is empty"),
        ("-member.attributes.nights + 1", {}, "member.attributes.nights is empty and cannot be computed with"),
        ("transaction.amount / transaction.quantity", {"transaction__quantity": Decimal(0)},
         "division by zero at position 20: transaction.quantity is 0"),
        ("(transaction.amount / transaction.quantity) ?? 0", {"transaction__quantity": Decimal("0.00")},
         "division by zero at position 21: transaction.quantity is 0"),
        ("1 / 0", {}, "division by zero at position 3: the value at position 5 is 0"),
        ("10 % (transaction.quantity - 2)", {}, "division by zero at position 4: the value at position 7 is 0"),
        ("member.attributes.nights > 3 ? 100 : 0", {},
         "the condition at position 1 compares an empty value: ask for `!= null` first"),
        ("sum(map(lines, #.attributes.weight))", {}, "the value at position 5 is empty and cannot be computed with"),
        ("max(map(lines, #.amount))", {"lines": []}, "max of an empty list has no value"),
        ("round(member.attributes.nights)", {}, "member.attributes.nights is empty and cannot be computed with"),
        ("round(transaction.amount, 0.5)", {}, "a number is rounded to 0 to 20 decimals, not 0.5"),
        ("transaction.amount - 200", {}, "the award would be -100 points; an award is never negative"),
        ("1000000000000 * 1000000000000 * 1000000", {}, "the award would be 1.00E+30 points, which no transaction may have"),
    ],
)  # fmt: skip
def test_a_formula_that_cannot_be_computed_is_an_error_and_not_a_zero(
    formula: str, changes: dict[str, Any], message: str
) -> None:
    assert error_of(AssignPoints(expression=formula), {**BASKET, **facts(*BASKET["lines"], **changes)}) == message


def test_arithmetic_on_an_empty_value_in_a_criterion_is_an_error_unless_it_was_asked_for_first() -> None:
    guarded = "member.attributes.nights != null and 100 / member.attributes.nights > 5"
    assert not met(guarded, facts())
    assert met(guarded, facts(member__attributes={"nights": Decimal(10)}))
    assert not met("member.attributes.nights > 0 and 100 / member.attributes.nights > 5", facts())


WRONG = [
    ("transaction.amount >", 21, "a value is missing: the expression ends too early"),
    ("transaction.amount > 'much'", 22, "a number cannot be compared with a text"),
    ("transaction.amount = 5", 20, "'=' means nothing here: to compare, write `==`"),
    ("transaction.amount > 5 && true", 24, "'&' means nothing here: write `and`"),
    ("transaction.amount", 1, "expected true or false, found a number"),
    ("tier.code * 2 > 1", 1, "expected a number, found a text"),
    ("tier.code == 'GOLD", 14, "the text that begins with ' does not end"),
    ("tier.code == ''", 14, "an empty text equals nothing: ask for `== null`"),
    ("(transaction.amount > 5", 24, "expected ), found the end"),
    ("transaction.amount > 5)", 23, "')' is left over"),
    ("transaction.amount > 5 true", 24, "'true' is left over"),
    ("and true", 1, "expected a value, found 'and'"),
    ("transaction.amount ^ 2 > 1", 20, "powers are not supported: multiply instead"),
    ("transaction.amount in 5", 23, "`in` takes a list such as ['A', 'B'], or a range such as [1..10]"),
    ("transaction.amount in []", 23, "`in` takes a list such as ['A', 'B'], or a range such as [1..10]"),
    ("transaction.date > '14.3.2026'", 20, "expected a date such as '2026-01-31', found '14.3.2026'"),
    ("transaction.date > 5", 20, "a date cannot be compared with a number"),
    ("rand(6) > 3", 1, "rand() asks chance: a rule must give the same result whenever it runs"),
    ("transaction.date > d()", 20, "d() asks the clock: a rule must give the same result whenever it runs"),
    ("d('2026-01-01') > d('2025-01-01')", 1, "d() asks the clock: a rule must give the same result whenever it runs"),
    ("transaction.date > date('now')", 25, "expected a date such as '2026-01-31', found 'now'"),
    ("transaction.date > now()", 20, "now() asks the clock: a rule must give the same result whenever it runs"),
    ("roundd(1) == 1", 1, "there is no function 'roundd'; did you mean round()?"),
    ("round() == 1", 1, "round() takes 1 to 2 arguments, not 0"),
    ("contains('a') ", 1, "contains() takes 2 arguments, not 1"),
    ("sum(transaction.amount) > 1", 5, "expected a list of numbers, found a number"),
    ("some(lines, #.amount)", 13, "expected true or false, found a number"),
    ("some(transaction.amount, true)", 6, "some() takes a list such as `lines`, found a number"),
    ("some(lines)", 1, "some() takes a list and an expression about each element `#`"),
    ("# > 5", 1, "`#` is an element of a list: use it within some, all, count, filter, map and the like"),
    ("some([1, 2], #.amount > 1)", 14, "`#` is a number here and has no attribute 'amount'"),
    ("some([1, 'a'], true)", 10, "expected a number, found a text"),
    ("transaction.amount > 5 ? 1 : 'a'", 30, "both results must be of one kind, not a number and a text"),
    ("$ > 5", 1, "`$` stands for the value of a column: use it in the cells of a decision table"),
    ("[1..5] == 5", 1, "a range stands to the right of `in`"),
    ("12345678901234567890123456789 > transaction.amount", 1, "a number has at most 28 digits"),
    ("lines > 5", 9, "a list of lines cannot be compared with a number"),
    ("transaction.online == 'x' and", 30, "a value is missing: the expression ends too early"),
    ("1 < 2 < 3", 9, "true or false cannot be compared with a number"),
    ("transaction..amount > 1", 12, "'..' is left over"),
    ("transaction.5 > 1", 13, "expected the name of an attribute, found '5'"),
    ("", 1, "a value is missing: the expression ends too early"),
    ("(" * 60 + "true" + ")" * 60, 41, "brackets are nested more than 40 deep"),
    ("true and " * 300 + "true", 2001, "it is longer than 2000 characters"),
    ("é == 1", 1, "'é' means nothing here"),
]


@pytest.mark.parametrize(("expression", "position", "reason"), WRONG)
def test_a_wrong_expression_is_refused_with_its_position(expression: str, position: int, reason: str) -> None:
    (problem,) = problems(Rule((ONE,), (), expression))
    assert isinstance(problem, InvalidExpression)
    assert problem.path == ("promotions", "SPRING", "rules", "0", "expression")
    assert (problem.position, problem.reason) == (position, reason)


@pytest.mark.parametrize(
    ("expression", "attribute", "position", "hint"),
    [
        ("tier.code == 'GOLD' and transaction.amont > 5", "transaction.amont", 25, "transaction.amount"),
        ("member.attributes.shoeSize > 40", "member.attributes.shoeSize", 1, "member.attributes.segment"),
        ("points.GOLD.lastMonths[3] > 40", "points.GOLD.lastMonths.3", 1, None),
        ("some(lines, #.departement == 'X')", "departement", 13, "attributes.department"),
        ("secret", "secret", 1, None),
    ],
)  # fmt: skip
def test_an_unknown_attribute_is_refused_with_its_position(
    expression: str, attribute: str, position: int, hint: str | None
) -> None:
    (problem,) = problems(Rule((ONE,), (), expression))
    assert isinstance(problem, UnknownAttribute)
    assert (problem.attribute, problem.position, problem.did_you_mean) == (attribute, position, hint)


def test_points_of_the_last_months_are_written_with_brackets() -> None:
    given = facts(points={"BONUS.lastMonths.12": Decimal(40)}, transaction__date=date(2026, 1, 1))
    assert met("points.BONUS.lastMonths[12] >= 40", given)
    assert met("points['BONUS'].lastMonths[12] in [40]", given)


def test_an_expression_of_points_must_be_a_number() -> None:
    (problem,) = problems(Rule((AssignPoints(expression="tier.code"),)))
    assert problem.path == ("promotions", "SPRING", "rules", "0", "actions", "0", "expression")
    assert problem.message == "The expression is wrong at position 1: expected a number, found a text."
