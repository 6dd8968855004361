"""Promotions as clients of the API see them: given and shown in the same words, found, listed, joined, and refused by rights."""

from datetime import date
from typing import Any

import pytest

from domain.people import Role
from domain.programs import Program
from domain.store.database import Database
from tests.support.factories import a_code, a_draft, a_partner, a_program, somebody
from tests.support.graphql import Client
from tests.support.members import a_member, herself
from tests.support.promotions import a_draft_promotion, a_promotion, gives, joins

ADMINISTRATOR = somebody(Role.PROGRAM_ADMINISTRATOR)
EXPIRY = "expiry { kind length unit month day snap }"
CRITERION = "attribute operator values other factor lines where { attribute operator values } text"
ACTIONS = f"""
    ... on AssignPoints {{ pointType qualifying constant attribute factor expression table startsAfterDays {EXPIRY}
        lines {{ attribute operator values }} text }}
    ... on UpdateAttribute {{ attribute operation value other text }}
    ... on AssignVoucher {{ voucherType quantity text }}
    ... on ChangeTier {{ tierClass direction tier text }}
    ... on RunRule {{ kind version parameters text }}
"""
PROMOTION = f"""
    code name startsOn endsOn active appliesTo {{ type subType }} partners productScope products tiers alwaysApply
    enrollmentRequired version limits {{ total perMemberDay perMemberWeek perMemberMonth perMemberYear perMemberEver }}
    rules {{ appliesTo expression text criteria {{ {CRITERION} }} actions {{ __typename {ACTIONS} }} }}
    program {{ code }}
"""
LIST = """query($filter: PromotionFilter, $order: PromotionOrderBy, $first: Int! = 20, $after: String) {
    promotions(filter: $filter, orderBy: $order, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { code } } } }"""
ONE = "query($program: String!, $code: String!) { promotion(program: $program, code: $code) { id code active } }"


@pytest.fixture
def client(database: Database) -> Client:
    return Client(database, ADMINISTRATOR)


def as_given(program: Program) -> dict[str, Any]:
    return {
        "program": program.code,
        "code": "SPRING",
        "name": "Spring",
        "startsOn": "2024-02-29",
        "endsOn": "2024-05-31",
        "appliesTo": [{"type": "ACCRUAL", "subType": "GIFT"}, {"type": "REDEMPTION"}],
        "partners": ["HOTEL"],
        "productScope": "EXCLUDED",
        "products": ["SKU 1"],
        "tiers": ["GOLD"],
        "alwaysApply": True,
        "enrollmentRequired": True,
        "limits": {"total": "1000000.5", "perMemberDay": 7},
        "rules": [
            {
                "appliesTo": "ATTRIBUTES",
                "expression": "transaction.amount > 1.5",
                "criteria": [
                    {"attribute": "transaction.amount", "operator": "BETWEEN", "values": ["10.00", 20]},
                    {"attribute": "transaction.amount", "operator": "LESS", "other": "transaction.basePoints", "factor": "1.10"},
                    {
                        "attribute": "quantity", "operator": "AT_LEAST", "values": [3], "lines": "SUM",
                        "where": [{"attribute": "product", "operator": "IN", "values": ["A", True]}],
                    },
                ],
                "actions": [
                    {"assignPoints": {"pointType": "POINTS", "qualifying": True, "constant": "25"}},
                    {"assignPoints": {
                        "attribute": "amount", "factor": "0.5", "lines": [], "startsAfterDays": 3,
                        "expiry": {"kind": "PERIOD", "length": 6},
                    }},
                    {"assignPoints": {"expression": "transaction.amount * 2"}},
                    {"assignPoints": {"table": {"nodes": [{"a": [1, None, {"b": "c"}]}]}}},
                    {"updateAttribute": {"attribute": "counters.visits", "operation": "ADD", "value": 1}},
                    {"updateAttribute": {"attribute": "member.attributes.on", "operation": "SET", "other": "transaction.date"}},
                    {"assignVoucher": {"voucherType": "CINEMA", "quantity": 2}},
                    {"changeTier": {"tierClass": "STATUS", "direction": "UP", "tier": "GOLD"}},
                    {"runRule": {"kind": "distance", "parameters": {"minimum": 500}}},
                ],
            },
            {"actions": []},
        ],
    }  # fmt: skip


