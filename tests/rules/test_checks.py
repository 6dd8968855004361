"""What is asked before a promotion is activated: everything wrong with it, each thing with its place."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.programs import BaseRule
from domain.promotions import (
    AppliesToTransaction,
    AttributeOperation,
    Criterion,
    Limits,
    LineTest,
    Operator,
    ProductScope,
    Rule,
    UpdateAttribute,
)
from domain.transactions import SubType, Type
from rules import Definition, check_base_rules, check_promotion
from tests.rules.samples import ATTRIBUTES, ONE, POINT_TYPES, a_promotion, refusal

DEFINITION = Definition(point_types=POINT_TYPES, attributes=ATTRIBUTES)
O = Operator  # noqa: E741


def test_a_sound_promotion_has_no_problems() -> None:
    spring = a_promotion(
        ends_on=date(2026, 1, 1), product_scope=ProductScope.INCLUDED, products=("SKU1",), limits=Limits(total=Decimal(1)),
        applies_to=(AppliesToTransaction(Type.ACCRUAL, None), AppliesToTransaction(Type.REDEMPTION, SubType.PRODUCT)),
    )  # fmt: skip
    assert check_promotion(spring, DEFINITION) == ()


WRONG: list[tuple[dict[str, Any], tuple[str, ...], str]] = [
    ({"ends_on": date(2025, 12, 31)}, ("endsOn",), "It ends on 2025-12-31, before it starts on 2026-01-01."),
    ({"products": ("SKU1",)}, ("products",), "A promotion for ALL products names none: include or exclude them."),
    ({"product_scope": ProductScope.EXCLUDED}, ("products",), "Products that are EXCLUDED must be named."),
    ({"limits": Limits(total=Decimal(0))}, ("limits", "total"), "A limit of 0 points lets nothing through: give more, or no limit."),
    ({"limits": Limits(per_member_week=Decimal(-5))}, ("limits", "perMemberWeek"),
     "A limit of -5 points lets nothing through: give more, or no limit."),
    ({"applies_to": (AppliesToTransaction(Type.ACCRUAL, SubType.TRANSFER_IN),)}, ("appliesTo", "0", "subType"),
     "No promotion applies to ACCRUAL / TRANSFER_IN, which nobody records."),
    ({"applies_to": (AppliesToTransaction(Type.ACCRUAL, SubType.MANUAL_DEBIT),)}, ("appliesTo", "0", "subType"),
     "No promotion applies to ACCRUAL / MANUAL_DEBIT, which nobody records."),
    ({"rules": ()}, ("rules",), "A promotion needs 1 to 100 rules, not 0."),
    ({"rules": (Rule(()),)}, ("rules", "0", "actions"), "A rule without an action does nothing: give it one."),
    ({"rules": (Rule((ONE,)),) * 101}, ("rules",), "A promotion needs 1 to 100 rules, not 101."),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "path", "message"), WRONG)
def test_a_promotion_that_cannot_be_meant_is_refused(
    changes: dict[str, Any], path: tuple[str, ...], message: str
) -> None:
    found = check_promotion(replace(a_promotion(), **changes), DEFINITION)
    assert [(problem.path, problem.message) for problem in found] == [(path, message)]


CRITERIA: list[tuple[Criterion, tuple[str, ...], str]] = [
    (Criterion("transaction.amont", O.EQUALS, ("5",)), ("attribute",),
     "There is no attribute 'transaction.amont'. Did you mean 'transaction.amount'?"),
    (Criterion("transaction.amount", O.EQUALS, ("much",)), ("values", "0"), "'much' is not a number."),
    (Criterion("transaction.amount", O.EQUALS, (None,)), ("values", "0"), "None is not a number."),
    (Criterion("transaction.amount", O.EQUALS, (True,)), ("values", "0"), "True is not a number."),
    (Criterion("transaction.amount", O.EQUALS, ("NaN",)), ("values", "0"), "'NaN' is not a number."),
    (Criterion("transaction.attributes.miles", O.EQUALS, ("1.5",)), ("values", "0"), "'1.5' is not a whole number."),
    (Criterion("transaction.date", O.EQUALS, ("2026-02-30",)), ("values", "0"), "'2026-02-30' is not a date such as 2026-01-31."),
    (Criterion("tier.code", O.EQUALS, (5,)), ("values", "0"), "5 is not text."),
    (Criterion("tier.code", O.EQUALS, ("",)), ("values", "0"), "'' is not text."),
    (Criterion("transaction.attributes.online", O.EQUALS, ("yes",)), ("values", "0"), "'yes' is not true or false."),
    (Criterion("transaction.attributes.online", O.LESS, (True,)), ("operator",),
     "transaction.attributes.online is true or false and has no order: use EQUALS."),
    (Criterion("transaction.amount", O.CONTAINS, ("5",)), ("operator",),
     "transaction.amount is no text, only a text CONTAINS something."),
    (Criterion("transaction.amount", O.EQUALS, ()), ("values",),
     "EQUALS takes one value, or another attribute in `other`, not 0 values."),
    (Criterion("transaction.amount", O.LESS, ("1", "2")), ("values",),
     "LESS takes one value, or another attribute in `other`, not 2 values."),
    (Criterion("transaction.amount", O.BETWEEN, ("1",)), ("values",), "BETWEEN takes two values, the lower first, not 1 values."),
    (Criterion("transaction.amount", O.BETWEEN, ("2", "1")), ("values",), "Nothing is between 2 and 1."),
    (Criterion("transaction.amount", O.IN, ()), ("values",), "IN takes at least one value, not 0 values."),
    (Criterion("transaction.amount", O.IS_EMPTY, ("1",)), ("values",), "IS_EMPTY takes no value, not 1 values."),
    (Criterion("transaction.amount", O.EQUALS, ("1",), other="transaction.quantity"), ("values",),
     "Give values or another attribute in `other`, not both."),
    (Criterion("transaction.amount", O.IN, other="transaction.quantity"), ("other",), "IN takes values, not another attribute."),
    (Criterion("transaction.amount", O.LESS, other="tier.code"), ("other",),
     "transaction.amount is NUMBER and tier.code is TEXT: they cannot be compared."),
    (Criterion("transaction.amount", O.LESS, other="tier.kode"), ("other",),
     "There is no attribute 'tier.kode'. Did you mean 'tier.code'?"),
    (Criterion("tier.code", O.EQUALS, other="tier.class", factor=Decimal(2)), ("factor",), "tier.class is TEXT and cannot be scaled."),
    (Criterion("transaction.amount", O.LESS, ("5",), factor=Decimal(2)), ("factor",),
     "`factor` scales another attribute: name it in `other`."),
    (Criterion("points.GOLD.lastMonths.3", O.LESS, ("5",)), ("attribute",),
     "There is no attribute 'points.GOLD.lastMonths.3'. Define it first, or use a known one."),
    (Criterion("points.BASE.lastMonths.121", O.LESS, ("5",)), ("attribute",),
     "There is no attribute 'points.BASE.lastMonths.121'. Define it first, or use a known one."),
    (Criterion("counters.flihgts", O.LESS, ("5",)), ("attribute",),
     "There is no attribute 'counters.flihgts'. Did you mean 'counters.flights'?"),
    (Criterion("amount", O.LESS, ("5",)), ("attribute",), "There is no attribute 'amount'. Did you mean 'transaction.amount'?"),
    (Criterion("transaction.amount", O.LESS, ("5",), lines=LineTest.ANY), ("attribute",),
     "There is no attribute 'transaction.amount'. Did you mean 'amount'?"),
    (Criterion("product", O.LESS, ("5",), lines=LineTest.SUM), ("attribute",), "Product is TEXT and cannot be summed."),
    (Criterion("amount", O.IS_EMPTY, lines=LineTest.SUM), ("operator",),
     "A SUM of line items is never empty: compare it with a number."),
    (Criterion("lines", O.EQUALS, ("1.5",), lines=LineTest.COUNT), ("values", "0"), "'1.5' is not a whole number."),
    (Criterion("transaction.amount", O.LESS, ("5",), where=(Criterion("amount", O.IS_EMPTY),)), ("where",),
     "`where` selects line items: say in `lines` how to look at them."),
    (Criterion("amount", O.LESS, ("5",), lines=LineTest.ANY, where=(Criterion("weight", O.IS_EMPTY),)), ("where", "0", "attribute"),
     "There is no attribute 'weight'. Did you mean 'attributes.weight'?"),
    (Criterion("amount", O.LESS, ("5",), lines=LineTest.ANY, where=(Criterion("amount", O.IS_EMPTY, lines=LineTest.ALL),)),
     ("where", "0", "lines"), "A line item has no line items of its own."),
]  # fmt: skip


@pytest.mark.parametrize(("criterion", "path", "message"), CRITERIA)
def test_a_criterion_that_can_never_work_is_refused_with_its_place(
    criterion: Criterion, path: tuple[str, ...], message: str
) -> None:
    assert refusal(Rule((ONE,), (criterion,))) == [
        (("promotions", "SPRING", "rules", "0", "criteria", "0", *path), message)
    ]


def test_base_rules_are_checked_alone() -> None:
    rules = (BaseRule("constant", {"points": "1"}), BaseRule("constant", {}))
    (problem,) = check_base_rules(rules, DEFINITION)
    assert (problem.path, problem.code) == (("baseRules", "1", "parameters", "points"), "MISSING_INPUT")
    assert check_base_rules(rules[:1], DEFINITION) == ()


def test_a_counter_of_another_promotion_may_be_read() -> None:
    counting = a_promotion(Rule((UpdateAttribute("counters.visits", AttributeOperation.ADD, 1),)), code="COUNTS")
    reading = a_promotion(Rule((ONE,), (Criterion("counters.visits", O.AT_LEAST, ("3",)),)))
    assert [problem.path for problem in check_promotion(reading, DEFINITION)] == [
        ("rules", "0", "criteria", "0", "attribute")
    ]
    assert check_promotion(reading, replace(DEFINITION, promotions=(counting,))) == ()
