"""People as clients of the API see them."""

from typing import Any

import pytest

from domain.people import Role
from domain.store.database import Database
from tests.support.factories import a_code, a_draft, a_partner, a_person, acting, somebody
from tests.support.graphql import Client

ADMINISTRATOR = somebody(Role.PROGRAM_ADMINISTRATOR)
PERSON = """subject name email roles active version tierApprover transactionApprovalLimit loanApprovalLimit
    program { code } partner { code } manager { subject }"""
ONE = f"query($subject: String!) {{ person(subject: $subject) {{ id {PERSON} }} }}"
LIST = """query($filter: PersonFilter, $order: PersonOrderBy, $first: Int! = 20, $after: String) {
    people(filter: $filter, orderBy: $order, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { subject } } } }"""


@pytest.fixture
def client(database: Database) -> Client:
    return Client(database, ADMINISTRATOR)


async def subjects(client: Client, **variables: Any) -> list[str]:
    return [edge["node"]["subject"] for edge in (await client.ask(LIST, **variables))["people"]["edges"]]


async def test_a_person_is_created_changed_and_read(client: Client, database: Database) -> None:
    program, boss, subject = await a_draft(database), await a_person(database, Role.MANAGER), a_code("u")

    created = await client.command(
        "personCreate",
        f"person {{ {PERSON} }}",
        subject=subject,
        name="Ada",
        email="Ada@Example.org",
        roles=["MSR", "MANAGER"],
        program=program.code,
        manager=boss.subject,
        transactionApprovalLimit="1500.5",
    )
    expected = {
        "subject": subject,
        "name": "Ada",
        "email": "ada@example.org",
        "roles": ["MANAGER", "MSR"],
        "active": True,
        "version": 1,
        "tierApprover": False,
        "transactionApprovalLimit": "1500.5",
        "loanApprovalLimit": "0",
        "program": {"code": program.code},
        "partner": None,
        "manager": {"subject": boss.subject},
    }
    assert created == {"person": expected, "errors": []}

    await client.command("personUpdate", "person { id }", person=subject, expectedVersion=1, loanApprovalLimit=20)
    await client.command("personUpdate", "person { id }", person=subject, expectedVersion=2, email=None, manager=None)
    read = (await client.ask(ONE, subject=subject))["person"]
    node = await client.ask("query($id: ID!) { node(id: $id) { ... on Person { name } } }", id=read.pop("id"))
    assert read == {**expected, "loanApprovalLimit": "20", "email": None, "manager": None, "version": 3}
    assert node == {"node": {"name": "Ada"}}


async def test_a_partners_user_is_bound_to_the_partner(client: Client, database: Database) -> None:
    partner, subject = await a_partner(database), a_code("u")

    created = await client.command(
        "personCreate",
        "person { roles partner { code } }",
        subject=subject,
        name="Bo",
        roles=["PARTNER_REPRESENTATIVE"],
        partner=partner.code,
    )

    assert created["person"] == {"roles": ["PARTNER_REPRESENTATIVE"], "partner": {"code": partner.code}}


async def test_refusals_name_the_place_in_the_words_of_the_input(client: Client, database: Database) -> None:
    person = await a_person(database, Role.MANAGER)
    new = {"subject": a_code("u"), "name": "Ada", "roles": ["MSR"]}

    assert await client.refused("personCreate", **{**new, "subject": person.subject}) == [("ALREADY_EXISTS", "subject")]
    assert await client.refused("personCreate", **{**new, "roles": ["MSR", "MEMBER"]}) == [
        ("MIXED_ROLES", "roles"), ("MISSING_INPUT", "program"), ("MISSING_INPUT", "member"),
    ]  # fmt: skip
    assert await client.refused("personCreate", **new, email="?", manager="nobody", partner="NONE") == [
        ("INVALID_INPUT", "email"), ("INVALID_INPUT", "partner"), ("NOT_FOUND", "partner"), ("NOT_FOUND", "manager"),
    ]  # fmt: skip
    circle = {"person": person.subject, "expectedVersion": 1, "manager": person.subject}
    assert await client.refused("personUpdate", **circle) == [("MANAGER_CYCLE", "manager")]
    assert await client.refused("personUpdate", person=person.subject, expectedVersion=7) == [
        ("VERSION_CONFLICT", "expectedVersion")
    ]


