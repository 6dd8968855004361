"""Blocks as clients of the API see them, and who sees and moves which."""

from datetime import date
from typing import Any

import pytest

from domain.blocks import BlockKind
from domain.people import Role
from schema.ids import seal
from tests.blocks.market import Market
from tests.support.factories import a_code, a_draft, a_partner, somebody, terms
from tests.support.graphql import Client
from tests.support.promotions import a_draft_promotion

SHOWN = """block { id program { code } partner { code } kind status original remaining startsOn endsOn price
    cost { amount currency } promotion { code } parent { remaining } submitTo { subject } requestedBy { subject } comment
    moves { move person { subject } fromStatus toStatus comment } availableMoves version } replayed"""
LIST = """query($filter: PointBlockFilter, $order: PointBlockOrderBy, $first: Int! = 20, $after: String) {
    pointBlocks(filter: $filter, orderBy: $order, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { original } } } }"""


def to_buy(market: Market, points: int | str = "100000", **values: Any) -> dict[str, Any]:
    owner = {"program": market.program.code, "partner": market.hotel.code}
    return {"idempotencyKey": a_code("K"), **owner, "points": points, **values}


async def listed(client: Client, **variables: Any) -> list[str]:
    return [edge["node"]["original"] for edge in (await client.ask(LIST, **variables))["pointBlocks"]["edges"]]


async def test_points_are_bought_and_shown(market: Market) -> None:
    given = to_buy(market, endsOn="2026-12-31", comment="for spring")

    bought = await market.client().command("pointBlockPurchase", SHOWN, **given)

    block_id, version = bought["block"].pop("id"), bought["block"].pop("version")
    seller = {"subject": market.seller.subject}
    assert bought["errors"] == []
    assert bought["block"] == {
        "program": {"code": market.program.code}, "partner": {"code": market.hotel.code}, "kind": "NORMAL",
        "status": "APPROVED", "original": "100000.00", "remaining": "100000.00", "startsOn": "2026-03-01",
        "endsOn": "2026-12-31", "price": "0.01", "cost": {"amount": "1000", "currency": "USD"}, "promotion": None,
        "parent": None, "submitTo": None, "requestedBy": seller, "comment": "for spring",
        "moves": [
            {"move": "PURCHASE", "person": seller, "fromStatus": None, "toStatus": "IN_PROGRESS", "comment": "for spring"},
            {"move": "APPROVE", "person": seller, "fromStatus": "IN_PROGRESS", "toStatus": "APPROVED", "comment": None},
        ],
        "availableMoves": ["CARVE", "CLOSE"],
    }  # fmt: skip
    again = await market.client().command("pointBlockPurchase", "block { id } replayed", **given)
    assert (again["replayed"], again["block"]["id"]) == (True, block_id)
    query = "query($id: ID!) { pointBlock(id: $id) { version } node(id: $id) { ... on PointBlock { version } } }"
    assert await market.client().ask(query, id=block_id) == {
        "pointBlock": {"version": version},
        "node": {"version": version},
    }


async def test_a_purchase_is_approved_forwarded_rejected_and_closed_through_the_api(market: Market) -> None:
    given = to_buy(market, submitTo=market.boss.subject)
    shown = "block { id status version availableMoves submitTo { subject } }"
    boss = market.client(market.deciding)
    first, second = [
        (await market.client().command("pointBlockPurchase", shown, **{**given, "idempotencyKey": key}))["block"]
        for key in ("1", "2")
    ]
    assert (first["status"], first["submitTo"], first["availableMoves"]) == (
        "SUBMITTED", {"subject": market.boss.subject}, ["FORWARD"],
    )  # fmt: skip

    move = {"id": first["id"], "expectedVersion": first["version"]}
    approved = await boss.command("pointBlockApprove", shown, **move, idempotencyKey="yes")
    closing = {"id": first["id"], "expectedVersion": approved["block"]["version"], "idempotencyKey": "end"}
    closed = await boss.command("pointBlockClose", shown, **closing)
    rejected = await boss.command(
        "pointBlockReject", shown, id=second["id"], expectedVersion=second["version"], comment="no"
    )

    assert [each["block"]["status"] for each in (approved, closed, rejected)] == ["APPROVED", "CLOSED", "REJECTED"]
    refused = await boss.refused(
        "pointBlockForward", id=second["id"], expectedVersion=second["version"], submitTo=market.boss.subject
    )
    assert refused == [("WRONG_BLOCK_STATUS", "id")]


