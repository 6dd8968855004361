"""Programs and point types as clients of the API see them."""

from typing import Any

import pytest

from domain.pages import seal
from domain.people import Role
from domain.programs import Program
from domain.store.database import Database
from tests.support.factories import a_code, a_draft, a_partner, a_point_type, a_program, somebody
from tests.support.graphql import Client

ADMINISTRATOR = somebody(Role.PROGRAM_ADMINISTRATOR)
PROGRAM = """
    id code name status timeZone currency version
    settings {
        expiry { kind length unit month day snap } approvalAbove { subType points } processQueuedByHand spendQualifying
        calculationRule requiredForAccrual requiredForRedemption earliestDaysBack maxDaysAhead
    }
    baseRules { kind version parameters }
    attributes { path type }
    pointTypes { code name decimals qualifying weightQualifying weightNonQualifying isDefault expiry { kind length } }
"""
LIST = """query($filter: ProgramFilter, $order: ProgramOrderBy, $first: Int! = 20, $after: String) {
    programs(filter: $filter, orderBy: $order, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage hasPreviousPage endCursor } edges { cursor node { code } } } }"""


@pytest.fixture
def client(database: Database) -> Client:
    return Client(database, ADMINISTRATOR)


def as_given(code: str) -> dict[str, Any]:
    return {
        "code": code,
        "name": "Grocer",
        "timeZone": "America/New_York",
        "currency": "USD",
        "settings": {
            "expiry": {"kind": "PERIOD", "length": 12, "snap": "END_OF_MONTH"},
            "approvalAbove": [{"subType": "GIFT", "points": "100.5"}],
            "calculationRule": "ALL",
            "requiredForAccrual": ["email", "attributes.homeStore"],
            "maxDaysAhead": 3,
        },
        "baseRules": [{"kind": "perAmount", "parameters": {"points": "1.5", "currency": "USD"}}],
        "attributes": [{"path": "member.attributes.homeStore", "type": "TEXT"}],
    }


async def codes(client: Client, **variables: Any) -> list[str]:
    return [edge["node"]["code"] for edge in (await client.ask(LIST, **variables))["programs"]["edges"]]


async def test_a_program_is_created_and_read_again(client: Client) -> None:
    code = a_code("P")

    payload = await client.command("programCreate", f"program {{ {PROGRAM} }}", **as_given(code))

    assert payload["errors"] == []
    program = payload["program"]
    assert program.pop("id")
    assert program == {
        "code": code,
        "name": "Grocer",
        "status": "DRAFT",
        "timeZone": "America/New_York",
        "currency": "USD",
        "version": 1,
        "settings": {
            "expiry": {
                "kind": "PERIOD", "length": 12, "unit": "MONTH", "month": 12, "day": 31, "snap": "END_OF_MONTH",
            },
            "approvalAbove": [{"subType": "GIFT", "points": "100.5"}],
            "processQueuedByHand": False,
            "spendQualifying": True,
            "calculationRule": "ALL",
            "requiredForAccrual": ["email", "attributes.homeStore"],
            "requiredForRedemption": [],
            "earliestDaysBack": 3650,
            "maxDaysAhead": 3,
        },
        "baseRules": [{"kind": "perAmount", "version": 1, "parameters": {"points": "1.5", "currency": "USD"}}],
        "attributes": [{"path": "member.attributes.homeStore", "type": "TEXT"}],
        "pointTypes": [],
    }  # fmt: skip
    read = await client.ask(f"query($code: String!) {{ program(code: $code) {{ {PROGRAM} }} }}", code=code)
    assert read["program"].pop("id")
    assert read["program"] == program


