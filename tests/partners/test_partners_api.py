"""Partners and terms as clients of the API see them."""

from typing import Any

import pytest

from domain.people import Role
from domain.store.database import Database
from tests.support.factories import a_code, a_draft, a_partner, somebody, terms
from tests.support.graphql import Client

MANAGER = somebody(Role.PARTNER_MANAGER)
PARTNER = "code name active version terms { program { code } active reportWithinDays version }"
ONE = f"query($code: String!) {{ partner(code: $code) {{ id {PARTNER} }} }}"
LIST = """query($filter: PartnerFilter, $order: PartnerOrderBy, $first: Int! = 20, $after: String) {
    partners(filter: $filter, orderBy: $order, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { code } } } }"""


@pytest.fixture
def client(database: Database) -> Client:
    return Client(database, MANAGER)


async def codes(client: Client, **variables: Any) -> list[str]:
    return [edge["node"]["code"] for edge in (await client.ask(LIST, **variables))["partners"]["edges"]]


async def test_a_partner_is_created_given_terms_changed_and_read(client: Client, database: Database) -> None:
    program, code = await a_draft(database), a_code("H")
    created = await client.command("partnerCreate", f"partner {{ {PARTNER} }}", code=code, name="Hotel")
    assert created["partner"] == {"code": code, "name": "Hotel", "active": True, "version": 1, "terms": []}

    agreed = await client.command(
        "partnerTermsSet",
        "terms { id partner { code } program { code } active reportWithinDays version }",
        program=program.code,
        partner=code,
        reportWithinDays=30,
    )
    terms_id = agreed["terms"].pop("id")
    assert agreed["terms"] == {
        "partner": {"code": code}, "program": {"code": program.code}, "active": True, "reportWithinDays": 30, "version": 1,
    }  # fmt: skip

    halted = await client.command("partnerUpdate", "partner { name }", partner=code, expectedVersion=1, active=False)
    assert halted["partner"] == {"name": "Hotel"}
    read = (await client.ask(ONE, code=code))["partner"]
    assert read.pop("id")
    assert read == {
        "code": code,
        "name": "Hotel",
        "active": False,
        "version": 2,
        "terms": [{"program": {"code": program.code}, "active": True, "reportWithinDays": 30, "version": 1}],
    }
    query = "query($id: ID!) { node(id: $id) { ... on PartnerTerms { version } } }"
    assert await client.ask(query, id=terms_id) == {"node": {"version": 1}}


async def test_what_terms_do_not_name_stays_and_null_takes_a_limit_away(client: Client, database: Database) -> None:
    program, partner = await a_draft(database), await a_partner(database)
    key = {"program": program.code, "partner": partner.code}
    shown = "terms { active reportWithinDays }"
    await client.command("partnerTermsSet", shown, **key, reportWithinDays=30)

    kept = await client.command("partnerTermsSet", shown, **key, expectedVersion=1, active=False)
    cleared = await client.command("partnerTermsSet", shown, **key, expectedVersion=2, reportWithinDays=None)

    assert kept["terms"] == {"active": False, "reportWithinDays": 30}
    assert cleared["terms"] == {"active": False, "reportWithinDays": None}


async def test_refusals_name_the_place_in_the_words_of_the_input(client: Client, database: Database) -> None:
    program = await a_draft(database)
    partner = await a_partner(database, program)
    key = {"program": program.code, "partner": partner.code}

    assert await client.refused("partnerCreate", code="a b", name="") == [
        ("INVALID_INPUT", "code"), ("INVALID_INPUT", "name"),
    ]  # fmt: skip
    assert await client.refused("partnerCreate", code=partner.code, name="Again") == [("ALREADY_EXISTS", "code")]
    assert await client.refused("partnerTermsSet", **key) == [("VERSION_CONFLICT", "expectedVersion")]
    wrong = {**key, "expectedVersion": 1, "reportWithinDays": -1}
    assert await client.refused("partnerTermsSet", **wrong) == [("INVALID_INPUT", "reportWithinDays")]
    assert await client.refused("partnerUpdate", partner="NONE", expectedVersion=1) == [("NOT_FOUND", "partner")]


async def test_a_partners_user_sees_its_own_company_and_no_other(database: Database) -> None:
    program = await a_draft(database)
    own, other = await a_partner(database, program), await a_partner(database, program)
    everything = Client(database, MANAGER)
    ids = [(await everything.ask(ONE, code=one.code))["partner"]["id"] for one in (own, other)]
    client = Client(database, somebody(Role.PARTNER_REPRESENTATIVE, partner=own))

    assert await codes(client) == [own.code]
    assert (await client.ask(ONE, code=own.code))["partner"]["terms"][0]["program"] == {"code": program.code}
    assert (await client.ask(ONE, code=other.code))["partner"] is None
    nodes = await client.ask("query($ids: [ID!]!) { nodes(ids: $ids) { ... on Partner { code } } }", ids=ids)
    assert nodes == {"nodes": [{"code": own.code}, None]}


async def test_terms_of_a_program_are_shown_to_those_of_that_program_only(database: Database) -> None:
    own, other = await a_draft(database), await a_draft(database)
    partner = await a_partner(database, own)
    await terms(database, other, partner)

    seen = await Client(database, somebody(Role.MSR, program=own)).ask(ONE, code=partner.code)

    assert [one["program"]["code"] for one in seen["partner"]["terms"]] == [own.code]


async def test_a_list_is_filtered_sorted_and_read_page_by_page(client: Client, database: Database) -> None:
    program, mark = await a_draft(database), a_code("Z")
    first = await a_partner(database, program, code=f"{mark}-A", name=f"Ritz {mark}")
    second = await a_partner(database, program, code=f"{mark}-B", name=f"Adlon {mark}", active=False)
    third = await a_partner(database, code=f"{mark}-C", name=f"Savoy {mark}")
    search = {"search": mark}

    assert await codes(client, filter=search) == [first.code, second.code, third.code]
    assert await codes(client, filter=search, order={"field": "NAME"}) == [second.code, first.code, third.code]
    latest = {"field": "CREATED_AT", "direction": "DESC"}
    assert await codes(client, filter=search, order=latest) == [third.code, second.code, first.code]
    assert await codes(client, filter={**search, "active": False}) == [second.code]
    assert await codes(client, filter={"program": program.code}) == [first.code, second.code]
    assert await codes(client, filter={"program": "NONE"}) == []
    page = (await client.ask(LIST, filter=search, first=2))["partners"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    assert await codes(client, filter=search, first=2, after=page["pageInfo"]["endCursor"]) == [third.code]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("partnerCreate", {"code": "H", "name": "H"}),
        ("partnerUpdate", {"partner": "H", "expectedVersion": 1}),
        ("partnerTermsSet", {"partner": "H", "program": "P"}),
    ],
)
@pytest.mark.parametrize("role", [Role.MSR, Role.PARTNER_APPROVER, Role.MEMBER])
async def test_only_partner_managers_and_administrators_change_partners(
    database: Database, name: str, given: dict[str, Any], role: Role
) -> None:
    query = f"mutation($i: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $i) {{ errors {{ code }} }} }}"

    _, errors = await Client(database, somebody(role)).execute(query, i=given)

    assert [(error.extensions or {})["code"] for error in errors] == ["FORBIDDEN"]
