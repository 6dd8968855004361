"""Activities as clients see them: recorded by whatever causes them, listed by type, status and partner, closed once."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from domain.activities import About, ActivityType, NewActivity
from domain.partners import Partner
from domain.people import ENGINE, Principal, Role
from domain.store import activities
from domain.store.database import Database
from tests.support.factories import a_partner, a_person, a_program, acting, somebody
from tests.support.graphql import Client
from tests.support.members import a_member, herself

ADMINISTRATOR = somebody(Role.PARTNER_PROGRAM_ADMINISTRATOR)
LIST = """query($filter: ActivityFilter, $order: ActivityOrderBy, $first: Int! = 20, $after: String) {
    activities(filter: $filter, orderBy: $order, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor }
        edges { node { id type status subject owner { subject } partner { code } program { code }
                       about { __typename id } createdBy { subject } closedBy { subject } closedAt comment } } } }"""
CLOSED = "activity { status comment closedBy { subject } }"


async def an_activity(database: Database, subject: str, actor: Principal = ENGINE, **values: Any) -> None:
    new = NewActivity(**{"type": ActivityType.NEW_LOYALTY_MEMBER, "subject": subject, **values})
    async with database.write() as writer:
        await activities.add(writer, actor, await database.now(writer), new)


async def listed(client: Client, **variables: Any) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await client.ask(LIST, **variables))["activities"]["edges"]]


async def subjects(client: Client, **variables: Any) -> list[str]:
    return [each["subject"] for each in await listed(client, **variables)]


async def of_partner(client: Client, partner: Partner) -> str:
    [only] = await listed(client, filter={"partner": partner.code})
    assert isinstance(only["id"], str)
    return only["id"]


async def test_an_activity_says_what_happened_to_whom_and_who_should_see_to_it(database: Database) -> None:
    program, partner = await a_program(database), await a_partner(database)
    owner = await a_person(database, Role.PARTNER_MANAGER)
    desk = await a_person(database, Role.PARTNER_REPRESENTATIVE, partner=partner.code)
    member = await a_member(database, program)
    of_whom: dict[str, Any] = {"owner_id": owner.id, "partner_id": partner.id, "about": About("Member", member.id)}
    await an_activity(database, "Ada enrolled", acting(desk), program_id=program.id, **of_whom)

    [shown] = await listed(Client(database, ADMINISTRATOR), filter={"partner": partner.code})

    assert shown.pop("id")
    assert shown["about"].pop("id")
    assert shown == {
        "type": "NEW_LOYALTY_MEMBER", "status": "OPEN", "subject": "Ada enrolled", "owner": {"subject": owner.subject},
        "partner": {"code": partner.code}, "program": {"code": program.code}, "about": {"__typename": "Member"},
        "createdBy": {"subject": desk.subject}, "closedBy": None, "closedAt": None, "comment": None,
    }  # fmt: skip


async def test_activities_are_listed_by_type_status_partner_program_and_owner(database: Database) -> None:
    program, one, other = await a_program(database), await a_partner(database), await a_partner(database)
    owner = await a_person(database, Role.PARTNER_MANAGER)
    renewal: dict[str, Any] = {"type": ActivityType.RENEWAL_APPLICATION, "partner_id": one.id}
    await an_activity(database, "first", partner_id=one.id, program_id=program.id)
    await an_activity(database, "second", owner_id=owner.id, **renewal)
    await an_activity(database, "third", partner_id=other.id)
    client, of_one = Client(database, ADMINISTRATOR), {"partner": one.code}
    assert await subjects(client, filter=of_one) == ["second", "first"]
    assert await subjects(client, filter=of_one, order={"direction": "ASC"}) == ["first", "second"]
    assert await subjects(client, filter={**of_one, "type": ["RENEWAL_APPLICATION"]}) == ["second"]
    assert await subjects(client, filter={"program": program.code}) == ["first"]
    assert await subjects(client, filter={"owner": owner.subject}) == ["second"]
    assert await subjects(client, filter={"partner": other.code}) == ["third"]
    assert await subjects(client, filter={"partner": "NONE"}) == []
    page = (await client.ask(LIST, filter=of_one, first=1))["activities"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (2, True)
    assert await subjects(client, filter=of_one, first=1, after=page["pageInfo"]["endCursor"]) == ["first"]

    second = (await listed(client, filter={"owner": owner.subject}))[0]["id"]
    await client.command("activityClose", CLOSED, id=second)
    assert await subjects(client, filter={**of_one, "status": ["OPEN"]}) == ["first"]
    assert await subjects(client, filter={**of_one, "status": ["DONE"]}) == ["second"]


async def test_an_activity_is_closed_once(database: Database) -> None:
    partner, closer = await a_partner(database), await a_person(database, Role.PARTNER_PROGRAM_ADMINISTRATOR)
    await an_activity(database, "to do", partner_id=partner.id)
    client = Client(database, acting(closer))
    key = await of_partner(client, partner)

    closed = await client.command("activityClose", CLOSED, id=key, comment="called them")

    by = {"subject": closer.subject}
    assert closed["activity"] == {"status": "DONE", "comment": "called them", "closedBy": by}
    again = await client.command("activityClose", CLOSED, id=key, comment="and again")
    assert again["activity"] is None
    [error] = again["errors"]
    assert (error["code"], error["path"]) == ("ACTIVITY_DONE", ["input", "id"])
    [still] = await listed(client, filter={"partner": partner.code})
    assert still["comment"] == "called them"


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.PROGRAM_ADMINISTRATOR, True),
        (Role.PARTNER_MANAGER, True),
        (Role.PARTNER_PROGRAM_ADMINISTRATOR, True),
        (Role.MSR, False),
        (Role.MANAGER, False),
    ],
)
async def test_whoever_is_in_charge_closes_what_is_not_theirs(database: Database, role: Role, may: bool) -> None:
    partner = await a_partner(database)
    await an_activity(database, "to do", partner_id=partner.id)
    client = Client(database, somebody(role))
    key = await of_partner(client, partner)

    if may:
        assert (await client.command("activityClose", CLOSED, id=key))["activity"]["status"] == "DONE"
    else:
        assert await client.refused("activityClose", id=key) == [("NOT_ALLOWED", "id")]


async def test_an_owner_closes_their_own_whatever_their_role(database: Database) -> None:
    partner, owner = await a_partner(database), await a_person(database, Role.MSR)
    await an_activity(database, "to do", partner_id=partner.id, owner_id=owner.id)
    client = Client(database, acting(owner))

    closed = await client.command("activityClose", CLOSED, id=await of_partner(client, partner))

    assert closed["activity"]["status"] == "DONE"


async def test_everybody_sees_their_own_activities_only(database: Database) -> None:
    own, elsewhere, partner = await a_program(database), await a_program(database), await a_partner(database)
    other = await a_partner(database)
    await an_activity(database, "own program", partner_id=partner.id, program_id=own.id)
    await an_activity(database, "other program", partner_id=partner.id, program_id=elsewhere.id)
    await an_activity(database, "no program", partner_id=partner.id)
    await an_activity(database, "other partner", partner_id=other.id)
    member = await a_member(database, own)
    everybody = Client(database, ADMINISTRATOR)
    hidden = await of_partner(everybody, other)

    desk = Client(database, somebody(Role.PARTNER_APPROVER, partner=partner))
    assert await subjects(desk) == ["no program", "other program", "own program"]
    assert await desk.refused("activityClose", id=hidden) == [("NOT_FOUND", "id")]
    bound = Client(database, somebody(Role.PARTNER_MANAGER, program=own))
    assert await subjects(bound, filter={"partner": partner.code}) == ["no program", "own program"]
    _, errors = await Client(database, herself(member)).execute(LIST)
    assert [(error.extensions or {})["code"] for error in errors] == ["FORBIDDEN"]
    node = "query($id: ID!) { node(id: $id) { __typename } }"
    assert await desk.ask(node, id=hidden) == {"node": None}
    assert await Client(database, herself(member)).ask(node, id=hidden) == {"node": None}
    assert await everybody.ask(node, id=hidden) == {"node": {"__typename": "Activity"}}


async def test_a_partner_shows_its_activities_and_to_a_member_none(database: Database) -> None:
    program = await a_program(database)
    partner, member = await a_partner(database, program), await a_member(database, program)
    await an_activity(database, "first", partner_id=partner.id)
    await an_activity(database, "second", partner_id=partner.id)
    query = """query($code: String!, $status: [ActivityStatus!]) { partner(code: $code) {
        activities(status: $status) { edges { node { subject } } } } }"""

    async def shown(principal: Principal, **variables: Any) -> list[str]:
        found = (await Client(database, principal).ask(query, code=partner.code, **variables))["partner"]
        return [edge["node"]["subject"] for edge in found["activities"]["edges"]]

    assert await shown(ADMINISTRATOR) == ["second", "first"]
    assert await shown(ADMINISTRATOR, status=["DONE"]) == []
    assert await shown(herself(member)) == []


async def test_what_it_is_about_is_shown_to_whoever_may_see_it(database: Database) -> None:
    partner, other = await a_partner(database), await a_partner(database)
    await an_activity(database, "about", partner_id=partner.id, about=About("Partner", other.id))

    [own] = await listed(Client(database, somebody(Role.PARTNER_APPROVER, partner=partner)))

    assert own["about"] is None


async def test_the_database_keeps_status_and_moment_together(database: Database) -> None:
    partner = await a_partner(database)
    await an_activity(database, "to do", partner_id=partner.id)
    with pytest.raises(IntegrityError, match="ck_activity_closed"):
        async with database.write() as writer:
            await writer.execute(text(f"update activity set status = 'DONE' where partner_id = {partner.id}"))


async def test_a_refusal_names_what_is_wrong_and_where(database: Database) -> None:
    client = Client(database, ADMINISTRATOR)
    assert await client.refused("activityClose", id="nothing") == [("NOT_FOUND", "id")]
    partner = await a_partner(database)
    await an_activity(database, "to do", partner_id=partner.id)
    key = await of_partner(client, partner)
    assert await client.refused("activityClose", id=key, comment="x" * 1001) == [("INVALID_INPUT", "comment")]
