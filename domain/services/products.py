"""Products of a program: adding and changing them, and giving them prices that never overlap.

A product is locked with its prices, so two prices set at once cannot overlap either.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from domain.codes import foreign_code_problems, name_problems
from domain.commands.products import ProductCreate, ProductPriceRemove, ProductPriceSet, ProductUpdate
from domain.expiry import ExpiryKind, policy_problems
from domain.people import Principal
from domain.points import MAX_DECIMALS
from domain.problems import AlreadyExists, Invalid, Missing, NotFound, Problem, Refused, TooMany
from domain.program_problems import PriceOverlaps
from domain.programs import PointType, Product, ProductPrice, Program
from domain.receipts import Receipt
from domain.services.checks import INPUT, Findings, check_version, found, refuse
from domain.store import partners, point_types, programs, references
from domain.store import products as store
from domain.store.database import Database, Reader, Writer
from domain.store.documents import to_document
from domain.values import attribute_problems, number_problems, shown
from domain.vouchers import VoucherTerms

MAX_PRICES = 1_000
MAX_VOUCHER_PRODUCTS = 1_000
MAX_PRICE = Decimal(10**12)
PRICE_DECIMALS = MAX_DECIMALS


async def product_create(database: Database, actor: Principal, command: ProductCreate) -> Receipt[Product]:
    """Add a product to a program."""
    async with database.write() as writer:
        program = await _program(writer, actor, command.program)
        refuse([
            *foreign_code_problems(command.code, INPUT, "code"),
            *name_problems(command.name, INPUT, "name"),
            *attribute_problems(command.attributes, INPUT, "attributes"),
            *await _voucher_problems(writer, program, command.voucher),
        ])  # fmt: skip
        product = await store.add(
            writer,
            voucher=None if command.voucher is None else to_document(command.voucher),
            program_id=program.id,
            code=command.code,
            name=command.name,
            active=command.active,
            attributes=_without_empty(command.attributes),
        )
        if product is None:
            raise Refused(AlreadyExists(what="product", key=command.code, path=(INPUT, "code")))
        if product.voucher is not None:
            await programs.publish(writer, program.id, actor)
        return Receipt(product)


async def product_update(database: Database, actor: Principal, command: ProductUpdate) -> Receipt[Product]:
    """Change a product."""
    async with database.write() as writer:
        program = await _program(writer, actor, command.program)
        product = await _locked(writer, actor, program, command.product)
        check_version(command.expected_version, product.version)
        attributes = {**product.attributes, **command.attributes}
        refuse([
            *name_problems(command.name, INPUT, "name"),
            *attribute_problems(attributes, INPUT, "attributes"),
            *await _voucher_problems(writer, program, command.voucher),
        ])  # fmt: skip
        terms = command.voucher or product.voucher
        values: dict[str, Any] = {"name": command.name or product.name, "attributes": _without_empty(attributes)}
        values["active"] = product.active if command.active is None else command.active
        changed = await store.change(writer, product.id, voucher=terms and to_document(terms), **values)
        if terms is not None and (changed.voucher, changed.active) != (product.voucher, product.active):
            await programs.publish(writer, program.id, actor)
        return Receipt(changed)


async def product_price_set(database: Database, actor: Principal, command: ProductPriceSet) -> Receipt[Product]:
    """Set a price; one that starts on the same date for the same kind and partner is replaced."""
    async with database.write() as writer:
        program = await _program(writer, actor, command.program)
        product = await _locked(writer, actor, program, command.product)
        findings = Findings(_price_problems(command))
        partner_id = await _partner_id(writer, actor, command.partner, findings)
        point_type = await _point_type(writer, program, command.point_type, findings)
        prices = await store.prices_of(writer, product.id, command.kind, partner_id)
        findings.add(_overlap_problems(prices, command.starts_on, command.ends_on))
        findings.refuse()
        assert point_type is not None
        values = {"point_type_id": point_type.id, "points": command.points, "ends_on": command.ends_on}
        before = _starting_on(prices, command.starts_on)
        if before is None:
            key = {"product_id": product.id, "partner_id": partner_id, "kind": command.kind}
            await store.add_price(writer, starts_on=command.starts_on, **key, **values)
        else:
            await store.change_price(writer, before, **values)
        return Receipt(await store.change(writer, product.id))


async def product_price_remove(database: Database, actor: Principal, command: ProductPriceRemove) -> Receipt[Product]:
    """Take away the price that starts on a date."""
    async with database.write() as writer:
        product = await _locked(writer, actor, await _program(writer, actor, command.program), command.product)
        findings = Findings()
        partner_id = await _partner_id(writer, actor, command.partner, findings)
        findings.refuse()
        prices = await store.prices_of(writer, product.id, command.kind, partner_id)
        price = _starting_on(prices, command.starts_on)
        await store.remove_price(writer, found(price, "price", command.starts_on.isoformat(), "startsOn"))
        return Receipt(await store.change(writer, product.id))


async def _voucher_problems(reader: Reader, program: Program, terms: VoucherTerms | None) -> list[Problem]:
    if terms is None:
        return []
    path = (INPUT, "voucher")
    problems = [*policy_problems(terms.expiry, *path, "expiry")]
    if terms.expiry.kind is ExpiryKind.INACTIVITY:
        expected = "NEVER, PERIOD or FIXED_DAY: no activity keeps a voucher alive"
        problems.append(Invalid(value=terms.expiry.kind.value, expected=expected, path=(*path, "expiry", "kind")))
    if terms.worth is not None:
        problems.extend(number_problems(terms.worth, MAX_PRICE, PRICE_DECIMALS, *path, "worth"))
        if terms.worth == 0:
            problems.append(Invalid(value="0", expected="more than 0 points", path=(*path, "worth")))
    if len(terms.products) > MAX_VOUCHER_PRODUCTS:
        many = TooMany(what="products", limit=MAX_VOUCHER_PRODUCTS, found=len(terms.products))
        return [*problems, many.at(*path, "products")]
    known = await references.products(reader, program.id, terms.products)
    for index, code in enumerate(terms.products):
        if code not in known:
            problems.append(NotFound(what="product", key=shown(code), path=(*path, "products", str(index))))
    return problems


async def _program(reader: Reader, actor: Principal, code: str) -> Program:
    return found(await programs.find(reader, actor.scope, code), "program", code, "program")


async def _locked(writer: Writer, actor: Principal, program: Program, code: str) -> Product:
    return found(await store.lock(writer, actor.scope, program.id, code), "product", code, "product")


async def _partner_id(reader: Reader, actor: Principal, code: str | None, findings: Findings) -> int | None:
    if code is None:
        return None
    partner = findings.named(await partners.find(reader, actor.scope, code), "partner", code, "partner")
    return partner.id if partner else None


async def _point_type(reader: Reader, program: Program, code: str | None, findings: Findings) -> PointType | None:
    """The one named, else the program's default."""
    known = await point_types.of_program(reader, program.id)
    if code is not None:
        return findings.named(known.get(code), "point type", code, "pointType")
    default = next((each for each in known.values() if each.is_default), None)
    if default is None:
        findings.add([Missing(why="this program has no point type yet", path=(INPUT, "pointType"))])
    return default


