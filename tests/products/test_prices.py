"""Prices of a product: spans of dates that never overlap for one kind and partner, whoever sets them at once."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.commands.products import ProductPriceRemove, ProductPriceSet
from domain.people import ENGINE, Role
from domain.problems import NotFound, Refused, TooMany
from domain.program_problems import PriceOverlaps
from domain.programs import PriceKind, Product, ProductPrice, Program
from domain.services import products as services
from domain.services.products import product_price_remove, product_price_set
from domain.store import products as store
from domain.store.database import Database
from tests.support.factories import a_draft, a_partner, a_point_type, a_price, a_product, a_program, result_of, somebody
from tests.support.refusals import places, problems_of

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
END_OF_JANUARY = date(2026, 1, 31)


async def something(database: Database) -> tuple[Program, Product]:
    program = await a_program(database)
    return program, await a_product(database, program)


async def prices_of(database: Database, product: Product, scope: object = ENGINE.scope) -> list[ProductPrice]:
    async with database.read() as reader:
        return (await store.load_prices(reader, scope, [product.id]))[0]  # type: ignore[arg-type]


def a_command(program: Program, product: Product, **values: object) -> ProductPriceSet:
    given = {"kind": PriceKind.ACCRUAL, "points": Decimal(5), "starts_on": JANUARY, **values}
    return ProductPriceSet(program=program.code, product=product.code, **given)  # type: ignore[arg-type]


async def test_a_price_is_in_the_default_point_type_for_everybody_and_has_no_end(database: Database) -> None:
    program, product = await something(database)

    after = result_of(await product_price_set(database, ENGINE, a_command(program, product, points=Decimal("2.50"))))

    (price,) = await prices_of(database, product)
    assert price == ProductPrice(
        price.id, product.id, None, PriceKind.ACCRUAL, price.point_type_id, Decimal("2.5"), JANUARY, None
    )
    assert after == replace(product, version=2)


async def test_a_price_may_name_its_point_type_partner_and_last_day(database: Database) -> None:
    program, product = await something(database)
    miles = await a_point_type(database, program, code="MILES")
    partner = await a_partner(database, program)
    command = a_command(
        program, product, kind=PriceKind.REDEMPTION, point_type="MILES", partner=partner.code, ends_on=END_OF_JANUARY
    )

    await product_price_set(database, ENGINE, command)

    (price,) = await prices_of(database, product)
    assert (price.kind, price.point_type_id, price.partner_id, price.ends_on) == (
        PriceKind.REDEMPTION, miles.id, partner.id, END_OF_JANUARY,
    )  # fmt: skip


async def test_prices_follow_each_other_from_day_to_day(database: Database) -> None:
    program, product = await something(database)
    await a_price(database, program, product, 5, starts_on=JANUARY, ends_on=END_OF_JANUARY)
    await a_price(database, program, product, 7, starts_on=FEBRUARY)
    await a_price(database, program, product, 1, starts_on=date(2025, 12, 31), ends_on=date(2025, 12, 31))

    assert [(price.starts_on, int(price.points)) for price in await prices_of(database, product)] == [
        (date(2025, 12, 31), 1), (JANUARY, 5), (FEBRUARY, 7),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (END_OF_JANUARY, None),
        (END_OF_JANUARY, MARCH),
        (date(2026, 1, 15), date(2026, 1, 16)),
        (date(2025, 12, 1), JANUARY),
        (date(2025, 12, 1), None),
    ],
)
async def test_two_prices_on_one_day_are_refused_and_name_the_one_that_is_there(
    database: Database, starts_on: date, ends_on: date | None
) -> None:
    program, product = await something(database)
    await a_price(database, program, product, 5, starts_on=JANUARY, ends_on=END_OF_JANUARY)

    problems = await problems_of(
        product_price_set(database, ENGINE, a_command(program, product, starts_on=starts_on, ends_on=ends_on))
    )

    assert problems == [PriceOverlaps(starts_on=JANUARY, ends_on=END_OF_JANUARY, path=("input", "startsOn"))]
    assert "from 2026-01-01 to 2026-01-31" in problems[0].message
    assert len(await prices_of(database, product)) == 1


async def test_the_message_about_an_open_price_says_that_it_has_no_end(database: Database) -> None:
    program, product = await something(database)
    await a_price(database, program, product, 5, starts_on=JANUARY)

    (problem,) = await problems_of(product_price_set(database, ENGINE, a_command(program, product, starts_on=FEBRUARY)))

    assert problem.message == (
        "There is a price from 2026-01-01 without an end: let that one end first, by setting it again with an "
        "earlier end, or choose dates outside of it."
    )


async def test_other_kinds_and_other_partners_have_prices_of_their_own(database: Database) -> None:
    program, product = await something(database)
    first, second = await a_partner(database, program), await a_partner(database, program)
    await a_price(database, program, product, 5, starts_on=JANUARY)
    await a_price(database, program, product, 6, starts_on=JANUARY, partner=first.code)
    await a_price(database, program, product, 7, starts_on=FEBRUARY, partner=second.code)
    await a_price(database, program, product, 900, starts_on=FEBRUARY, kind=PriceKind.REDEMPTION)

    assert [(price.kind, price.partner_id, int(price.points)) for price in await prices_of(database, product)] == [
        (PriceKind.ACCRUAL, None, 5),
        (PriceKind.ACCRUAL, first.id, 6),
        (PriceKind.ACCRUAL, second.id, 7),
        (PriceKind.REDEMPTION, None, 900),
    ]


async def test_a_price_set_again_from_the_same_day_is_replaced_so_that_the_next_can_follow(database: Database) -> None:
    program, product = await something(database)
    await a_price(database, program, product, 5, starts_on=JANUARY)

    await a_price(database, program, product, 6, starts_on=JANUARY, ends_on=END_OF_JANUARY)
    await a_price(database, program, product, 7, starts_on=FEBRUARY)

    assert [(int(price.points), price.ends_on) for price in await prices_of(database, product)] == [
        (6, END_OF_JANUARY), (7, None),
    ]  # fmt: skip


async def test_a_price_that_is_replaced_must_not_reach_into_the_next(database: Database) -> None:
    program, product = await something(database)
    await a_price(database, program, product, 5, starts_on=JANUARY, ends_on=END_OF_JANUARY)
    await a_price(database, program, product, 7, starts_on=FEBRUARY)

    problems = await problems_of(product_price_set(database, ENGINE, a_command(program, product)))

    assert problems == [PriceOverlaps(starts_on=FEBRUARY, ends_on=None, path=("input", "startsOn"))]


async def test_two_prices_set_at_once_cannot_overlap(database: Database) -> None:
    program, product = await something(database)
    commands = [a_command(program, product, starts_on=date(2026, 1, day)) for day in (1, 2, 3)]

    answers = await asyncio.gather(
        *(product_price_set(database, ENGINE, command) for command in commands), return_exceptions=True
    )

    assert [type(answer) for answer in answers].count(Refused) == 2
    assert len(await prices_of(database, product)) == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"points": Decimal(-1)}, ("INVALID_INPUT", "input.points")),
        ({"points": Decimal("0.00001")}, ("INVALID_INPUT", "input.points")),
        ({"points": Decimal(10**12)}, ("INVALID_INPUT", "input.points")),
        ({"ends_on": date(2025, 12, 31)}, ("INVALID_INPUT", "input.endsOn")),
        ({"point_type": "NONE"}, ("NOT_FOUND", "input.pointType")),
        ({"partner": "NONE"}, ("NOT_FOUND", "input.partner")),
        ({"product": "NONE"}, ("NOT_FOUND", "input.product")),
        ({"program": "NONE"}, ("NOT_FOUND", "input.program")),
    ],
)
async def test_a_wrong_price_is_refused_with_the_place(
    database: Database, values: dict[str, object], expected: tuple[str, str]
) -> None:
    program, product = await something(database)

    problems = await problems_of(
        product_price_set(database, ENGINE, replace(a_command(program, product), **values))  # type: ignore[arg-type]
    )

    assert places(problems) == [expected]
    assert await prices_of(database, product) == []


async def test_all_that_a_price_names_wrongly_is_said_at_once(database: Database) -> None:
    program, product = await something(database)
    command = a_command(program, product, points=Decimal(-1), partner="NONE", point_type="NONE")

    assert places(await problems_of(product_price_set(database, ENGINE, command))) == [
        ("INVALID_INPUT", "input.points"), ("NOT_FOUND", "input.partner"), ("NOT_FOUND", "input.pointType"),
    ]  # fmt: skip


async def test_a_program_without_point_types_has_no_prices(database: Database) -> None:
    program = await a_draft(database)
    product = await a_product(database, program)

    problems = await problems_of(product_price_set(database, ENGINE, a_command(program, product)))

    assert places(problems) == [("MISSING_INPUT", "input.pointType")]


async def test_a_product_has_a_bounded_number_of_prices(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_PRICES", 1)
    program, product = await something(database)
    await a_price(database, program, product, 5, starts_on=JANUARY, ends_on=END_OF_JANUARY)

    replaced = await a_price(database, program, product, 6, starts_on=JANUARY, ends_on=END_OF_JANUARY)
    problems = await problems_of(product_price_set(database, ENGINE, a_command(program, product, starts_on=MARCH)))

    assert replaced.version == 3
    assert problems == [TooMany(what="prices of this kind", limit=1, found=2, path=("input",))]


async def test_a_price_is_taken_away_by_its_first_day(database: Database) -> None:
    program, product = await something(database)
    partner = await a_partner(database, program)
    await a_price(database, program, product, 5, starts_on=JANUARY, ends_on=END_OF_JANUARY)
    await a_price(database, program, product, 6, starts_on=JANUARY, partner=partner.code)
    await a_price(database, program, product, 7, starts_on=FEBRUARY)
    command = ProductPriceRemove(program=program.code, product=product.code, kind=PriceKind.ACCRUAL, starts_on=JANUARY)

    await product_price_remove(database, ENGINE, command)
    again = await problems_of(product_price_remove(database, ENGINE, command))

    assert [price.points for price in await prices_of(database, product)] == [7, 6]
    assert again == [NotFound(what="price", key="2026-01-01", path=("input", "startsOn"))]
    await product_price_remove(database, ENGINE, replace(command, partner=partner.code))
    assert [price.points for price in await prices_of(database, product)] == [7]


async def test_a_partner_sees_prices_for_all_and_its_own_but_no_other_partners(database: Database) -> None:
    program, product = await something(database)
    first, second = await a_partner(database, program), await a_partner(database, program)
    await a_price(database, program, product, 5)
    await a_price(database, program, product, 6, partner=first.code)
    await a_price(database, program, product, 7, partner=second.code)

    own = await prices_of(database, product, somebody(Role.PARTNER_REPRESENTATIVE, partner=first).scope)
    stranger = await a_partner(database)

    assert [price.points for price in own] == [5, 6]
    assert await prices_of(database, product, somebody(Role.PARTNER_APPROVER, partner=stranger).scope) == []