async def test_a_program_grows_from_draft_to_active(client: Client) -> None:
    code = a_code("P")
    await client.command("programCreate", "program { code }", **as_given(code))

    early = await client.refused("programActivate", program=code)
    point_type = await client.command(
        "pointTypeCreate",
        "pointType { code decimals isDefault weightQualifying expiry { kind } }",
        program=code,
        code="MILES",
        name="Miles",
        decimals=2,
        weightQualifying="0.8",
        expiry={"kind": "NEVER"},
    )
    active = await client.command("programActivate", "program { status version pointTypes { code } }", program=code)
    halted = await client.command("programDeactivate", "program { status version }", program=code)

    assert early == [("MISSING_INPUT", "pointTypes")]
    assert point_type["pointType"] == {
        "code": "MILES", "decimals": 2, "isDefault": True, "weightQualifying": "0.8", "expiry": {"kind": "NEVER"},
    }  # fmt: skip
    assert active["program"] == {"status": "ACTIVE", "version": 3, "pointTypes": [{"code": "MILES"}]}
    assert halted["program"] == {"status": "INACTIVE", "version": 4}


async def test_an_update_leaves_alone_what_it_does_not_name_and_clears_what_it_empties(client: Client) -> None:
    code = a_code("P")
    await client.command("programCreate", "program { code }", **as_given(code))

    payload = await client.command(
        "programUpdate",
        "program { name version baseRules { kind } settings { maxDaysAhead approvalAbove { subType } calculationRule } }",
        program=code,
        expectedVersion=1,
        name="Corner shop",
        baseRules=[],
        settings={"approvalAbove": []},
    )

    assert payload["program"] == {
        "name": "Corner shop",
        "version": 2,
        "baseRules": [],
        "settings": {"maxDaysAhead": 3, "approvalAbove": [], "calculationRule": "ALL"},
    }


async def test_a_point_type_is_changed_under_the_version_of_its_program(client: Client, database: Database) -> None:
    program = await a_draft(database)
    point_type = await a_point_type(database, program)
    given = {"program": program.code, "pointType": point_type.code}
    shown = "pointType { name expiry { length } }"

    set_ = await client.command(
        "pointTypeUpdate", shown, **given, expectedVersion=2, expiry={"kind": "PERIOD", "length": 6}
    )
    kept = await client.command("pointTypeUpdate", shown, **given, expectedVersion=3, name="Miles")
    cleared = await client.command("pointTypeUpdate", shown, **given, expectedVersion=4, expiry=None)
    late = await client.refused("pointTypeUpdate", **given, expectedVersion=4, name="Kilometers")

    assert set_["pointType"]["expiry"] == {"length": 6}
    assert kept["pointType"] == {"name": "Miles", "expiry": {"length": 6}}
    assert cleared["pointType"] == {"name": "Miles", "expiry": None}
    assert late == [("VERSION_CONFLICT", "expectedVersion")]


async def test_refusals_name_the_place_in_the_words_of_the_input(client: Client) -> None:
    given = as_given("no code")
    given["timeZone"] = "Mars"
    given["settings"]["maxDaysAhead"] = -1
    given["settings"]["approvalAbove"].append({"subType": "EXPIRY", "points": 1})
    given["baseRules"].append({"kind": "perAmount", "parameters": {"points": 0, "currency": "USD", "colour": "red"}})

    assert await client.refused("programCreate", **given) == [
        ("INVALID_INPUT", "code"),
        ("UNKNOWN_TIME_ZONE", "timeZone"),
        ("INVALID_INPUT", "settings.approvalAbove.1.subType"),
        ("INVALID_INPUT", "settings.maxDaysAhead"),
        ("INVALID_INPUT", "baseRules.1.parameters.points"),
        ("INVALID_RULE", "baseRules.1.parameters.colour"),
    ]


async def test_a_list_that_names_a_thing_twice_is_refused(client: Client) -> None:
    given = as_given(a_code("P"))
    given["settings"]["approvalAbove"] = [{"subType": "GIFT", "points": 1}, {"subType": "GIFT", "points": 2}]
    assert await client.refused("programCreate", **given) == [("INVALID_INPUT", "settings.approvalAbove.1")]

    given = as_given(a_code("P"))
    given["attributes"] *= 2
    assert await client.refused("programCreate", **given) == [("INVALID_INPUT", "attributes.1")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"settings": {"calculationRule": "BEST"}}, "Value 'BEST' does not exist in 'CalculationRule' enum"),
        ({"settings": {"expiry": {"kind": "SOMETIMES"}}}, "Value 'SOMETIMES' does not exist in 'ExpiryKind' enum"),
        ({"settings": {"approvalAbove": [{"subType": "GIFT", "points": 1.5}]}}, "Points cannot"),
        ({"baseRules": [{"kind": "perAmount", "parameters": [1]}]}, "JSON cannot"),
        ({"colour": "red"}, "not to include unknown field 'colour'"),
        ({"code": None}, "invalid value at .code"),
    ],
)
async def test_malformed_input_never_reaches_the_domain(client: Client, change: dict[str, Any], message: str) -> None:
    query = "mutation($input: ProgramCreateInput!) { programCreate(input: $input) { program { code } } }"

    data, errors = await client.execute(query, input={**as_given(a_code("P")), **change})

    assert data is None
    assert [message in error.message for error in errors] == [True], errors


