"""Previews: the same payload as the real thing, and nothing left behind."""

import pytest
from sqlalchemy import func, select

from domain.store import tables as t
from domain.store.database import Database
from tests.graphql.shop import Shop

EVERYTHING = """transaction {
    status subStatus basePoints totals { pointType points } attempts
    lots { points remaining origin transaction { status } }
    lotUses { position points lot { points remaining } }
    decision { attempt programVersion text base { source rule points } balances { before after } refusal { code } }
    approvals { move fromStatus toStatus person { subject } }
    availableMoves
    member { balances { available } }
} replayed preview"""


async def rows(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    async with database.read() as reader:
        return {
            table.name: (await reader.execute(select(func.count()).select_from(table))).scalar_one()
            for table in t.metadata.sorted_tables
        }


@pytest.mark.parametrize(
    ("mutation", "given"),
    [
        ("pointsEarn", {"amount": "25.50"}),
        ("pointsRedeem", {"points": "30"}),
        ("pointsRedeem", {"points": "5000"}),
        ("pointsGift", {"points": "7"}),
    ],
)
async def test_a_preview_shows_what_the_real_thing_then_does(shop: Shop, mutation: str, given: dict[str, str]) -> None:
    member = await shop.enroll()
    await shop.earn(member, "40")
    said = shop.of(member, **given)
    before = await rows(shop.web.database)

    seen = await shop.msr.command(mutation, EVERYTHING, **said, preview=True)
    again = await shop.msr.command(mutation, EVERYTHING, **said, preview=True)

    assert await rows(shop.web.database) == before
    real = await shop.msr.command(mutation, EVERYTHING, **said)
    assert seen == again == {**real, "preview": True}
    assert (real["replayed"], real["preview"]) == (False, False)


async def test_a_preview_that_is_refused_is_one_too(shop: Shop) -> None:
    given = shop.of("nobody", amount="1", preview=True)
    seen = await shop.msr.command("pointsEarn", "transaction { id } preview", **given)
    assert (seen["transaction"], seen["preview"]) == (None, True)
    assert [(error["code"], error["message"]) for error in seen["errors"]] == [
        ("NOT_FOUND", "There is no member 'nobody'.")
    ]


async def test_a_preview_of_a_stored_transaction_leaves_it_as_it_is(shop: Shop) -> None:
    member = await shop.enroll()
    recorded = await shop.record(member, subType="GIFT", points="7")
    await shop.msr.done("transactionAccept", "transaction { status }", id=recorded["id"])
    seen = await shop.msr.done("transactionProcess", EVERYTHING, id=recorded["id"], idempotencyKey="once", preview=True)
    assert (seen["transaction"]["status"], seen["transaction"]["totals"]) == (
        "PROCESSED",
        [{"pointType": "POINTS", "points": "7"}],
    )
    query = "query($id: ID!) { transaction(id: $id) { status lots { points } decision { text } } }"
    stored = (await shop.msr.ask(query, id=recorded["id"]))["transaction"]
    assert stored == {"status": "ACCEPTABLE", "lots": [], "decision": None}
    real = await shop.msr.done("transactionProcess", EVERYTHING, id=recorded["id"], idempotencyKey="once")
    assert {**real, "preview": True} == seen


async def test_a_previewed_transaction_cannot_be_found(shop: Shop) -> None:
    member = await shop.enroll()
    seen = await shop.msr.done("pointsEarn", "transaction { id }", **shop.of(member, amount="1"), preview=True)
    query = "query($id: ID!) { transaction(id: $id) { id } node(id: $id) { id } }"
    assert await shop.msr.ask(query, id=seen["transaction"]["id"]) == {"transaction": None, "node": None}


async def test_bad_input_is_refused_in_a_preview_too(shop: Shop) -> None:
    member = await shop.enroll()
    assert await shop.msr.refused("pointsEarn", **shop.of(member, amount="-1"), preview=True) == [
        ("AMOUNT_OUT_OF_RANGE", "amount")
    ]


async def test_after_a_preview_the_same_document_sees_what_is_stored(shop: Shop) -> None:
    member = await shop.enroll()
    query = """mutation($preview: PointsEarnInput!, $real: PointsEarnInput!) {
        preview: pointsEarn(input: $preview) { transaction { member { balances { available } } lots { points } } }
        real: pointsEarn(input: $real) { transaction { member { balances { available } } lots { points } } }
    }"""
    said = {"preview": {**shop.of(member, amount="5"), "preview": True}, "real": shop.of(member, amount="3")}
    answer = await shop.msr.ask(query, **said)
    shown = {name: payload["transaction"] for name, payload in answer.items()}
    assert shown == {
        "preview": {"member": {"balances": [{"available": "5"}]}, "lots": [{"points": "5"}]},
        "real": {"member": {"balances": [{"available": "3"}]}, "lots": [{"points": "3"}]},
    }
