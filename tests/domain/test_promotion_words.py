"""Rules of promotions in words."""

from decimal import Decimal

import pytest

from domain.promotion_words import action_words, rule_words
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

BAKERY = Criterion("attributes.department", Operator.EQUALS, ("BAKERY",))


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (AssignPoints(constant=Decimal(1)), "gives 1 point"),
        (AssignPoints(constant=Decimal("1000.50")), "gives 1,000.5 points"),
        (AssignPoints("MILES", constant=Decimal(1)), "gives 1 MILES"),
        (AssignPoints("MILES", qualifying=True, constant=Decimal(5)), "gives 5 qualifying MILES"),
        (AssignPoints(attribute="transaction.amount"), "gives points: transaction.amount"),
        (AssignPoints(attribute="transaction.amount", factor=Decimal("0.50")), "gives points: 0.5 times transaction.amount"),
        (AssignPoints(attribute="amount", lines=()), "gives points: the sum of amount over the lines"),
        (AssignPoints("MILES", attribute="amount", factor=Decimal(2), lines=(BAKERY,)),
         "gives MILES: 2 times the sum of amount over the lines where attributes.department is BAKERY"),
        (AssignPoints(expression="transaction.amount + 1"), "gives points: transaction.amount + 1"),
        (AssignPoints(table={}), "gives points by a table"),
        (AssignPoints(constant=Decimal(5), starts_after_days=1), "gives 5 points, to be used 1 day after the transaction"),
        (AssignPoints(constant=Decimal(5), starts_after_days=0), "gives 5 points"),
        (AssignPoints(), "gives points"),
        (UpdateAttribute("counters.n", AttributeOperation.SET, 0), "sets counters.n to 0"),
        (UpdateAttribute("counters.n", AttributeOperation.ADD, None, "transaction.quantity"), "adds transaction.quantity to counters.n"),
        (UpdateAttribute("counters.n", AttributeOperation.SUBTRACT, 2), "subtracts 2 from counters.n"),
        (UpdateAttribute("counters.n", AttributeOperation.MULTIPLY, Decimal("1.10")), "multiplies counters.n by 1.1"),
        (UpdateAttribute("counters.n", AttributeOperation.DIVIDE, 2), "divides counters.n by 2"),
        (AssignVoucher("CINEMA"), "gives 1 voucher CINEMA"),
        (AssignVoucher("CINEMA", 2), "gives 2 vouchers CINEMA"),
        (ChangeTier("STATUS", TierDirection.UP), "moves the member up in STATUS"),
        (ChangeTier("STATUS", TierDirection.DOWN, "BASIC"), "moves the member down in STATUS to BASIC"),
        (ChangeTier("STATUS", TierDirection.KEEP), "keeps the member where it is in STATUS"),
        (RunRule("greatCircle", {}, 2), "does what the rule kind greatCircle, version 2, says"),
    ],
)  # fmt: skip
def test_an_action_in_words(action: Action, words: str) -> None:
    assert action_words(action) == words


def test_a_rule_in_words() -> None:
    actions = (AssignPoints(constant=Decimal(25)), UpdateAttribute("counters.n", AttributeOperation.SET, 0))
    over = Criterion("transaction.amount", Operator.GREATER, (100,))

    assert rule_words(Rule(actions)) == "Gives 25 points, and sets counters.n to 0."
    assert rule_words(Rule(actions[:1], (over, BAKERY))) == (
        "Gives 25 points if transaction.amount is more than 100 and attributes.department is BAKERY."
    )
    assert rule_words(Rule(actions[:1], (over,), "tier.code == 'GOLD'")) == (
        "Gives 25 points if transaction.amount is more than 100 and tier.code == 'GOLD'."
    )
    assert rule_words(Rule((), expression="1 > 0")) == "Does nothing if 1 > 0."