async def test_a_program_that_is_not_yours_is_as_good_as_none(database: Database) -> None:
    own, other = await a_program(database), await a_program(database)
    partner = await a_partner(database, own)
    query = """query($own: String!, $other: String!) {
        own: program(code: $own) { code } other: program(code: $other) { code } none: program(code: "NONE") { code }
        products(filter: {program: $other}) { totalCount } }"""

    for who in (somebody(Role.MSR, program=own), somebody(Role.PARTNER_REPRESENTATIVE, partner=partner)):
        client = Client(database, who)
        data = await client.ask(query, own=own.code, other=other.code)
        assert data == {"own": {"code": own.code}, "other": None, "none": None, "products": {"totalCount": 0}}
        assert await codes(client) == [own.code]
        assert [await node(client, program) for program in (own, other)] == [{"code": own.code}, None]


async def node(client: Client, program: Program) -> Any:
    everything = Client(client.database, ADMINISTRATOR)
    found = await everything.ask("query($code: String!) { program(code: $code) { id } }", code=program.code)
    query = "query($id: ID!) { node(id: $id) { ... on Program { code } } }"
    return (await client.ask(query, id=found["program"]["id"]))["node"]


async def test_a_point_type_is_a_node_that_only_those_find_who_see_its_program(database: Database) -> None:
    own, other = await a_program(database), await a_program(database)
    query = "query($code: String!) { program(code: $code) { pointTypes { id } } }"
    by_id = "query($id: ID!) { node(id: $id) { ... on PointType { code } } }"
    everything, bound = Client(database, ADMINISTRATOR), Client(database, somebody(Role.MSR, program=own))

    found = []
    for program in (own, other):
        ids = (await everything.ask(query, code=program.code))["program"]["pointTypes"]
        found.append((await bound.ask(by_id, id=ids[0]["id"]))["node"])

    assert found == [{"code": "POINTS"}, None]


MUTATIONS = [
    ("programCreate", {"code": "P", "name": "P", "timeZone": "UTC", "currency": "USD"}),
    ("programUpdate", {"program": "P", "expectedVersion": 1}),
    ("programActivate", {"program": "P"}),
    ("programDeactivate", {"program": "P"}),
    ("pointTypeCreate", {"program": "P", "code": "T", "name": "T"}),
    ("pointTypeUpdate", {"program": "P", "pointType": "T", "expectedVersion": 1}),
]


@pytest.mark.parametrize(("name", "given"), MUTATIONS)
@pytest.mark.parametrize("role", [Role.MSR, Role.MANAGER, Role.PARTNER_MANAGER, Role.PARTNER_APPROVER, Role.MEMBER])
async def test_only_program_administrators_change_programs(
    database: Database, name: str, given: dict[str, Any], role: Role
) -> None:
    query = f"mutation($i: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $i) {{ errors {{ code }} }} }}"

    data, errors = await Client(database, somebody(role)).execute(query, i=given)

    assert data == {name: None}
    assert [(error.extensions or {})["code"] for error in errors] == ["FORBIDDEN"]


