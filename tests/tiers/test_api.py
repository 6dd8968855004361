"""Tiers over HTTP: who may define them, what a member sees of its own, and errors with their places."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from domain.people import Role
from domain.store.database import Database
from tests.graphql.web import Caller, Web, serving
from tests.support.factories import a_code
from tests.support.members import by_number
from tests.tiers.club import Club, a_club

CLASS = {"code": "CLUB", "name": "Club", "sequence": 9, "model": "ROLLING"}


@pytest_asyncio.fixture
async def web(database: Database) -> AsyncIterator[Web]:
    """The application on the shared database."""
    async with serving(database) as web:
        yield web


@pytest_asyncio.fixture
async def club(database: Database) -> Club:
    """BASIC, GOLD and PLATINUM, and a member."""
    return await a_club(database)


async def test_a_program_shows_its_classes_and_their_tiers(web: Web, club: Club) -> None:
    anybody = await web.person(Role.MSR, program=club.program.code)
    data = await anybody.ask(
        "query($code: String!) { program(code: $code) { tierClasses { code tiers { code isDefault thresholds { atLeast"
        " pointType } } } } }",
        code=club.program.code,
    )
    gold, platinum = ([{"atLeast": each, "pointType": "POINTS"}] for each in ("500", "1000"))
    assert data["program"]["tierClasses"] == [
        {
            "code": "STATUS",
            "tiers": [
                {"code": "BASIC", "isDefault": True, "thresholds": []},
                {"code": "GOLD", "isDefault": False, "thresholds": gold},
                {"code": "PLATINUM", "isDefault": False, "thresholds": platinum},
            ],
        }
    ]


@pytest.mark.parametrize("role", [Role.MSR, Role.MANAGER, Role.PARTNER_MANAGER])
async def test_only_administrators_define_tiers(web: Web, club: Club, role: Role) -> None:
    somebody = await web.person(role, program=club.program.code)
    answer = await somebody.answer(
        "mutation($input: TierClassCreateInput!) { tierClassCreate(input: $input) { errors { code } } }",
        input={"program": club.program.code, **CLASS},
    )
    assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]


async def test_a_tier_is_changed_under_the_version_of_its_program(web: Web, club: Club) -> None:
    administrator = await web.person(Role.PROGRAM_ADMINISTRATOR, program=club.program.code)
    version = await version_of(administrator, club)
    change = {"program": club.program.code, "tier": "PLATINUM", "downgradeTo": "GOLD"}

    payload = await administrator.done("tierUpdate", "tier { downgradeTo }", expectedVersion=version, **change)

    assert payload["tier"] == {"downgradeTo": "GOLD"}
    refused = await administrator.refused("tierUpdate", expectedVersion=version, **change)
    assert refused == [("VERSION_CONFLICT", "expectedVersion")]
    again = {**change, "downgradeTo": None, "expectedVersion": version + 1}
    payload = await administrator.done("tierUpdate", "tier { downgradeTo }", **again)
    assert payload["tier"] == {"downgradeTo": None}


async def test_errors_name_their_places(web: Web, club: Club) -> None:
    administrator = await web.person(Role.PROGRAM_ADMINISTRATOR, program=club.program.code)
    threshold = {"atLeast": "5", "pointType": "MILES"}
    tier = {"code": "GOLD", "name": "Gold", "sequence": 3, "thresholds": [threshold]}
    refused = await administrator.refused("tierCreate", program=club.program.code, tierClass="STATUS", **tier)
    assert sorted(refused) == [
        ("ALREADY_EXISTS", "code"),
        ("INVALID_INPUT", "sequence"),
        ("NOT_FOUND", "thresholds.0.pointType"),
    ]
    nowhere = await administrator.refused("tierCreate", program=club.program.code, tierClass=a_code(), **tier)
    assert nowhere == [("NOT_FOUND", "tierClass")]


async def test_a_member_sees_its_own_tiers_and_nobody_elses(web: Web, club: Club) -> None:
    msr = await web.person(Role.MSR, program=club.program.code)
    login = await web.person(Role.MEMBER, program=club.program.code, member=by_number(club.member))
    mine = "query($id: ID!) { member(reference: {id: $id}) { tier { code } tiers { tier { code } endsOn reason } } }"
    number = {"program": club.program.code, "number": club.member.number}
    data = await msr.ask(
        "query($program: String!, $number: String!) { member(program: $program, reference: {number: $number}) { id } }",
        **number,
    )

    seen = await login.ask(mine, id=data["member"]["id"])

    assert seen["member"] == {
        "tier": {"code": "BASIC"},
        "tiers": [{"tier": {"code": "BASIC"}, "endsOn": None, "reason": None}],
    }
    stranger = await web.person(Role.MSR, program=(await a_club(web.database)).program.code)
    assert await stranger.ask(mine, id=data["member"]["id"]) == {"member": None}


async def test_a_request_waits_in_the_list_until_it_is_decided(web: Web, club: Club) -> None:
    msr = await web.person(Role.MSR, program=club.program.code)
    approver = await web.person(Role.MANAGER, program=club.program.code, tier_approver=True)
    member = {"program": club.program.code, "member": {"number": club.member.number}}
    payload = await msr.done("memberTierRequest", "tierRequest { id }", tier="GOLD", reason="Loyal", **member)
    waiting = "{ tierRequestsWaiting { edges { node { id tier { code } requestedBy { subject } } } } }"
    [edge] = (await approver.ask(waiting))["tierRequestsWaiting"]["edges"]
    assert edge["node"] == {
        "id": payload["tierRequest"]["id"],
        "tier": {"code": "GOLD"},
        "requestedBy": {"subject": msr.person.subject},
    }

    assert await msr.refused("memberTierRequestApprove", id=edge["node"]["id"]) == [("NOT_TIER_APPROVER", "id")]
    await approver.done("memberTierRequestReject", "tierRequest { status }", id=edge["node"]["id"], comment="No")

    assert (await approver.ask(waiting))["tierRequestsWaiting"]["edges"] == []


async def version_of(caller: Caller, club: Club) -> int:
    data = await caller.ask("query($code: String!) { program(code: $code) { version } }", code=club.program.code)
    return int(data["program"]["version"])
