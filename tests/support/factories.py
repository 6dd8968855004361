"""Small things for tests, made through the product's own services: `a_program(database)` and what belongs to it.

Every code is new: tests share one database and never see each other's rows by name.
"""

import secrets
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from domain.commands.partners import PartnerCreate, PartnerTermsSet
from domain.commands.people import PersonCreate
from domain.commands.products import ProductCreate, ProductPriceSet
from domain.commands.programs import PointTypeCreate, ProgramActivate, ProgramCreate
from domain.partners import Partner, PartnerTerms
from domain.people import ENGINE, Person, Principal, Role, Scope
from domain.programs import BaseRule, PointType, PriceKind, Product, Program
from domain.receipts import Receipt
from domain.services.partners import partner_create, partner_terms_set
from domain.services.people import person_create
from domain.services.point_types import point_type_create
from domain.services.products import product_create, product_price_set
from domain.services.programs import program_activate, program_create
from domain.store.database import Database

T = TypeVar("T")

PER_DOLLAR = BaseRule("perAmount", {"points": Decimal(1), "currency": "USD"})
"""One point per full dollar."""


def a_code(prefix: str = "X") -> str:
    """A code that nobody else has."""
    return f"{prefix}{secrets.token_hex(5).upper()}"


def result_of(receipt: Receipt[T]) -> T:
    """What a command that must have been carried out made."""
    assert receipt.errors == ()
    assert receipt.result is not None
    return receipt.result


async def a_draft(database: Database, actor: Principal = ENGINE, **values: Any) -> Program:
    """A program in DRAFT, in US dollars and UTC, where a dollar is worth a point, without point types."""
    given = {"code": a_code("P"), "time_zone": "UTC", "currency": "USD", "base_rules": (PER_DOLLAR,), **values}
    return result_of(
        await program_create(database, actor, ProgramCreate(**{"name": f"Program {given['code']}", **given}))
    )


async def a_program(database: Database, *, decimals: int = 0, **values: Any) -> Program:
    """An active program with the point type POINTS."""
    program = await a_draft(database, **values)
    await a_point_type(database, program, code="POINTS", decimals=decimals)
    return result_of(await program_activate(database, ENGINE, ProgramActivate(program.code)))


async def a_point_type(database: Database, program: Program, **values: Any) -> PointType:
    """Another kind of points."""
    given = {"code": a_code("T"), "name": "Points", **values}
    return result_of(await point_type_create(database, ENGINE, PointTypeCreate(program=program.code, **given)))


async def a_product(database: Database, program: Program, **values: Any) -> Product:
    """Something to buy or redeem for."""
    given = {"code": a_code("S"), "name": "Something", **values}
    return result_of(await product_create(database, ENGINE, ProductCreate(program=program.code, **given)))


async def a_price(database: Database, program: Program, product: Product, points: int | str, **values: Any) -> Product:
    """A price of a product, from 2020 on: what it earns, unless `kind` says that it costs."""
    given = {"kind": PriceKind.ACCRUAL, "starts_on": date(2020, 1, 1), **values}
    command = ProductPriceSet(program=program.code, product=product.code, points=Decimal(points), **given)
    return result_of(await product_price_set(database, ENGINE, command))


async def a_partner(database: Database, program: Program | None = None, **values: Any) -> Partner:
    """A partner; with terms, if a program is given."""
    code = a_code("H")
    partner = result_of(await partner_create(database, ENGINE, PartnerCreate(**{"code": code, "name": code, **values})))
    if program is not None:
        await terms(database, program, partner)
    return partner


async def terms(database: Database, program: Program, partner: Partner, **values: Any) -> PartnerTerms:
    """What a program and a partner agree."""
    command = PartnerTermsSet(program=program.code, partner=partner.code, **values)
    return result_of(await partner_terms_set(database, ENGINE, command))


async def a_person(database: Database, *roles: Role, actor: Principal = ENGINE, **values: Any) -> Person:
    """Somebody with these roles (an MSR, if none are given); `program`, `partner` and `manager` by code or subject."""
    subject = a_code("u")
    given = {"subject": subject, "name": subject, "roles": frozenset(roles or {Role.MSR}), **values}
    return result_of(await person_create(database, actor, PersonCreate(**given)))


def acting(person: Person) -> Principal:
    """The person as a request sees them."""
    return Principal(
        person.id, person.subject, person.roles, Scope(person.program_id, person.partner_id, person.member_id)
    )


def somebody(*roles: Role, program: Program | None = None, partner: Partner | None = None) -> Principal:
    """A principal without a row of its own."""
    scope = Scope(program.id if program else None, partner.id if partner else None)
    return Principal(None, "somebody", frozenset(roles), scope)