def points(**values: Any) -> dict[str, Any]:
    usual = dict.fromkeys(
        ("pointType", "constant", "attribute", "expression", "table", "startsAfterDays", "expiry", "lines")
    )
    return {"__typename": "AssignPoints", **usual, "qualifying": False, "factor": "1", **values}


async def codes(client: Client, **variables: Any) -> list[str]:
    return [edge["node"]["code"] for edge in (await client.ask(LIST, **variables))["promotions"]["edges"]]


async def test_a_promotion_is_shown_as_it_was_given(database: Database, client: Client) -> None:
    program = await a_program(database)
    given = as_given(program)

    payload = await client.command("promotionCreate", f"promotion {{ {PROMOTION} }}", **given)

    assert payload["errors"] == []
    shown = payload["promotion"]
    first, second = shown.pop("rules")
    expiry = {"kind": "PERIOD", "length": 6, "unit": "MONTH", "month": 12, "day": 31, "snap": "NONE"}
    nothing: dict[str, Any] = {"other": None, "factor": None, "lines": None, "where": []}
    assert shown == {
        "code": "SPRING", "name": "Spring", "startsOn": "2024-02-29", "endsOn": "2024-05-31", "active": False,
        "appliesTo": [{"type": "ACCRUAL", "subType": "GIFT"}, {"type": "REDEMPTION", "subType": None}],
        "partners": ["HOTEL"], "productScope": "EXCLUDED", "products": ["SKU 1"], "tiers": ["GOLD"],
        "alwaysApply": True, "enrollmentRequired": True, "version": 1, "program": {"code": program.code},
        "limits": {
            "total": "1000000.5", "perMemberDay": "7", "perMemberWeek": None, "perMemberMonth": None,
            "perMemberYear": None, "perMemberEver": None,
        },
    }  # fmt: skip
    assert first["criteria"] == [
        {"attribute": "transaction.amount", "operator": "BETWEEN", "values": ["10.00", 20], **nothing,
         "text": "transaction.amount is between 10.00 and 20"},
        {"attribute": "transaction.amount", "operator": "LESS", "values": [], **nothing,
         "other": "transaction.basePoints", "factor": "1.10",
         "text": "transaction.amount is less than 1.1 times transaction.basePoints"},
        {"attribute": "quantity", "operator": "AT_LEAST", "values": [3], **nothing, "lines": "SUM",
         "where": [{"attribute": "product", "operator": "IN", "values": ["A", True]}],
         "text": "the sum of quantity over the lines where product is one of A, True is at least 3"},
    ]  # fmt: skip
    assert first["actions"] == [
        points(pointType="POINTS", qualifying=True, constant="25", text="gives 25 qualifying POINTS"),
        points(attribute="amount", factor="0.5", lines=[], startsAfterDays=3, expiry=expiry,
               text="gives points: 0.5 times the sum of amount over the lines, to be used 3 days after the transaction"),
        points(expression="transaction.amount * 2", text="gives points: transaction.amount * 2"),
        points(table={"nodes": [{"a": [1, None, {"b": "c"}]}]}, text="gives points by a table"),
        {"__typename": "UpdateAttribute", "attribute": "counters.visits", "operation": "ADD", "value": 1, "other": None,
         "text": "adds 1 to counters.visits"},
        {"__typename": "UpdateAttribute", "attribute": "member.attributes.on", "operation": "SET", "value": None,
         "other": "transaction.date", "text": "sets member.attributes.on to transaction.date"},
        {"__typename": "AssignVoucher", "voucherType": "CINEMA", "quantity": 2, "text": "gives 2 vouchers CINEMA"},
        {"__typename": "ChangeTier", "tierClass": "STATUS", "direction": "UP", "tier": "GOLD",
         "text": "moves the member up in STATUS to GOLD"},
        {"__typename": "RunRule", "kind": "distance", "version": 1, "parameters": {"minimum": 500},
         "text": "does what the rule kind distance, version 1, says"},
    ]  # fmt: skip
    assert (first["appliesTo"], first["expression"]) == ("ATTRIBUTES", "transaction.amount > 1.5")
    assert second == {
        "appliesTo": "TRANSACTION", "expression": None, "criteria": [], "actions": [], "text": "Does nothing.",
    }  # fmt: skip


