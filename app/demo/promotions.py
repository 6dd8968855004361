"""The twelve promotions of the demonstration, as data: what a grocer would run on these baskets, departments, coupons and campaigns.

Three compete, and the best of them pays for a basket: FRESH-TWICE, MEAT-WEEKENDS and HOLIDAY. All others are paid beside it.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from domain.attributes import AttributeType
from domain.commands.promotions import PromotionCreate
from domain.promotions import (
    AppliesTo,
    AssignPoints,
    AttributeOperation,
    Criterion,
    Limits,
    LineTest,
    Operator,
    ProductScope,
    Rule,
    Step,
    Steps,
    UpdateAttribute,
)

FIRST_DAY = date(2017, 1, 1)
CAMPAIGN = 13
"""The campaign of late summer, which the grocer sent to a thousand households."""

ATTRIBUTES = {
    "transaction.attributes.store": AttributeType.TEXT,
    "transaction.attributes.month": AttributeType.TEXT,
    "line.attributes.department": AttributeType.TEXT,
    "line.attributes.brand": AttributeType.TEXT,
    "line.attributes.coupon": AttributeType.NUMBER,
    "member.attributes.shoppingMonth": AttributeType.TEXT,
    "counters.monthSpend": AttributeType.NUMBER,
}

_PRODUCE = Criterion("attributes.department", Operator.EQUALS, ("PRODUCE",))
_MEAT = Criterion("attributes.department", Operator.IN, ("MEAT", "MEAT-PCKGD", "SEAFOOD", "SEAFOOD-PCKGD"))
_OWN_BRAND = Criterion("attributes.brand", Operator.EQUALS, ("Private",))
_COUPON = Criterion("attributes.coupon", Operator.GREATER, (0,), lines=LineTest.ANY)
_SAME_MONTH = Criterion("member.attributes.shoppingMonth", Operator.EQUALS, other="transaction.attributes.month")
_VISITS, _AUTUMN, _SPEND = "counters.visits", "counters.autumn", "counters.monthSpend"


def _gives(points: int) -> AssignPoints:
    return AssignPoints(constant=Decimal(points))


def _of_base(factor: str) -> AssignPoints:
    return AssignPoints(attribute="transaction.basePoints", factor=Decimal(factor))


def _adds(counter: str, *, other: str | None = None) -> UpdateAttribute:
    return UpdateAttribute(counter, AttributeOperation.ADD, 1 if other is None else None, other)


def _sets(attribute: str, *, value: int | None = None, other: str | None = None) -> UpdateAttribute:
    return UpdateAttribute(attribute, AttributeOperation.SET, value, other)


_TENTH_VISIT = (
    Rule((_gives(50), _sets(_VISITS, value=0)), (Criterion(_VISITS, Operator.EQUALS, (9,)),)),
    Rule((_adds(_VISITS),)),
)
_MONTHLY = (
    Rule((_gives(100),), (_SAME_MONTH,), "counters.monthSpend + transaction.amount >= 300"),
    Rule((_gives(100),), (Criterion("transaction.amount", Operator.AT_LEAST, (300,)),)),
    Rule((_adds(_SPEND, other="transaction.amount"),), (_SAME_MONTH,), applies_to=AppliesTo.ATTRIBUTES),
    Rule(
        (
            _sets(_SPEND, other="transaction.amount"),
            _sets("member.attributes.shoppingMonth", other="transaction.attributes.month"),
        ),
        applies_to=AppliesTo.ATTRIBUTES,
    ),
)
_STEPS = tuple(Step(Decimal(count), Decimal(points)) for count, points in ((3, 100), (5, 250), (8, 500)))


def promotions(program: str, fuel: Sequence[str]) -> tuple[PromotionCreate, ...]:
    """All of them; `fuel` are the codes of the products that are none for the shelf."""

    def offer(code: str, name: str, *rules: Rule, **values: Any) -> PromotionCreate:
        given = {"starts_on": FIRST_DAY, "always_apply": True, **values}
        return PromotionCreate(program=program, code=code, name=name, rules=rules, **given)

    return (
        offer("WELCOME", "100 points with the first basket", Rule((_gives(100),)), limits=_ever(100)),
        offer(
            "BIG-BASKET", "25 points for a basket over $100",
            Rule((_gives(25),), (Criterion("transaction.amount", Operator.GREATER, (Decimal(100),)),)),
        ),
        offer("FRESH-TWICE", "Fruit and vegetables count twice", *_lines(_PRODUCE), always_apply=False),
        offer(
            "MEAT-WEEKENDS", "Meat and fish count twice on weekends of summer",
            *_lines(_MEAT, "dayOfWeek(transaction.date) >= 6"), always_apply=False,
            starts_on=date(2017, 5, 27), ends_on=date(2017, 9, 4),
        ),
        offer(
            "HOLIDAY", "A fifth more in December, but for fuel", Rule((_of_base("0.2"),)), always_apply=False,
            starts_on=date(2017, 12, 1), ends_on=date(2017, 12, 31), product_scope=ProductScope.EXCLUDED,
            products=tuple(fuel),
        ),
        offer(
            "COUPON", "10 points for using coupons, twice a week", Rule((_gives(10),), (_COUPON,)),
            limits=Limits(per_member_week=Decimal(20)),
        ),
        offer(
            "OWN-BRAND", "Our own brand counts twice, up to 30 a week", *_lines(_OWN_BRAND),
            limits=Limits(per_member_week=Decimal(30)),
        ),
        offer(
            "SUMMER-MAIL", "Half as much again for those who were written to", Rule((_of_base("0.5"),)),
            enrollment_required=True, starts_on=date(2017, 8, 8), ends_on=date(2017, 9, 24),
        ),
        offer(
            "MONTH-300", "100 points in a month with $300", *_MONTHLY, limits=Limits(per_member_month=Decimal(100))
        ),
        offer("TENTH-VISIT", "50 points with every tenth basket", *_TENTH_VISIT),
        offer(
            "OCTOBER", "3, 5 or 8 baskets over $30 in October",
            Rule((_adds(_AUTUMN),), (Criterion("transaction.amount", Operator.GREATER, (Decimal(30),)),)),
            starts_on=date(2017, 10, 1), ends_on=date(2017, 10, 31), steps=Steps(_AUTUMN, _STEPS),
        ),
        offer("GOLD", "A quarter more for Gold", Rule((_of_base("0.25"),)), tiers=("GOLD",)),
    )  # fmt: skip


def _ever(points: int) -> Limits:
    return Limits(per_member_ever=Decimal(points))


def _lines(which: Criterion, expression: str | None = None) -> tuple[Rule, ...]:
    """A point more per dollar of these lines, if there are any."""
    some = Criterion(which.attribute, which.operator, which.values, lines=LineTest.ANY)
    return (Rule((AssignPoints(attribute="amount", lines=(which,)),), (some,), expression),)
