"""Actions: what a fired rule proposes, exactly; and the errors instead of a silent zero."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.promotions import (
    Action,
    AssignPoints,
    AssignVoucher,
    AttributeOperation,
    ChangeTier,
    Criterion,
    Operator,
    Rule,
    RunRule,
    TierDirection,
    UpdateAttribute,
)
from domain.rules import AttributeUpdate, Award, TierMove, VoucherAward
from tests.rules.samples import a_line, error_of, facts, points, proposed, refusal

SET, ADD, DIVIDE = AttributeOperation.SET, AttributeOperation.ADD, AttributeOperation.DIVIDE
DAIRY = Criterion("attributes.department", Operator.EQUALS, ("DAIRY",))
YEAR = ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.YEAR)


def test_a_constant_is_awarded_as_it_is_written() -> None:
    action = AssignPoints(point_type="BONUS", qualifying=True, constant=Decimal("12.50"), expiry=YEAR)
    assert proposed(action, facts()) == (Award("BONUS", True, Decimal("12.50"), None, YEAR),)  # noqa: FBT003


def test_points_may_start_some_days_after_the_transaction() -> None:
    action = AssignPoints(constant=Decimal(5), starts_after_days=20)
    assert proposed(action, facts(transaction__date=date(2028, 2, 10))) == (
        Award(None, False, Decimal(5), date(2028, 3, 1), None),  # noqa: FBT003
    )


def test_a_start_date_needs_a_transaction_date() -> None:
    action = AssignPoints(constant=Decimal(5), starts_after_days=20)
    assert error_of(action, facts(transaction__date=None)) == "transaction.date is empty"


@pytest.mark.parametrize(
    ("base", "factor", "expected"),
    [
        ("100", "1.5", "150.0"), ("0.01", "0.0001", "0.000001"), ("0", "3", "0"), ("13.4387", "1.5", "20.15805"),
        ("9999999999999999.9999", "9999999999.9999", "99999999999998999999000000.00000001"),
    ],
)  # fmt: skip
def test_an_attribute_times_a_factor_is_exact_and_not_rounded(base: str, factor: str, expected: str) -> None:
    action = AssignPoints(attribute="transaction.basePoints", factor=Decimal(factor))
    assert points(action, facts(transaction__basePoints=Decimal(base))) == Decimal(expected)


def test_the_sum_over_selected_lines_is_exact() -> None:
    basket = facts(
        a_line(amount="0.10", department="DAIRY"), a_line(amount="0.20", department="DAIRY"), a_line(amount="9")
    )
    assert points(AssignPoints(attribute="amount", lines=(DAIRY,), factor=Decimal(10)), basket) == 3
    assert points(AssignPoints(attribute="amount", lines=()), basket) == Decimal("9.3")
    assert points(AssignPoints(attribute="amount", lines=(DAIRY,)), facts()) == 0


@pytest.mark.parametrize(
    ("action", "changes", "message"),
    [
        (AssignPoints(attribute="transaction.amount"), {"transaction__amount": None},
         "transaction.amount is empty and cannot be multiplied by 1"),
        (AssignPoints(attribute="member.attributes.nights", factor=Decimal(500)), {},
         "member.attributes.nights is empty and cannot be multiplied by 500"),
        (AssignPoints(attribute="transaction.amount"), {"transaction__amount": Decimal(-5)},
         "the award would be -5 points; an award is never negative"),
        (AssignPoints(attribute="amount", lines=()), {"lines": [a_line(amount=None)]},
         "amount of a line item is empty and cannot be summed"),
        (AssignPoints(attribute="amount", lines=()), {"lines": [a_line(amount="-3")]},
         "the award would be -3 points; an award is never negative"),
        (AssignPoints(attribute="transaction.attributes.miles"), {"transaction__attributes": {"miles": "far"}},
         "transaction.attributes.miles is 'far'; expected a whole number"),
        (UpdateAttribute("member.attributes.nights", SET, other="transaction.quantity"), {"transaction__quantity": None},
         "transaction.quantity is empty"),
        (UpdateAttribute("member.attributes.nights", ADD, 1), {}, "member.attributes.nights is empty: ADD needs a number there"),
        (UpdateAttribute("member.attributes.nights", DIVIDE, other="transaction.quantity"),
         {"transaction__quantity": Decimal(0), "member__attributes": {"nights": 4}},
         "member.attributes.nights would be divided by zero"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_an_error_that_names_promotion_and_rule(
    action: Action, changes: dict[str, Any], message: str
) -> None:
    assert error_of(action, facts(**changes)) == message


def test_an_attribute_is_set_from_a_value_or_from_another_attribute() -> None:
    given = facts(member__attributes={"nights": 3})
    assert proposed(UpdateAttribute("member.attributes.segment", SET, "GOLDEN"), given) == (
        AttributeUpdate("member.attributes.segment", SET, "GOLDEN"),
    )
    assert proposed(UpdateAttribute("member.attributes.anniversary", SET, other="transaction.date"), given) == (
        AttributeUpdate("member.attributes.anniversary", SET, date(2026, 3, 14)),
    )
    assert proposed(UpdateAttribute("member.attributes.nights", ADD, other="transaction.quantity"), given) == (
        AttributeUpdate("member.attributes.nights", ADD, Decimal(2)),
    )


def test_a_counter_counts_from_zero() -> None:
    assert proposed(UpdateAttribute("counters.flights", ADD, "1"), facts()) == (
        AttributeUpdate("counters.flights", ADD, Decimal(1)),
    )


def test_a_counter_exists_once_a_promotion_updates_it() -> None:
    counting = Rule(
        (UpdateAttribute("counters.visits", ADD, 1),), (Criterion("counters.visits", Operator.LESS, ("3",)),)
    )
    assert refusal(counting, Rule((UpdateAttribute("counters.stays", ADD, "x"),))) == [
        (("promotions", "SPRING", "rules", "1", "actions", "0", "value"), "'x' is not a number."),
    ]


def test_vouchers_and_tiers_are_proposed_as_they_are_written() -> None:
    assert proposed(AssignVoucher("LOUNGE", 2), facts()) == (VoucherAward("LOUNGE", 2),)
    assert proposed(ChangeTier("STATUS", TierDirection.UP, "GOLD"), facts()) == (
        TierMove("STATUS", TierDirection.UP, "GOLD"),
    )


WRONG: list[tuple[Action, tuple[str, ...], str]] = [
    (AssignPoints(), (), "Points come from exactly one of constant, attribute, expression or table; given: none of them."),
    (AssignPoints(constant=Decimal(1), expression="1"), (),
     "Points come from exactly one of constant, attribute, expression or table; given: constant, expression."),
    (AssignPoints(constant=Decimal(0)), ("constant",), "0 points are not an award: give more than zero."),
    (AssignPoints(constant=Decimal(-1)), ("constant",), "-1 points are not an award: give more than zero."),
    (AssignPoints(constant=Decimal("NaN")), ("constant",), "NaN points are not an award: give more than zero."),
    (AssignPoints(attribute="transaction.amount", factor=Decimal(0)), ("factor",),
     "A factor of 0 gives no points: give more than zero."),
    (AssignPoints(attribute="transaction.amount", factor=Decimal("Infinity")), ("factor",),
     "A factor of Infinity gives no points: give more than zero."),
    (AssignPoints(attribute="transaction.amont"), ("attribute",),
     "There is no attribute 'transaction.amont'. Did you mean 'transaction.amount'?"),
    (AssignPoints(attribute="tier.code"), ("attribute",), "tier.code is TEXT; points are made from numbers."),
    (AssignPoints(attribute="product", lines=()), ("attribute",), "Product is TEXT and cannot be summed."),
    (AssignPoints(attribute="weight", lines=()), ("attribute",),
     "There is no attribute 'weight'. Did you mean 'attributes.weight'?"),
    (AssignPoints(constant=Decimal(1), lines=()), ("lines",),
     "`lines` selects the line items whose `attribute` is summed: name it."),
    (AssignPoints(attribute="amount", lines=(Criterion("weight", Operator.IS_EMPTY),)), ("lines", "0", "attribute"),
     "There is no attribute 'weight'. Did you mean 'attributes.weight'?"),
    (AssignPoints(constant=Decimal(1), point_type="GOLD"), ("pointType",), "There is no point type 'GOLD'; there are BASE, BONUS."),
    (AssignPoints(constant=Decimal(1), starts_after_days=-1), ("startsAfterDays",),
     "Points start 0 to 36500 days after the transaction."),
    (UpdateAttribute("transaction.amount", SET, 5), ("attribute",),
     "transaction.amount cannot be changed: only member attributes of the program and counters can."),
    (UpdateAttribute("member.name", SET, "Eve"), ("attribute",),
     "member.name cannot be changed: only member attributes of the program and counters can."),
    (UpdateAttribute("member.attributes.shoe", SET, 5), ("attribute",),
     "There is no attribute 'member.attributes.shoe'. Did you mean 'member.attributes.segment'?"),
    (UpdateAttribute("member.attributes.segment", ADD, 5), ("operation",), "member.attributes.segment is TEXT: only SET is possible."),
    (UpdateAttribute("member.attributes.nights", SET, "many"), ("value",), "'many' is not a number."),
    (UpdateAttribute("member.attributes.nights", DIVIDE, 0), ("value",), "Nothing can be divided by zero."),
    (UpdateAttribute("member.attributes.nights", SET), ("value",), "Give either a value or another attribute in `other`."),
    (UpdateAttribute("member.attributes.nights", SET, 1, "transaction.amount"), ("value",),
     "Give either a value or another attribute in `other`."),
    (UpdateAttribute("member.attributes.nights", SET, other="tier.code"), ("other",),
     "member.attributes.nights is NUMBER and tier.code is TEXT."),
    (AssignVoucher(""), ("voucherType",), "A voucher needs a type."),
    (AssignVoucher("LOUNGE", 0), ("quantity",), "1 to 1000 vouchers can be given at once."),
    (ChangeTier("", TierDirection.UP), ("tierClass",), "A change of tier needs a tier class."),
    (ChangeTier("STATUS", TierDirection.KEEP, "GOLD"), ("tier",), "KEEP keeps whatever tier the member has: name none."),
    (RunRule("perAmount", {}), ("kind",), "`perAmount` is a base rule of programs, not an action."),
    (RunRule("magic", {}, 2), ("kind",),
     "No rule kind 'magic' of version 2 is installed; there are: constant 1, perAmount 1, perDistance 1, perQuantity 1, ranges 1."),
]  # fmt: skip


@pytest.mark.parametrize(("action", "path", "message"), WRONG)
def test_an_action_that_can_never_work_is_refused_with_its_place(
    action: Action, path: tuple[str, ...], message: str
) -> None:
    assert refusal(Rule((action,))) == [(("promotions", "SPRING", "rules", "0", "actions", "0", *path), message)]