async def test_a_promotion_begins_simple(database: Database, client: Client) -> None:
    program = await a_program(database)
    rule = {
        "criteria": [{"attribute": "transaction.amount", "operator": "GREATER", "values": [100]}],
        "actions": [{"assignPoints": {"constant": 25}}],
    }
    given = {"program": program.code, "code": "BIG", "name": "Big", "startsOn": "2024-01-01", "rules": [rule]}
    shown = "promotion { endsOn appliesTo { type } productScope alwaysApply rules { text } problems { message } }"

    payload = await client.command("promotionCreate", shown, **given)

    assert payload["promotion"] == {
        "endsOn": None, "appliesTo": [], "productScope": "ALL", "alwaysApply": False, "problems": [],
        "rules": [{"text": "Gives 25 points if transaction.amount is more than 100."}],
    }  # fmt: skip


async def test_a_change_tells_what_is_not_given_from_what_is_taken_away(database: Database, client: Client) -> None:
    program = await a_program(database)
    await client.command("promotionCreate", "promotion { version }", **as_given(program))
    key = {"program": program.code, "promotion": "SPRING"}
    shown = "promotion { version name endsOn partners limits { total } rules { text } }"

    kept = await client.command("promotionUpdate", shown, **key, expectedVersion=1, name="Summer", rules=[])
    taken = await client.command(
        "promotionUpdate", shown, **key, expectedVersion=2, endsOn=None, partners=[], limits={}
    )

    assert kept["promotion"] == {
        "version": 2, "name": "Summer", "endsOn": "2024-05-31", "partners": ["HOTEL"], "limits": {"total": "1000000.5"},
        "rules": [],
    }  # fmt: skip
    assert taken["promotion"] == {
        "version": 3, "name": "Summer", "endsOn": None, "partners": [], "limits": {"total": None}, "rules": [],
    }  # fmt: skip


async def test_a_promotion_is_activated_and_taken_out(database: Database, client: Client) -> None:
    program = await a_program(database)
    draft = await a_draft_promotion(database, program)
    key = {"program": program.code, "promotion": draft.code}
    shown = "promotion { active program { version } }"

    active = await client.command("promotionActivate", shown, **key, expectedVersion=1)
    refused = await client.refused("promotionUpdate", **key, expectedVersion=1, name="Other")
    inactive = await client.command("promotionDeactivate", shown, **key)

    assert active == {"errors": [], "promotion": {"active": True, "program": {"version": program.version + 1}}}
    assert refused == [("PROMOTION_ACTIVE", "promotion")]
    assert inactive == {"errors": [], "promotion": {"active": False, "program": {"version": program.version + 2}}}


async def test_what_stands_against_activation_is_shown_before_and_refused_then(
    database: Database, client: Client
) -> None:
    program = await a_program(database)
    await client.command("promotionCreate", "promotion { version }", **as_given(program))
    query = """query($program: String!) { promotion(program: $program, code: "SPRING") {
        problems { __typename code path ... on UnknownAttribute { attribute } } } }"""

    problems = (await client.ask(query, program=program.code))["promotion"]["problems"]
    refused = await client.refused("promotionActivate", program=program.code, promotion="SPRING")

    assert ("NOT_FOUND", "promotion.rules.0.actions.6.voucherType") in refused
    assert [(each["code"], ".".join(["promotion", *each["path"]])) for each in problems] == refused
    assert {
        "__typename": "UnknownAttribute", "code": "UNKNOWN_ATTRIBUTE", "attribute": "member.attributes.on",
        "path": ["rules", "0", "actions", "5", "attribute"],
    } in problems  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"actions": [{"assignPoints": {}, "runRule": {"kind": "x", "parameters": {}}}]}, "exactly one key"),
        ({"actions": [{}]}, "exactly one key"),
        ({"actions": [{"assignPoints": {"constant": 1.5}}]}, "Points"),
        ({"actions": [], "criteria": [{"attribute": "x", "operator": "LIKE", "values": [1]}]}, "Operator"),
        ({"actions": [], "criteria": [{"attribute": "x", "operator": "IN", "values": [None]}]}, "Value"),
        ({"actions": [], "criteria": [{"attribute": "x", "operator": "IN", "values": [[1]]}]}, "'value'"),
    ],
)
async def test_a_rule_of_the_wrong_shape_is_no_request(
    database: Database, client: Client, rule: dict[str, Any], message: str
) -> None:
    program = await a_program(database)
    given = {"program": program.code, "code": "BIG", "name": "Big", "startsOn": "2024-01-01", "rules": [rule]}
    query = "mutation($input: PromotionCreateInput!) { promotionCreate(input: $input) { errors { message } } }"

    _, [error] = await client.execute(query, input=given)

    assert message in error.message
    assert await codes(client, filter={"program": program.code}) == []


