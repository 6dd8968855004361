"""Products: single codes, changes of the version that was read, and who sees them."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.commands.products import ProductCreate, ProductUpdate
from domain.people import ENGINE, Role
from domain.problems import AlreadyExists, NotFound, Refused, VersionConflict
from domain.programs import Product
from domain.services.products import product_create, product_update
from domain.store import products as store
from domain.store.database import Database
from tests.support.factories import a_code, a_draft, a_partner, a_product, result_of, somebody
from tests.support.refusals import places, problems_of


async def test_a_product_is_read_as_it_was_given(database: Database) -> None:
    program = await a_draft(database)
    attributes = {"department": "BAKERY", "weight": Decimal("0.75"), "shelf": 12, "organic": True}
    command = ProductCreate(program=program.code, code="4011/B 7", name="Banana", active=False, attributes=attributes)

    made = result_of(await product_create(database, ENGINE, command))

    assert made == Product(made.id, program.id, "4011/B 7", "Banana", active=False, attributes=attributes, version=1)
    async with database.read() as reader:
        assert await store.find(reader, ENGINE.scope, program.id, "4011/B 7") == made


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"code": ""}, "code"),
        ({"code": " SKU"}, "code"),
        ({"code": "S" * 65}, "code"),
        ({"code": "S\tKU"}, "code"),
        ({"name": ""}, "name"),
        ({"name": "N" * 201}, "name"),
        ({"attributes": {"shelf no": 1}}, "attributes.shelf no"),
        ({"attributes": {"shelf": [1]}}, "attributes.shelf"),
    ],
)
async def test_a_wrong_product_is_refused_with_the_place(
    database: Database, values: dict[str, Any], place: str
) -> None:
    program = await a_draft(database)
    given = {"program": program.code, "code": a_code("S"), "name": "Something", **values}

    problems = await problems_of(product_create(database, ENGINE, ProductCreate(**given)))

    assert places(problems) == [("INVALID_INPUT", f"input.{place}")]
    async with database.read() as reader:
        assert await store.find(reader, ENGINE.scope, program.id, given["code"]) is None


async def test_the_same_code_is_given_once_per_program_also_at_the_same_time(database: Database) -> None:
    program, other = await a_draft(database), await a_draft(database)
    command = ProductCreate(program=program.code, code="SKU1", name="Something")

    answers = await asyncio.gather(
        *(product_create(database, ENGINE, command) for _ in range(3)), return_exceptions=True
    )

    taken = AlreadyExists(what="product", key="SKU1", path=("input", "code"))
    assert [answer.problems for answer in answers if isinstance(answer, Refused)] == [(taken,)] * 2
    assert (await a_product(database, other, code="SKU1")).program_id == other.id


async def test_an_update_changes_what_it_names_and_adds_or_removes_attributes(database: Database) -> None:
    program = await a_draft(database)
    before = await a_product(database, program, attributes={"department": "BAKERY", "shelf": 12})
    command = ProductUpdate(
        program=program.code,
        product=before.code,
        expected_version=1,
        active=False,
        attributes={"shelf": None, "weight": Decimal("1.5")},
    )

    after = result_of(await product_update(database, ENGINE, command))

    attributes = {"department": "BAKERY", "weight": Decimal("1.5")}
    assert after == replace(before, active=False, attributes=attributes, version=2)
    renamed = result_of(
        await product_update(
            database, ENGINE, ProductUpdate(program=program.code, product=before.code, expected_version=2, name="Bread")
        )
    )
    assert renamed == replace(after, name="Bread", version=3)


async def test_an_update_of_an_old_version_or_of_nothing_is_refused(database: Database) -> None:
    program = await a_draft(database)
    product = await a_product(database, program)
    command = ProductUpdate(program=program.code, product=product.code, expected_version=1, name="A")
    await product_update(database, ENGINE, command)

    old = await problems_of(product_update(database, ENGINE, command))
    unknown = await problems_of(product_update(database, ENGINE, replace(command, product="NONE")))
    nowhere = await problems_of(product_update(database, ENGINE, replace(command, program="NONE")))

    assert old == [VersionConflict(expected=1, current=2, path=("input", "expectedVersion"))]
    assert unknown == [NotFound(what="product", key="NONE", path=("input", "product"))]
    assert nowhere == [NotFound(what="program", key="NONE", path=("input", "program"))]


async def test_a_program_of_somebody_else_does_not_exist(database: Database) -> None:
    own, other = await a_draft(database), await a_draft(database)
    product = await a_product(database, other)
    administrator = somebody(Role.PROGRAM_ADMINISTRATOR, program=own)
    unknown = [NotFound(what="program", key=other.code, path=("input", "program"))]

    create = ProductCreate(program=other.code, code="MINE", name="Mine")
    update = ProductUpdate(program=other.code, product=product.code, expected_version=1, name="Mine")
    assert await problems_of(product_create(database, administrator, create)) == unknown
    assert await problems_of(product_update(database, administrator, update)) == unknown


async def test_products_are_loaded_within_the_scope_and_in_the_order_asked(database: Database) -> None:
    own, other = await a_draft(database), await a_draft(database)
    mine, foreign = await a_product(database, own), await a_product(database, other)
    partner = await a_partner(database, own)

    async with database.read() as reader:
        for scope in (somebody(Role.MSR, program=own).scope, somebody(Role.MSR, partner=partner).scope):
            assert await store.load_many(reader, scope, [foreign.id, mine.id]) == [None, mine]
            assert await store.find(reader, scope, other.id, foreign.code) is None
