"""Products and prices as clients of the API see them."""

from typing import Any

import pytest

from domain.people import Role
from domain.store.database import Database
from tests.support.factories import a_code, a_partner, a_price, a_product, a_program, somebody
from tests.support.graphql import Client

ADMINISTRATOR = somebody(Role.PROGRAM_ADMINISTRATOR)
PRODUCT = """code name active attributes version program { code }
    prices { kind points pointType { code } partner { code } startsOn endsOn }"""
ONE = f"query($program: String!, $code: String!) {{ product(program: $program, code: $code) {{ id {PRODUCT} }} }}"
LIST = """query($filter: ProductFilter, $order: ProductOrderBy, $first: Int! = 20, $after: String) {
    products(filter: $filter, orderBy: $order, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { code } } } }"""


@pytest.fixture
def client(database: Database) -> Client:
    return Client(database, ADMINISTRATOR)


async def codes(client: Client, **variables: Any) -> list[str]:
    return [edge["node"]["code"] for edge in (await client.ask(LIST, **variables))["products"]["edges"]]


async def test_a_product_is_created_priced_changed_and_read(client: Client, database: Database) -> None:
    program = await a_program(database)
    partner = await a_partner(database, program)
    key = {"program": program.code, "product": "4011"}
    created = await client.command(
        "productCreate",
        f"product {{ {PRODUCT} }}",
        program=program.code,
        code="4011",
        name="Banana",
        attributes={"department": "FRUIT", "shelf": 12, "weight": 0.75},
    )
    assert created["product"] == {
        "code": "4011",
        "name": "Banana",
        "active": True,
        "attributes": {"department": "FRUIT", "shelf": 12, "weight": 0.75},
        "version": 1,
        "program": {"code": program.code},
        "prices": [],
    }

    await client.command(
        "productPriceSet", "product { code }", **key, kind="ACCRUAL", points="2.5", startsOn="2026-01-01"
    )
    priced = await client.command(
        "productPriceSet",
        "product { version prices { kind points pointType { code } partner { code } startsOn endsOn } }",
        **key,
        kind="REDEMPTION",
        points=300,
        pointType="POINTS",
        partner=partner.code,
        startsOn="2026-01-01",
        endsOn="2026-12-31",
    )
    common = {"pointType": {"code": "POINTS"}, "startsOn": "2026-01-01"}
    earned = {"kind": "ACCRUAL", "points": "2.5", "partner": None, "endsOn": None, **common}
    spent = {"kind": "REDEMPTION", "points": "300", "partner": {"code": partner.code}, "endsOn": "2026-12-31", **common}
    assert priced["product"] == {"version": 3, "prices": [earned, spent]}

    removed = await client.command(
        "productPriceRemove", "product { prices { kind } }", **key, kind="ACCRUAL", startsOn="2026-01-01"
    )
    assert removed["product"] == {"prices": [{"kind": "REDEMPTION"}]}

    await client.command("productUpdate", "product { name }", **key, expectedVersion=4, attributes={"shelf": None})
    read = (await client.ask(ONE, program=program.code, code="4011"))["product"]
    assert (read["version"], read["attributes"]) == (5, {"department": "FRUIT", "weight": 0.75})
    node = await client.ask("query($id: ID!) { node(id: $id) { ... on Product { code } } }", id=read["id"])
    assert node == {"node": {"code": "4011"}}


async def test_refusals_name_the_place_in_the_words_of_the_input(client: Client, database: Database) -> None:
    program = await a_program(database)
    product = await a_product(database, program)
    key = {"program": program.code, "product": product.code}
    price = {**key, "kind": "ACCRUAL", "points": 5, "startsOn": "2026-01-01"}
    await client.command("productPriceSet", "__typename", **price)

    new = {"program": program.code, "code": product.code, "name": "Again"}
    assert await client.refused("productCreate", **new) == [("ALREADY_EXISTS", "code")]
    assert await client.refused("productUpdate", **key, expectedVersion=9) == [("VERSION_CONFLICT", "expectedVersion")]
    later = {**price, "startsOn": "2026-02-01"}
    assert await client.refused("productPriceSet", **later) == [("PRICE_OVERLAPS", "startsOn")]
    assert await client.refused("productPriceSet", **later, pointType="NONE") == [
        ("NOT_FOUND", "pointType"), ("PRICE_OVERLAPS", "startsOn"),
    ]  # fmt: skip
    assert await client.refused("productPriceRemove", **key, kind="REDEMPTION", startsOn="2026-01-01") == [
        ("NOT_FOUND", "startsOn")
    ]