def _starting_on(prices: Sequence[ProductPrice], day: date) -> ProductPrice | None:
    return next((price for price in prices if price.starts_on == day), None)


def _price_problems(command: ProductPriceSet) -> Iterator[Problem]:
    yield from number_problems(command.points, MAX_PRICE, PRICE_DECIMALS, INPUT, "points")
    if command.ends_on is not None and command.ends_on < command.starts_on:
        expected = f"{command.starts_on} (the start) or later"
        yield Invalid(value=command.ends_on.isoformat(), expected=expected, path=(INPUT, "endsOn"))


def _overlap_problems(prices: Sequence[ProductPrice], starts_on: date, ends_on: date | None) -> Iterator[Problem]:
    """What stands against a price in this span; the one that starts on the same day gives way."""
    others = [price for price in prices if price.starts_on != starts_on]
    for price in others:
        before = price.ends_on is not None and price.ends_on < starts_on
        after = ends_on is not None and price.starts_on > ends_on
        if not before and not after:
            yield PriceOverlaps(starts_on=price.starts_on, ends_on=price.ends_on, path=(INPUT, "startsOn"))
            return
    if len(others) >= MAX_PRICES:
        yield TooMany(what="prices of this kind", limit=MAX_PRICES, found=len(others) + 1, path=(INPUT,))


def _without_empty(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}
