"""Cost shares of a joint promotion: who pays how many percent, always the whole, and only partners of the program."""

from decimal import Decimal

import pytest

from domain.commands.promotions import PromotionActivate, PromotionCreate
from domain.cost_shares import CostShare, ShareGiven
from domain.people import ENGINE, Role
from domain.services.promotions import promotion_activate, promotion_create
from domain.store import promotions as store
from domain.store.database import Database
from tests.support.factories import a_code, a_partner, a_program, result_of, somebody, terms
from tests.support.graphql import Client
from tests.support.promotions import a_draft_promotion, updated
from tests.support.refusals import places, problems_of

PERCENT = "joint { shares { host partner { code } percent } }"


def share(partner: str | None, percent: int | str) -> ShareGiven:
    return ShareGiven(partner, Decimal(percent))


async def test_shares_are_kept_with_every_version_and_replaced_as_a_whole(database: Database) -> None:
    program = await a_program(database)
    hotel, airline = await a_partner(database, program), await a_partner(database, program)
    given = (share(hotel.code, "33.3333"), share(None, "66.6667"))
    draft = await a_draft_promotion(database, program, shares=given)
    assert draft.shares == (CostShare(hotel.id, Decimal("33.3333")), CostShare(None, Decimal("66.6667")))
    assert (await updated(database, program, draft, name="Other")).shares == draft.shares
    changed = await updated(database, program, draft, expected_version=2, shares=(share(airline.code, 100),))
    assert changed.shares == (CostShare(airline.id, Decimal(100)),)
    async with database.read() as reader:
        assert await store.find(reader, ENGINE.scope, program.id, draft.code) == changed


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ([("A", 50), (None, 49)], [("SHARES_NOT_WHOLE", "input.shares")]),
        ([("A", 60), ("A", 40)], [("INVALID_INPUT", "input.shares.1.partner")]),
        ([(None, 100)], [("INVALID_INPUT", "input.shares")]),
        ([("A", 100), (None, 0)], [("INVALID_INPUT", "input.shares.1.percent")]),
        (
            [("A", "50.00001"), (None, "49.99999")],
            [("INVALID_INPUT", f"input.shares.{each}.percent") for each in (0, 1)],
        ),
        ([(f"A{each}", "4.5") for each in range(21)], [("TOO_MANY", "input.shares")]),
        ([("A B", 100)], [("INVALID_INPUT", "input.shares.0.partner")]),
        ([("NOBODY", 100)], [("NOT_FOUND", "input.shares.0.partner")]),
    ],
)
async def test_shares_that_cannot_be_right_are_refused(
    database: Database, given: list[tuple[str | None, int | str]], refused: list[tuple[str, str]]
) -> None:
    program = await a_program(database)
    hotel = await a_partner(database, program)
    shares = tuple(share(hotel.code if code == "A" else code, percent) for code, percent in given)
    command = PromotionCreate(
        program=program.code, code=a_code(), name="Joint", starts_on=program.created_at.date(), shares=shares
    )
    assert places(await problems_of(promotion_create(database, ENGINE, command))) == refused


async def test_only_a_partner_with_active_terms_pays_at_the_draft_and_at_the_activation(database: Database) -> None:
    program = await a_program(database)
    stranger = await a_partner(database, await a_program(database))
    command = PromotionCreate(
        program=program.code, code=a_code(), name="Joint", starts_on=program.created_at.date(),
        shares=(share(stranger.code, 100),),
    )  # fmt: skip
    assert places(await problems_of(promotion_create(database, ENGINE, command))) == [
        ("NO_TERMS", "input.shares.0.partner")
    ]
    agreed = await terms(database, program, stranger)
    draft = result_of(await promotion_create(database, ENGINE, command))
    await terms(database, program, stranger, active=False, expected_version=agreed.version)
    problems = await problems_of(
        promotion_activate(database, ENGINE, PromotionActivate(program=program.code, promotion=draft.code))
    )
    assert ("NO_TERMS", "input.promotion.shares.0.partner") in places(problems)


async def test_clients_give_shares_by_code_and_see_who_pays(database: Database) -> None:
    program = await a_program(database)
    hotel = await a_partner(database, program)
    client = Client(database, somebody(Role.PROGRAM_ADMINISTRATOR))
    made = await client.command(
        "promotionCreate", f"promotion {{ version {PERCENT} }}", program=program.code, code="JOINT", name="Joint",
        startsOn="2026-01-01", shares=[{"partner": hotel.code, "percent": "60"}, {"percent": 40}],
    )  # fmt: skip
    assert made["promotion"]["joint"]["shares"] == [
        {"host": False, "partner": {"code": hotel.code}, "percent": "60"},
        {"host": True, "partner": None, "percent": "40"},
    ]
    kept = await client.command(
        "promotionUpdate", f"promotion {{ {PERCENT} }}", program=program.code, promotion="JOINT", expectedVersion=1
    )
    assert kept["promotion"]["joint"]["shares"] == made["promotion"]["joint"]["shares"]
    none = await client.command(
        "promotionUpdate", f"promotion {{ {PERCENT} }}",
        program=program.code, promotion="JOINT", expectedVersion=2, shares=[],
    )  # fmt: skip
    assert none["promotion"]["joint"] is None
