"""Transfers through the API: by members themselves, and by staff with approval."""

from collections.abc import AsyncIterator

import pytest_asyncio

from domain.commands.members import MemberReference
from domain.people import Role
from domain.store.database import Database
from tests.graphql.shop import Shop, open_shop
from tests.graphql.web import Caller, Web, serving

SHOWN = "transaction { id status otherMember { number } totals { points } } errors { code }"


@pytest_asyncio.fixture
async def web(database: Database) -> AsyncIterator[Web]:
    """The application."""
    async with serving(database) as web:
        yield web


async def herself(shop: Shop, number: str) -> Caller:
    return await shop.web.person(Role.MEMBER, program=shop.program, member=MemberReference(number=number))


async def test_a_member_sends_points_and_sees_nobody_elses_data(web: Web) -> None:
    shop = await open_shop(web, approvalAbove=[])
    ada, grace = await shop.enroll(), await shop.enroll(name="Grace Hopper")
    await shop.earn(ada, "100")
    member = await herself(shop, ada)
    sent = await member.done("pointsTransfer", SHOWN, **shop.of(ada, transferTo={"number": grace}, points="30"))
    assert sent["transaction"]["status"] == "PROCESSED"
    assert sent["transaction"]["otherMember"] is None
    seen = await shop.msr.ask(
        "query($id: ID!) { transaction(id: $id) { otherMember { number } } }", id=sent["transaction"]["id"]
    )
    assert seen["transaction"]["otherMember"] == {"number": grace}
    assert (await shop.available(ada), await shop.available(grace)) == ("70", "30")


async def test_what_is_wrong_with_a_transfer_is_said_where_it_is(web: Web) -> None:
    shop = await open_shop(web, approvalAbove=[])
    ada = await shop.enroll()
    member = await herself(shop, ada)
    to = {"transferTo": {"number": ada}, "points": "5"}
    assert await member.refused("pointsTransfer", **shop.of(ada, **to)) == [
        ("TRANSFER_TO_SELF", "transferTo"),
    ]
    nobody = shop.of(ada, transferTo={"number": "nobody"}, points="5")
    assert await member.refused("pointsTransfer", **nobody) == [("NOT_FOUND", "transferTo")]
    hidden = shop.of(ada, transferTo={"email": "ada@example.org"}, points="5")
    assert await member.refused("pointsTransfer", **hidden) == [("INVALID_INPUT", "transferTo")]


async def test_by_default_a_transfer_is_recorded_submitted_approved_and_processed(web: Web) -> None:
    shop = await open_shop(web)
    ada, grace = await shop.enroll(), await shop.enroll(name="Grace Hopper")
    await shop.earn(ada, "100")
    given = shop.of(ada, type="REDEMPTION", subType="TRANSFER", transferTo={"number": grace}, points="30")
    recorded = (await shop.msr.done("transactionCreate", SHOWN, **given))["transaction"]
    assert (recorded["status"], recorded["otherMember"]) == ("IN_PROGRESS", {"number": grace})
    await shop.msr.done("transactionSubmit", "errors { code }", id=recorded["id"])
    assert (await shop.available(ada), await shop.available(grace)) == ("100", "0")
    approval = {"id": recorded["id"], "idempotencyKey": recorded["id"], "andProcess": True}
    await shop.manager.done("transactionApprove", "errors { code }", **approval)
    assert (await shop.available(ada), await shop.available(grace)) == ("70", "30")


async def test_families_and_merges_are_for_staff(web: Web) -> None:
    shop = await open_shop(web)
    ada, home = await shop.enroll(), await shop.enroll(kind="HOUSEHOLD")
    joining = {"program": shop.program, "member": {"number": ada}, "family": {"number": home}}
    answer = await (await herself(shop, ada)).answer(
        "mutation($input: HouseholdJoinInput!) { householdJoin(input: $input) { errors { code } } }", input=joining
    )
    assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]
    await shop.msr.done("householdJoin", "membership { current }", **joining)
