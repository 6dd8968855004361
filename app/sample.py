"""The sample program, as data: Citrus Club, the loyalty program of a grocer that also sells flights.

Everything is spoken in codes, as clients of the API speak; `app/seed.py` carries it out through the services.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.commands.members import MemberEnroll, MemberReference
from domain.commands.partners import PartnerCreate, PartnerTermsSet
from domain.commands.people import PersonCreate, PersonUpdate
from domain.commands.products import ProductCreate, ProductPriceSet
from domain.commands.programs import PointTypeCreate, ProgramActivate, ProgramCreate, SettingsChange
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit, Snap
from domain.members import Address, Identifier
from domain.people import Role
from domain.programs import BaseRule, PriceKind
from domain.transactions import Type

CODE = "CITRUS"
SINCE = date(2020, 1, 1)

PROGRAM = ProgramCreate(
    code=CODE,
    name="Citrus Club",
    time_zone="Europe/Berlin",
    currency="EUR",
    settings=SettingsChange(
        expiry=ExpiryPolicy(ExpiryKind.PERIOD, length=24, unit=PeriodUnit.MONTH, snap=Snap.END_OF_QUARTER),
    ),
    base_rules=(BaseRule("perAmount", {"points": "1", "currency": "EUR", "unit": "1", "counting": "FULL"}),),
)
POINTS = PointTypeCreate(program=CODE, code="POINTS", name="Points")
ACTIVATION = ProgramActivate(CODE)

PARTNER = PartnerCreate(code="SEAVIEW", name="Seaview Hotels")
TERMS = PartnerTermsSet(program=CODE, partner=PARTNER.code, report_within_days=180)


def _product(code: str, name: str) -> ProductCreate:
    return ProductCreate(program=CODE, code=code, name=name)


def _price(product: str, kind: PriceKind, points: int, partner: str | None = None) -> ProductPriceSet:
    return ProductPriceSet(
        program=CODE, product=product, kind=kind, points=Decimal(points), starts_on=SINCE, partner=partner
    )


PRODUCTS = (
    _product("BASKET", "Groceries"),
    _product("OLIVEOIL", "Olive oil, a liter"),
    _product("HAMPER", "A hamper of fruit"),
    _product("BER-LIS", "Flight from Berlin to Lisbon"),
    _product("NIGHT", "A night at the sea"),
)
PRICES = (
    _price("OLIVEOIL", PriceKind.REDEMPTION, 450),
    _price("HAMPER", PriceKind.REDEMPTION, 1_200),
    _price("BER-LIS", PriceKind.ACCRUAL, 800),
    _price("BER-LIS", PriceKind.REDEMPTION, 9_000),
    _price("NIGHT", PriceKind.ACCRUAL, 500, PARTNER.code),
    _price("NIGHT", PriceKind.REDEMPTION, 6_000, PARTNER.code),
)


def _person(subject: str, name: str, role: Role, **values: object) -> PersonCreate:
    return PersonCreate(subject=f"citrus.{subject}", name=name, roles=frozenset({role}), **values)  # type: ignore[arg-type]


STAFF = (
    # Before his director: the token of a MANAGER is that of the first, and what the desk submits is in this inbox.
    _person("manager", "Max Berger", Role.MANAGER, transaction_approval_limit=Decimal(5_000),
            loan_approval_limit=Decimal(2_000), tier_approver=True),
    _person("director", "Dora Lindt", Role.MANAGER, transaction_approval_limit=Decimal(1_000_000),
            loan_approval_limit=Decimal(1_000_000), tier_approver=True),
    _person("desk", "Selma Roth", Role.MSR, manager="citrus.manager", transaction_approval_limit=Decimal(200)),
    _person("administrator", "Ada Winter", Role.PROGRAM_ADMINISTRATOR),
    _person("partners", "Paul Stein", Role.PARTNER_MANAGER, manager="citrus.director"),
    _person("memberships", "Mia Kern", Role.PARTNER_PROGRAM_ADMINISTRATOR),
    _person("seaview.approver", "Vera Strand", Role.PARTNER_APPROVER, partner=PARTNER.code,
            transaction_approval_limit=Decimal(10_000)),
    _person("seaview.desk", "Ralf Meer", Role.PARTNER_REPRESENTATIVE, partner=PARTNER.code,
            manager="citrus.seaview.approver", email="ralf@seaview.example"),
)  # fmt: skip
REPORTS_TO = PersonUpdate(person="citrus.manager", expected_version=1, manager="citrus.director")
DESK = "citrus.desk"
"""Who recorded what the members did."""


def _member(number: str, name: str, city: str, born: date | None = None) -> MemberEnroll:
    return MemberEnroll(
        program=CODE,
        number=number,
        name=name,
        email=f"{name.partition(' ')[0].lower()}@example.com",
        birth_date=born,
        address=Address(city=city, country="DE"),
        identifiers=(Identifier("CARD", f"7000{number}"),),
    )


MEMBERS = (
    _member("1001", "Clara Sommer", "Berlin", date(1988, 6, 21)),
    _member("1002", "Jonas Vogel", "Hamburg", date(1975, 11, 3)),
    _member("1003", "Aylin Demir", "Köln", date(1992, 2, 29)),
    _member("1004", "Pedro Silva", "Leipzig"),
    _member("1005", "Greta Falk", "Dresden", date(1961, 9, 30)),
)
LOG_IN = _person("clara", "Clara Sommer", Role.MEMBER, program=CODE, member=MemberReference(number="1001"))
"""Made last: where she can log in, the sample is complete."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Something a member did, so many days ago."""

    member: str
    days_ago: int
    product: str
    amount: str | None = None
    type: Type = Type.ACCRUAL
    partner: str | None = None


VISITS = (
    Visit("1001", 700, "BASKET", "512.80"),
    Visit("1001", 40, "BASKET", "84.15"),
    Visit("1001", 12, "BER-LIS", "219.00"),
    Visit("1001", 5, "BASKET", "126.99"),
    Visit("1001", 1, "OLIVEOIL", type=Type.REDEMPTION),
    Visit("1002", 90, "NIGHT", "140.00", partner=PARTNER.code),
    Visit("1002", 30, "BASKET", "58.40"),
    Visit("1003", 21, "BASKET", "203.50"),
    Visit("1004", 8, "BER-LIS", "189.00"),
    Visit("1004", 3, "BASKET", "17.25"),
)