async def test_values_in_a_document_are_exact(database: Database, client: Client) -> None:
    program = await a_program(database)
    query = """mutation($program: String!) { promotionCreate(input: {
        program: $program, code: "EXACT", name: "Exact", startsOn: "2024-01-01", rules: [{ actions: [], criteria: [
            { attribute: "x", operator: IN, values: [0.1, 123456789012345.000001, "0.1", true] }
    ] }] }) { promotion { rules { criteria { values } } } } }"""

    data = await client.ask(query, program=program.code)

    [rule] = data["promotionCreate"]["promotion"]["rules"]
    assert rule["criteria"] == [{"values": [0.1, "123456789012345.000001", "0.1", True]}]


async def test_promotions_are_listed_filtered_and_paged(database: Database, client: Client) -> None:
    program = await a_program(database)
    await a_promotion(database, program, code="C", name="Cheese", ends_on=date(2024, 5, 31))
    await a_draft_promotion(database, program, code="B", name="Bread", starts_on=date(2024, 3, 1))
    await a_draft_promotion(database, program, code="A", name="Apples 100%", starts_on=date(2026, 1, 1))
    mine = {"program": program.code}
    page = {"filter": mine, "order": {"field": "STARTS_ON", "direction": "DESC"}, "first": 2}

    first = (await client.ask(LIST, **page))["promotions"]
    second = (await client.ask(LIST, **page, after=first["pageInfo"]["endCursor"]))["promotions"]

    assert [[edge["node"]["code"] for edge in each["edges"]] for each in (first, second)] == [["A", "B"], ["C"]]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (
        3,
        True,
        False,
    )
    assert await codes(client, filter={**mine, "active": True}) == ["C"]
    assert await codes(client, filter={**mine, "on": "2024-05-31"}) == ["B", "C"]
    assert await codes(client, filter={**mine, "on": "2024-06-01"}) == ["B"]
    assert await codes(client, filter={**mine, "search": "0%"}) == ["A"]
    assert await codes(client, filter=mine, order={"field": "NAME"}) == ["A", "B", "C"]
    assert await codes(client, filter={"program": "NOWHERE"}) == []


async def test_a_program_shows_its_promotions(database: Database, client: Client) -> None:
    program, other = await a_program(database), await a_program(database)
    await a_promotion(database, program, code="ACTIVE")
    await a_draft_promotion(database, program, code="DRAFT")
    await a_promotion(database, other)
    query = """query($code: String!) { program(code: $code) {
        all: promotions { edges { node { code } } }
        active: promotions(filter: { active: true }) { totalCount edges { node { code } } } } }"""

    shown = (await client.ask(query, code=program.code))["program"]

    assert [edge["node"]["code"] for edge in shown["all"]["edges"]] == ["ACTIVE", "DRAFT"]
    assert shown["active"] == {"totalCount": 1, "edges": [{"node": {"code": "ACTIVE"}}]}


async def test_who_may_see_a_promotion_finds_it_by_id_and_code(database: Database, client: Client) -> None:
    program = await a_program(database)
    draft, active = await a_draft_promotion(database, program), await a_promotion(database, program)
    partner = Client(database, somebody(Role.PARTNER_APPROVER, partner=await a_partner(database, program)))
    member = Client(database, herself(await a_member(database, program)))
    stranger = Client(database, somebody(Role.MSR, program=await a_draft(database)))

    async def seen(who: Client, code: str) -> bool:
        return (await who.ask(ONE, program=program.code, code=code))["promotion"] is not None

    assert [await seen(each, draft.code) for each in (client, partner, member, stranger)] == [True, False, False, False]
    assert [await seen(each, active.code) for each in (client, partner, member, stranger)] == [True, True, True, False]
    found = (await client.ask(ONE, program=program.code, code=draft.code))["promotion"]
    node = "query($id: ID!) { node(id: $id) { id ... on Promotion { code active } } }"
    assert (await client.ask(node, id=found["id"]))["node"] == found
    assert (await member.ask(node, id=found["id"]))["node"] is None
    assert (await client.ask(ONE, program="NOWHERE", code=draft.code))["promotion"] is None


