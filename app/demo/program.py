"""The program of the demonstration, as data: what a grocer would give for these baskets.

A point per full dollar, and twelve promotions. Who has 1,500 of these points in a year is Gold. 500 points are a voucher over $5.
Points can be used for twelve months, to the end of the month.
"""

from datetime import date
from decimal import Decimal

from app.demo import promotions
from app.demo.source import TIME_ZONE
from domain.commands.people import PersonCreate
from domain.commands.products import ProductCreate, ProductPriceSet
from domain.commands.programs import PointTypeCreate, ProgramActivate, ProgramCreate, SettingsChange
from domain.commands.tiers import TierClassCreate, TierCreate, TierThreshold
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit, Snap
from domain.people import Role
from domain.programs import BaseRule, CalculationRule, PriceKind
from domain.tiers import TierModel

CODE = "GROCER"
SOURCE = "till"
FIRST_DAY, LAST_DAY = promotions.FIRST_DAY, date(2017, 12, 31)

PROGRAM = ProgramCreate(
    code=CODE,
    name="A grocer's club",
    time_zone=TIME_ZONE,
    currency="USD",
    settings=SettingsChange(
        expiry=ExpiryPolicy(ExpiryKind.PERIOD, length=12, unit=PeriodUnit.MONTH, snap=Snap.END_OF_MONTH),
        calculation_rule=CalculationRule.MAX_BY_PROMOTION,
        # The file of the whole year is imported before the year begins: only a demonstration can do that.
        max_days_ahead=366,
    ),
    base_rules=(BaseRule("perAmount", {"points": "1", "currency": "USD", "unit": "1", "counting": "FULL"}),),
    attributes=promotions.ATTRIBUTES,
)
POINTS = PointTypeCreate(program=CODE, code="POINTS", name="Points")
ACTIVATION = ProgramActivate(CODE)

TIERS = TierClassCreate(program=CODE, code="CLUB", name="Club", sequence=1, model=TierModel.FIXED_DATE)
GOLD_FROM = 1_500
BASIC = TierCreate(program=CODE, tier_class=TIERS.code, code="BASIC", name="Basic", sequence=1)
GOLD = TierCreate(
    program=CODE, tier_class=TIERS.code, code="GOLD", name="Gold", sequence=2,
    thresholds=(TierThreshold(at_least=Decimal(GOLD_FROM), point_type=POINTS.code),),
)  # fmt: skip

VOUCHER = ProductCreate(program=CODE, code="VOUCHER-5", name="A voucher over $5")
VOUCHER_POINTS = 500
VOUCHER_PRICE = ProductPriceSet(
    program=CODE, product=VOUCHER.code, kind=PriceKind.REDEMPTION, points=Decimal(VOUCHER_POINTS), starts_on=FIRST_DAY
)
CLERK = PersonCreate(subject=f"{CODE.lower()}.desk", name="The service desk", roles=frozenset({Role.MSR}))
