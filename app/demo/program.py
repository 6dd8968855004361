"""The program of the demonstration, as data: what a grocer would give for these baskets.

A point per full dollar; 25 more for a basket over $100; one more per dollar of fruit and vegetables. 500 points are a voucher over
$5. Points can be used for twelve months, to the end of the month.
"""

from datetime import date
from decimal import Decimal

from app.demo.source import TIME_ZONE
from domain.attributes import AttributeType
from domain.commands.people import PersonCreate
from domain.commands.products import ProductCreate, ProductPriceSet
from domain.commands.programs import PointTypeCreate, ProgramActivate, ProgramCreate, SettingsChange
from domain.commands.promotions import PromotionActivate, PromotionCreate
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit, Snap
from domain.people import Role
from domain.programs import BaseRule, CalculationRule, PriceKind
from domain.promotions import AssignPoints, Criterion, LineTest, Operator, Rule

CODE = "GROCER"
SOURCE = "till"
FIRST_DAY, LAST_DAY = date(2017, 1, 1), date(2017, 12, 31)

PROGRAM = ProgramCreate(
    code=CODE,
    name="A grocer's club",
    time_zone=TIME_ZONE,
    currency="USD",
    settings=SettingsChange(
        expiry=ExpiryPolicy(ExpiryKind.PERIOD, length=12, unit=PeriodUnit.MONTH, snap=Snap.END_OF_MONTH),
        calculation_rule=CalculationRule.ALL,
        # The file of the whole year is imported before the year begins: only a demonstration can do that.
        max_days_ahead=366,
    ),
    base_rules=(BaseRule("perAmount", {"points": "1", "currency": "USD", "unit": "1", "counting": "FULL"}),),
    attributes={
        "transaction.attributes.store": AttributeType.TEXT,
        "line.attributes.department": AttributeType.TEXT,
    },
)
POINTS = PointTypeCreate(program=CODE, code="POINTS", name="Points")
ACTIVATION = ProgramActivate(CODE)

_PRODUCE = Criterion("attributes.department", Operator.EQUALS, ("PRODUCE",))

PROMOTIONS = (
    PromotionCreate(
        program=CODE,
        code="BIG-BASKET",
        name="25 points for a basket over $100",
        starts_on=FIRST_DAY,
        rules=(
            Rule(
                actions=(AssignPoints(constant=Decimal(25)),),
                criteria=(Criterion("transaction.amount", Operator.GREATER, (Decimal(100),)),),
            ),
        ),
    ),
    PromotionCreate(
        program=CODE,
        code="FRESH-TWICE",
        name="Fruit and vegetables count twice",
        starts_on=FIRST_DAY,
        rules=(
            Rule(
                actions=(AssignPoints(attribute="amount", lines=(_PRODUCE,)),),
                criteria=(Criterion("attributes.department", Operator.EQUALS, ("PRODUCE",), lines=LineTest.ANY),),
            ),
        ),
    ),
)
ACTIVATIONS = tuple(PromotionActivate(program=CODE, promotion=each.code) for each in PROMOTIONS)

VOUCHER = ProductCreate(program=CODE, code="VOUCHER-5", name="A voucher over $5")
VOUCHER_POINTS = 500
VOUCHER_PRICE = ProductPriceSet(
    program=CODE, product=VOUCHER.code, kind=PriceKind.REDEMPTION, points=Decimal(VOUCHER_POINTS), starts_on=FIRST_DAY
)
CLERK = PersonCreate(subject=f"{CODE.lower()}.desk", name="The service desk", roles=frozenset({Role.MSR}))