async def test_a_member_joins_and_sees_what_it_joined(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    first = await a_promotion(database, program, gives(1), enrollment_required=True)
    await joins(database, program, member, first)
    second = await a_promotion(database, program, gives(1), enrollment_required=True)
    client = Client(database, herself(member))
    given = {"program": program.code, "promotion": second.code, "member": {"number": member.number}}
    shown = "replayed enrollment { member { number promotions { promotion { code } createdAt } } promotion { code } }"

    joined = await client.command("promotionEnroll", shown, **given)
    again = await client.command("promotionEnroll", "replayed enrollment { promotion { code } }", **given)

    enrollment = joined["enrollment"]
    assert (joined["errors"], joined["replayed"], enrollment["promotion"]) == ([], False, {"code": second.code})
    assert [each["promotion"]["code"] for each in enrollment["member"]["promotions"]] == [first.code, second.code]
    assert all(each["createdAt"].endswith("+00:00") for each in enrollment["member"]["promotions"])
    assert again == {"errors": [], "replayed": True, "enrollment": {"promotion": {"code": second.code}}}


async def test_steps_are_given_kept_shown_and_taken_away(database: Database, client: Client) -> None:
    program = await a_program(database)
    steps = {
        "counter": "counters.flights", "countsThrough": "2026-04-10", "qualifying": True,
        "steps": [{"count": "3", "points": "1000"}, {"count": "4", "points": "3000"}],
    }  # fmt: skip
    count = {"updateAttribute": {"attribute": "counters.flights", "operation": "ADD", "value": 1}}
    given = {
        "program": program.code,
        "code": "SPRING",
        "name": "Spring",
        "startsOn": "2026-03-01",
        "endsOn": "2026-03-31",
    }
    shown = (
        "promotion { steps { counter countsThrough pointType qualifying steps { count points } } problems { code } }"
    )

    created = await client.command("promotionCreate", shown, **given, rules=[{"actions": [count]}], steps=steps)
    edit = {"program": program.code, "promotion": "SPRING"}
    kept = await client.command("promotionUpdate", shown, **edit, expectedVersion=1, name="The same")
    gone = await client.command("promotionUpdate", shown, **edit, expectedVersion=2, steps=None)

    assert created["promotion"] == {"steps": {**steps, "pointType": None}, "problems": []}
    assert kept["promotion"] == created["promotion"]
    assert gone["promotion"] == {"steps": None, "problems": []}


async def test_an_attribute_is_defined(database: Database, client: Client) -> None:
    program = await a_program(database)
    given = {"program": program.code, "path": "line.attributes.department", "type": "TEXT"}
    shown = "replayed program { version attributes { path type } }"
    expected = {"version": program.version + 1, "attributes": [{"path": "line.attributes.department", "type": "TEXT"}]}

    assert await client.command("attributeDefine", shown, **given) == {
        "errors": [], "replayed": False, "program": expected,
    }  # fmt: skip
    assert (await client.command("attributeDefine", shown, **given))["replayed"] is True
    assert await client.refused("attributeDefine", **{**given, "type": "DATE"}) == [("ATTRIBUTE_TYPE_FIXED", "type")]
    assert await client.refused("attributeDefine", **{**given, "path": "tier.code"}) == [("INVALID_INPUT", "path")]


@pytest.mark.parametrize(
    "name", ["promotionCreate", "promotionUpdate", "promotionActivate", "promotionDeactivate", "attributeDefine"]
)
@pytest.mark.parametrize("role", [Role.MSR, Role.MANAGER, Role.MEMBER])
async def test_who_makes_no_promotions(database: Database, name: str, role: Role) -> None:
    client = Client(database, somebody(role))
    code = a_code()
    given = {
        "promotionCreate": {"program": code, "code": "A", "name": "A", "startsOn": "2024-01-01"},
        "promotionUpdate": {"program": code, "promotion": "A", "expectedVersion": 1},
        "attributeDefine": {"program": code, "path": "counters.a", "type": "NUMBER"},
    }.get(name, {"program": code, "promotion": "A"})
    kind = f"{name[:1].upper()}{name[1:]}Input"

    _, [error] = await client.execute(
        f"mutation($input: {kind}!) {{ {name}(input: $input) {{ errors {{ code }} }} }}", input=given
    )

    assert error.extensions == {"code": "FORBIDDEN"}