async def test_a_list_is_filtered_and_sorted(client: Client, database: Database) -> None:
    mark = a_code("Z")
    names = {f"{mark}-A": "Cellar", f"{mark}-B": "Attic", f"{mark}-C": "Barn"}
    for code, name in names.items():
        await a_draft(database, code=code, name=name)
    active = await a_program(database, code=f"{mark}-D", name=f"{mark}%")
    search = {"filter": {"search": mark}}

    assert await codes(client, **search) == [*names, active.code]
    assert await codes(client, **search, order={"direction": "DESC"}) == [active.code, *reversed(names)]
    by_name = {"field": "NAME"}
    assert await codes(client, **search, order=by_name) == [f"{mark}-B", f"{mark}-C", f"{mark}-A", active.code]
    newest = {"field": "CREATED_AT", "direction": "DESC"}
    assert await codes(client, **search, order=newest, first=1) == [active.code]
    assert await codes(client, filter={"search": mark, "status": ["ACTIVE", "INACTIVE"]}) == [active.code]
    assert await codes(client, filter={"search": f"{mark.lower()}%"}) == [active.code]
    assert await codes(client, filter={"search": f"{mark}_"}) == []


@pytest.mark.parametrize("field", ["CODE", "NAME", "CREATED_AT"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_pages_follow_each_other_without_gaps_whatever_is_added_meanwhile(
    client: Client, database: Database, field: str, direction: str
) -> None:
    mark = a_code("Z")
    expected = [(await a_draft(database, code=f"{mark}-{number}", name="Same")).code for number in range(5)]
    asked = {"filter": {"search": mark}, "order": {"field": field, "direction": direction}, "first": 2}

    seen, after = [], None
    for page in range(3):
        found = (await client.ask(LIST, **asked, after=after))["programs"]
        seen += [edge["node"]["code"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
        assert found["pageInfo"]["hasNextPage"] is (page < 2)
        assert found["pageInfo"]["hasPreviousPage"] is (page > 0)
        assert found["totalCount"] == 5 + min(page, 1)
        if page == 0:
            # It sorts before everything that was shown: no page may shift because of it.
            early = {"ASC": (f"{mark}-00", "Aaa"), "DESC": (f"{mark}-9", "Zzz")}[direction]
            await a_draft(database, code=early[0], name=early[1])

    added = {f"{mark}-00", f"{mark}-9"}
    assert [code for code in seen if code not in added] == (expected if direction == "ASC" else expected[::-1])


NOW = "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("field", "after"),
    [
        ("CODE", "rubbish"),
        ("CODE", ""),
        ("CODE", seal("A", 1)),
        ("CODE", seal(1)),
        ("CODE", seal("A\0")),
        ("NAME", seal("A")),
        ("NAME", seal("A", "1")),
        ("NAME", seal("A", 2**63)),
        ("CREATED_AT", seal("yesterday", 1)),
        ("CREATED_AT", seal("2026-01-01T00:00:00", 1)),
        ("CREATED_AT", seal(1, 1)),
        ("CREATED_AT", seal(NOW, NOW)),
    ],
)
async def test_a_cursor_that_is_not_of_this_list_is_refused(client: Client, field: str, after: str) -> None:
    data, errors = await client.execute(LIST, after=after, order={"field": field})

    assert data is None
    assert [(error.extensions or {})["code"] for error in errors] == ["INVALID_CURSOR"]


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_a_page_has_1_to_100_rows(client: Client, first: int) -> None:
    data, errors = await client.execute(LIST, first=first)

    assert data is None
    assert [(error.extensions or {})["code"] for error in errors] == ["BAD_USER_INPUT"]


async def test_a_program_needs_no_more_than_code_name_place_and_currency(client: Client) -> None:
    given = {"code": a_code("P"), "name": "Plain", "timeZone": "UTC", "currency": "USD"}

    payload = await client.command("programCreate", "program { status settings { maxDaysAhead } }", **given)

    assert payload["program"] == {"status": "DRAFT", "settings": {"maxDaysAhead": 0}}


async def test_rule_kinds_say_what_their_parameters_are(client: Client) -> None:
    kinds = (await client.ask("{ ruleKinds { name version role summary parameters } }"))["ruleKinds"]

    per_amount = next(kind for kind in kinds if kind["name"] == "perAmount")
    assert (per_amount["version"], per_amount["role"]) == (1, "BASE")
    assert per_amount["summary"] == "Points per amount spent in a currency"
    assert {"points", "currency", "unit", "counting", "when", "lines"} <= set(per_amount["parameters"]["properties"])
