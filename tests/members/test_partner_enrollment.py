"""A partner enrols its customer: the member, the email to the administrators and the activity come together, or not at all."""

from typing import Any

import pytest
from sqlalchemy import text

from domain.activities import About, Activity, ActivityStatus, ActivityType
from domain.commands.activities import ActivityFilter
from domain.commands.members import MemberEnroll
from domain.commands.people import PersonUpdate
from domain.pages import PageRequest
from domain.people import ENGINE, Principal, Role
from domain.programs import Program
from domain.services.partner_enrollment import partner_member_enroll
from domain.services.people import person_update
from domain.store import activities
from domain.store.database import Database
from domain.store.keyset import page_of
from tests.support.factories import a_partner, a_person, a_program, acting, result_of, somebody
from tests.support.graphql import Client
from tests.support.members import a_member
from tests.support.refusals import places, problems_of

EMAILS = text(
    "select body::jsonb->>'to' as to, body::jsonb->>'subject' as subject, body from outbox"
    " where kind = 'EMAIL' and program_id = :program_id order by id"
)


async def emails(database: Database, program: Program) -> list[Any]:
    async with database.read() as reader:
        return list(await reader.execute(EMAILS, {"program_id": program.id}))


async def seen(database: Database, actor: Principal, program: Program) -> list[Activity]:
    listing = activities.listing(actor.scope, ActivityFilter(program=program.code), descending=False)
    page = await page_of(database, listing, PageRequest(100))
    return [edge.node for edge in page.edges]


async def administrator(database: Database, email: str | None, **values: Any) -> Any:
    return await a_person(database, Role.PROGRAM_ADMINISTRATOR, email=email, **values)


async def test_the_member_the_email_and_the_activity_come_in_one_commit(database: Database) -> None:
    program, other = await a_program(database), await a_program(database)
    hotel = await a_partner(database, program)
    desk = acting(await a_person(database, Role.PARTNER_REPRESENTATIVE, partner=hotel.code))
    await administrator(database, "own@example.com", program=program.code)
    await administrator(database, "own@example.com", program=program.code)
    await administrator(database, "other@example.com", program=other.code)
    await administrator(database, None, program=program.code)
    gone = await administrator(database, "gone@example.com", program=program.code)
    await person_update(database, ENGINE, PersonUpdate(person=gone.subject, expected_version=1, active=False))
    command = MemberEnroll(program=program.code, name="Grace Hopper", email="grace@example.com")
    member = result_of(await partner_member_enroll(database, desk, command))
    assert (member.enrolled_by_partner_id, member.enrolled_by_id) == (hotel.id, desk.person_id)
    own = [each for each in await emails(database, program) if each.to.endswith("own@example.com")]
    assert [(each.to, each.subject) for each in own] == [
        ("own@example.com", f"New loyalty member {member.number} in {program.name}")
    ]
    told = {each.to for each in await emails(database, program)}
    assert not {"other@example.com", "gone@example.com"} & told
    assert all("Grace" not in each.body and "grace" not in each.body for each in own)
    [activity] = await seen(database, desk, program)
    assert (activity.type, activity.status) == (ActivityType.NEW_LOYALTY_MEMBER, ActivityStatus.OPEN)
    assert (activity.partner_id, activity.about) == (hotel.id, About("Member", member.id))


async def test_without_the_notices_there_is_no_member(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    program = await a_program(database)
    hotel = await a_partner(database, program)
    desk = acting(await a_person(database, Role.PARTNER_REPRESENTATIVE, partner=hotel.code))

    async def breaks(*_: object, **__: object) -> None:
        raise OSError("the power is gone")

    monkeypatch.setattr(activities, "add", breaks)
    with pytest.raises(OSError, match="power"):
        await partner_member_enroll(database, desk, MemberEnroll(program=program.code, name="Ada"))
    async with database.read() as reader:
        count = text("select count(*) from member where program_id = :program_id")
        assert (await reader.execute(count, {"program_id": program.id})).scalar_one() == 0
    assert await emails(database, program) == []


async def test_nobody_is_told_of_whom_the_host_enrols_for_a_partner(database: Database) -> None:
    program = await a_program(database)
    hotel = await a_partner(database, program)
    await administrator(database, "own@example.com", program=program.code)
    msr = acting(await a_person(database, Role.MSR, program=program.code))
    await a_member(database, program, msr, enrolled_by_partner=hotel.code)
    assert await emails(database, program) == []
    assert await seen(database, ENGINE, program) == []


async def test_only_the_users_of_a_partner_that_takes_part_enrol_for_it(database: Database) -> None:
    program = await a_program(database)
    stranger = await a_partner(database, await a_program(database))
    command = MemberEnroll(program=program.code, name="Ada")
    msr = acting(await a_person(database, Role.MSR, program=program.code))
    assert places(await problems_of(partner_member_enroll(database, msr, command))) == [("NOT_ALLOWED", "input")]
    desk = acting(await a_person(database, Role.PARTNER_REPRESENTATIVE, partner=stranger.code))
    assert places(await problems_of(partner_member_enroll(database, desk, command))) == [("NOT_FOUND", "input.program")]


async def test_a_partner_sees_whom_it_enrolled_and_no_other(database: Database) -> None:
    program = await a_program(database)
    hotel, airline = await a_partner(database, program), await a_partner(database, program)
    desk = acting(await a_person(database, Role.PARTNER_REPRESENTATIVE, partner=hotel.code))
    rival = acting(await a_person(database, Role.PARTNER_APPROVER, partner=airline.code))
    made = await Client(database, desk).command(
        "partnerMemberEnroll", "member { id number status enrolledByPartner { code } }",
        program=program.code, name="Ada", identifiers=[{"value": f"C{program.id}"}],
    )  # fmt: skip
    assert made["member"]["enrolledByPartner"] == {"code": hotel.code}
    asked = "query($id: ID!) { node(id: $id) { __typename } members { edges { node { number } } } activities { edges { node { type } } } }"
    assert (await Client(database, desk).ask(asked, id=made["member"]["id"]))["node"] == {"__typename": "Member"}
    unseen = await Client(database, rival).ask(asked, id=made["member"]["id"])
    assert unseen == {"node": None, "members": {"edges": []}, "activities": {"edges": []}}


async def test_the_operation_is_for_partners(database: Database) -> None:
    query = 'mutation { partnerMemberEnroll(input: {program: "X", name: "Ada"}) { errors { code } } }'
    for role in (Role.MSR, Role.PROGRAM_ADMINISTRATOR, Role.MEMBER):
        _, errors = await Client(database, somebody(role)).execute(query)
        assert [each.extensions["code"] for each in errors if each.extensions] == ["FORBIDDEN"], role