async def test_people_of_another_program_do_not_exist(database: Database) -> None:
    own, other = await a_draft(database), await a_draft(database)
    mark = a_code("Z")
    mine = await a_person(database, subject=f"{mark}-1", program=own.code)
    foreign = await a_person(database, subject=f"{mark}-2", program=other.code)
    everywhere = await a_person(database, subject=f"{mark}-3")
    client = Client(database, somebody(Role.MSR, program=own))

    assert await subjects(client, filter={"search": mark}, order={"field": "SUBJECT"}) == [
        mine.subject, everywhere.subject,
    ]  # fmt: skip
    assert (await client.ask(ONE, subject=foreign.subject))["person"] is None


async def test_the_manager_of_a_partners_user_is_not_shown_to_it_if_an_employee(database: Database) -> None:
    partner, boss = await a_partner(database), await a_person(database, Role.MANAGER)
    user = await a_person(database, Role.PARTNER_APPROVER, partner=partner.code, manager=boss.subject)
    everything = Client(database, ADMINISTRATOR)
    id_ = (await everything.ask(ONE, subject=user.subject))["person"]["id"]
    query = "query($id: ID!) { node(id: $id) { ... on Person { subject manager { subject } } } }"

    assert (await everything.ask(query, id=id_))["node"]["manager"] == {"subject": boss.subject}
    seen = await Client(database, acting(user)).ask(query, id=id_)
    assert seen["node"] == {"subject": user.subject, "manager": None}


async def test_a_list_is_filtered_sorted_and_read_page_by_page(client: Client, database: Database) -> None:
    program, partner, mark = await a_draft(database), await a_partner(database), a_code("Z")
    boss = await a_person(database, Role.MANAGER, subject=f"{mark}-1", name="Zoe")
    clerk = await a_person(
        database, subject=f"{mark}-2", name="Ada", program=program.code, manager=boss.subject, active=False
    )
    user = await a_person(database, Role.PARTNER_APPROVER, subject=f"{mark}-3", name="Kim", partner=partner.code)
    search = {"search": mark}

    assert await subjects(client, filter=search) == [clerk.subject, user.subject, boss.subject]
    by_subject = {"field": "SUBJECT", "direction": "DESC"}
    assert await subjects(client, filter=search, order=by_subject) == [user.subject, clerk.subject, boss.subject]
    by_age = {"field": "CREATED_AT"}
    assert await subjects(client, filter=search, order=by_age) == [boss.subject, clerk.subject, user.subject]
    assert await subjects(client, filter={**search, "roles": ["MANAGER", "PARTNER_APPROVER"]}) == [
        user.subject, boss.subject,
    ]  # fmt: skip
    assert await subjects(client, filter={"manager": boss.subject}) == [clerk.subject]
    assert await subjects(client, filter={"program": program.code}) == [clerk.subject]
    assert await subjects(client, filter={"partner": partner.code}) == [user.subject]
    assert await subjects(client, filter={**search, "active": True}) == [user.subject, boss.subject]
    page = (await client.ask(LIST, filter=search, first=2))["people"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    assert await subjects(client, filter=search, first=2, after=page["pageInfo"]["endCursor"]) == [boss.subject]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("personCreate", {"subject": "u", "name": "U", "roles": ["MSR"]}),
        ("personUpdate", {"person": "u", "expectedVersion": 1}),
    ],
)
@pytest.mark.parametrize("role", [Role.MSR, Role.MANAGER, Role.PARTNER_APPROVER, Role.MEMBER])
async def test_only_program_administrators_change_people(
    database: Database, name: str, given: dict[str, Any], role: Role
) -> None:
    query = f"mutation($i: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $i) {{ errors {{ code }} }} }}"

    _, errors = await Client(database, somebody(role)).execute(query, i=given)

    assert [(error.extensions or {})["code"] for error in errors] == ["FORBIDDEN"]