async def test_a_refused_price_says_which_one_is_in_the_way(client: Client, database: Database) -> None:
    program = await a_program(database)
    product = await a_product(database, program)
    await a_price(database, program, product, 5)
    query = """mutation($input: ProductPriceSetInput!) { productPriceSet(input: $input) {
        product { code } errors { __typename ... on PriceOverlaps { startsOn endsOn } } } }"""
    given = {"program": program.code, "product": product.code, "kind": "ACCRUAL", "points": 6, "startsOn": "2026-01-01"}

    payload = (await client.ask(query, input=given))["productPriceSet"]

    overlap = {"__typename": "PriceOverlaps", "startsOn": "2020-01-01", "endsOn": None}
    assert payload == {"product": None, "errors": [overlap]}


async def test_products_of_somebody_else_do_not_exist(database: Database) -> None:
    own, other = await a_program(database), await a_program(database)
    mine, foreign = await a_product(database, own), await a_product(database, other)
    partner = await a_partner(database, own)
    everything = Client(database, ADMINISTRATOR)
    ids = [
        (await everything.ask(ONE, program=program.code, code=product.code))["product"]["id"]
        for program, product in ((own, mine), (other, foreign))
    ]

    for who in (somebody(Role.MSR, program=own), somebody(Role.PARTNER_REPRESENTATIVE, partner=partner)):
        client = Client(database, who)
        assert await codes(client) == [mine.code]
        assert (await client.ask(ONE, program=other.code, code=foreign.code))["product"] is None
        assert (await client.ask(ONE, program=own.code, code=mine.code))["product"]["code"] == mine.code
        nodes = await client.ask("query($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { code } } }", ids=ids)
        assert nodes == {"nodes": [{"code": mine.code}, None]}


async def test_prices_of_many_products_are_shown_to_a_partner_without_those_of_others(database: Database) -> None:
    program = await a_program(database)
    own, other = await a_partner(database, program), await a_partner(database, program)
    for _ in range(3):
        product = await a_product(database, program)
        await a_price(database, program, product, 1)
        await a_price(database, program, product, 2, partner=own.code)
        await a_price(database, program, product, 3, partner=other.code)
    query = "{ products { edges { node { prices { points partner { code } } } } } }"

    seen = await Client(database, somebody(Role.PARTNER_APPROVER, partner=own)).ask(query)

    mine = [{"points": "1", "partner": None}, {"points": "2", "partner": {"code": own.code}}]
    assert [edge["node"]["prices"] for edge in seen["products"]["edges"]] == [mine] * 3


async def test_a_list_is_filtered_sorted_and_read_page_by_page(client: Client, database: Database) -> None:
    program = await a_program(database)
    for code, name, active in (("A", "Cream", True), ("B", "Apple", False), ("C", "Bread", True)):
        await a_product(database, program, code=code, name=name, active=active)
    of_program = {"program": program.code}

    assert await codes(client, filter=of_program) == ["A", "B", "C"]
    assert await codes(client, filter=of_program, order={"field": "NAME"}) == ["B", "C", "A"]
    assert await codes(client, filter=of_program, order={"direction": "DESC"}) == ["C", "B", "A"]
    assert await codes(client, filter=of_program, order={"field": "CREATED_AT", "direction": "DESC"}) == ["C", "B", "A"]
    assert await codes(client, filter={**of_program, "active": True}) == ["A", "C"]
    assert await codes(client, filter={**of_program, "search": "REA"}) == ["A", "C"]
    assert await codes(client, filter={"program": "NONE"}) == []

    first = (await client.ask(LIST, filter=of_program, first=2))["products"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert await codes(client, filter=of_program, first=2, after=first["pageInfo"]["endCursor"]) == ["C"]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("productCreate", {"program": "P", "code": "S", "name": "S"}),
        ("productUpdate", {"program": "P", "product": "S", "expectedVersion": 1}),
        (
            "productPriceSet",
            {"program": "P", "product": "S", "kind": "ACCRUAL", "points": 1, "startsOn": "2026-01-01"},
        ),
        ("productPriceRemove", {"program": "P", "product": "S", "kind": "ACCRUAL", "startsOn": "2026-01-01"}),
    ],
)
@pytest.mark.parametrize("role", [Role.MSR, Role.PARTNER_REPRESENTATIVE, Role.MEMBER])
async def test_only_program_administrators_change_products(
    database: Database, name: str, given: dict[str, Any], role: Role
) -> None:
    query = f"mutation($i: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $i) {{ errors {{ code }} }} }}"

    _, errors = await Client(database, somebody(role)).execute(query, i=given)

    assert [(error.extensions or {})["code"] for error in errors] == ["FORBIDDEN"]


async def test_a_code_as_long_as_it_may_be_is_kept(client: Client, database: Database) -> None:
    program = await a_program(database)
    code = a_code("S").ljust(64, "x")

    payload = await client.command("productCreate", "product { code }", program=program.code, code=code, name="Long")

    assert payload["product"] == {"code": code}