async def test_points_are_carved_through_the_api(market: Market) -> None:
    summer = await a_draft_promotion(market.database, market.program)
    bought = await market.client().command("pointBlockPurchase", "block { id }", **to_buy(market, 1000))
    carving = {"id": bought["block"]["id"], "promotion": summer.code, "points": "250.5"}

    carved = await market.client().command("pointBlockCarve", SHOWN, idempotencyKey="summer", **carving)

    shown = carved["block"]
    assert (shown["kind"], shown["promotion"], shown["remaining"]) == ("PROMOTION", {"code": summer.code}, "250.50")
    assert (shown["parent"], shown["availableMoves"]) == ({"remaining": "749.50"}, ["CLOSE"])
    assert [each["move"] for each in shown["moves"]] == ["CARVE"]


async def test_a_partner_sees_its_own_blocks_and_nothing_of_another(market: Market) -> None:
    other = await a_partner(market.database)
    await terms(market.database, market.program, other, pricing_rule=market.rule.code)
    own = await market.bought(1)
    foreign, of_host = await market.bought(2, partner=other.code), await market.bought(3, partner=None)
    seen = market.client(somebody(Role.PARTNER_REPRESENTATIVE, partner=market.hotel))
    nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on PointBlock { original } } }"
    of_partner = "query($c: String!) { partner(code: $c) { blocks { edges { node { original } } } } }"
    ids = [seal("PointBlock", block.id) for block in (own, foreign, of_host)]

    assert await listed(seen) == ["1.00"]
    assert await seen.ask(nodes, ids=ids) == {"nodes": [{"original": "1.00"}, None, None]}
    for hidden in ids[1:]:
        assert await seen.ask("query($id: ID!) { pointBlock(id: $id) { original } }", id=hidden) == {"pointBlock": None}
    mine = await seen.ask(of_partner, c=market.hotel.code)
    assert mine["partner"]["blocks"]["edges"] == [{"node": {"original": "1.00"}}]
    assert (await seen.ask(of_partner, c=other.code))["partner"] is None
    everything = market.client(somebody(Role.MSR, program=market.program))
    assert await listed(everything, filter={"program": market.program.code}) == ["1.00", "2.00", "3.00"]
    assert await listed(market.client(somebody(Role.PARTNER_APPROVER, partner=other))) == ["2.00"]


async def test_whoever_is_bound_to_another_program_moves_no_block_of_this(market: Market) -> None:
    block = await market.asked(1)
    stranger = market.client(somebody(Role.PROGRAM_ADMINISTRATOR, program=await a_draft(market.database)))
    move = {"id": seal("PointBlock", block.id), "expectedVersion": block.version}

    for name, given in (
        ("pointBlockApprove", {**move, "idempotencyKey": "K"}),
        ("pointBlockReject", {**move, "comment": "no"}),
        ("pointBlockForward", {**move, "submitTo": market.seller.subject}),
        ("pointBlockClose", {**move, "idempotencyKey": "K"}),
        ("pointBlockCarve", {"id": move["id"], "promotion": "X", "points": 1, "idempotencyKey": "K"}),
    ):
        assert await stranger.refused(name, **given) == [("NOT_FOUND", "id")]


async def test_a_list_is_filtered_sorted_and_read_page_by_page(market: Market) -> None:
    market.on(date(2020, 3, 1))
    await market.bought(5, ends_on=date(2020, 3, 2), kind=BlockKind.RESERVE)
    await market.bought(3)
    await market.asked(4)
    client, here = market.client(), {"program": market.program.code}

    assert await listed(client, filter=here) == ["5.00", "3.00", "4.00"]
    assert await listed(client, filter={**here, "kind": ["RESERVE"]}) == ["5.00"]
    assert await listed(client, filter={**here, "status": ["SUBMITTED"]}) == ["4.00"]
    assert await listed(client, filter={**here, "host": True}) == []
    assert await listed(client, filter={**here, "host": False, "partner": market.hotel.code}) == [
        "5.00",
        "3.00",
        "4.00",
    ]
    assert await listed(client, filter={**here, "active": False}) == ["5.00", "4.00"]
    assert await listed(client, filter={**here, "active": True}) == ["3.00"]
    order = {"field": "REMAINING", "direction": "DESC"}
    assert await listed(client, filter=here, order=order) == ["5.00", "3.00", "4.00"]
    page = (await client.ask(LIST, filter=here, first=2))["pointBlocks"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    assert await listed(client, filter=here, first=2, after=page["pageInfo"]["endCursor"]) == ["4.00"]


@pytest.mark.parametrize(
    "role", [Role.MSR, Role.MANAGER, Role.PARTNER_APPROVER, Role.PARTNER_REPRESENTATIVE, Role.MEMBER]
)
async def test_only_partner_managers_and_administrators_sell(market: Market, role: Role) -> None:
    query = "mutation($i: PointBlockPurchaseInput!) { pointBlockPurchase(input: $i) { errors { code } } }"

    _, errors = await market.client(somebody(role)).execute(query, i=to_buy(market))

    assert [(error.extensions or {})["code"] for error in errors] == ["FORBIDDEN"]
    assert await market.count() == 0
