"""Partner programs themselves: drafted, changed, activated, read-only from then on, and shown to whom they concern."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from domain.calendars import add_months
from domain.partner_programs import ApprovalMethod, shortest
from domain.people import Role
from domain.store.database import Database
from schema.ids import seal
from tests.partner_programs.guild import BEGIN, a_guild
from tests.support.factories import a_code, a_person, a_program, acting, somebody
from tests.support.graphql import Client
from tests.support.members import a_member, herself

DAY = timedelta(days=1)
ADMINISTRATOR = somebody(Role.PARTNER_PROGRAM_ADMINISTRATOR)
FIELDS = """code name kind timeZone status startsOn endsOn approvalMethod membershipMonths renewalDays graceDays
    mayApply mayRenew lines { code description months } entitlements { code description } expireLinesAtEnd
    owner { subject } version"""
GIVEN: dict[str, Any] = {
    "name": "Gold", "kind": "LEVEL", "timeZone": "Europe/Berlin", "startsOn": "2025-01-01", "endsOn": "2030-12-31",
}  # fmt: skip
NAMES = "query($filter: PartnerProgramFilter) { partnerPrograms(filter: $filter) { edges { node { code } } } }"


async def codes(client: Client, **filter: Any) -> list[str]:
    return [edge["node"]["code"] for edge in (await client.ask(NAMES, filter=filter))["partnerPrograms"]["edges"]]


async def test_a_partner_program_is_drafted_changed_and_activated(database: Database) -> None:
    owner, code = await a_person(database, Role.PARTNER_PROGRAM_ADMINISTRATOR), a_code("G")
    client = Client(database, acting(owner))
    created = await client.command("partnerProgramCreate", f"partnerProgram {{ {FIELDS} }}", code=code, **GIVEN)
    assert created["partnerProgram"] == {
        **GIVEN, "code": code, "status": "PENDING", "approvalMethod": "MANUAL", "membershipMonths": 12,
        "renewalDays": 60, "graceDays": 30, "mayApply": "EVERYBODY", "mayRenew": "EVERYBODY", "lines": [],
        "entitlements": [], "expireLinesAtEnd": False, "owner": {"subject": owner.subject}, "version": 1,
    }  # fmt: skip

    change = {
        "partnerProgram": code, "expectedVersion": 1, "name": "Platinum", "approvalMethod": "APPROVAL_LIST",
        "lines": [{"code": "TERMS", "description": "Terms", "months": 6}], "graceDays": 0, "mayRenew": "LISTED",
        "entitlements": [{"code": "LOGO", "description": "Use of the logo"}], "expireLinesAtEnd": True,
    }  # fmt: skip
    shown = "partnerProgram { name version kind graceDays mayRenew lines { months } entitlements { code } }"
    changed = await client.command("partnerProgramUpdate", shown, **change)
    assert changed["partnerProgram"] == {
        "name": "Platinum", "version": 2, "kind": "LEVEL", "graceDays": 0, "mayRenew": "LISTED",
        "lines": [{"months": 6}], "entitlements": [{"code": "LOGO"}],
    }  # fmt: skip
    assert await client.refused("partnerProgramUpdate", **change) == [("VERSION_CONFLICT", "expectedVersion")]

    active = await client.command("partnerProgramActivate", "partnerProgram { status version }", partnerProgram=code)
    assert active["partnerProgram"] == {"status": "ACTIVE", "version": 3}
    again = {**change, "expectedVersion": 3}
    assert await client.refused("partnerProgramUpdate", **again) == [("PARTNER_PROGRAM_READ_ONLY", "partnerProgram")]
    twice = await client.refused("partnerProgramActivate", partnerProgram=code)
    assert twice == [("PARTNER_PROGRAM_READ_ONLY", "partnerProgram")]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"startsOn": "2025-01-01", "endsOn": "2024-12-31"}, ("DATES_BACKWARD", "endsOn")),
        ({"endsOn": "3000-01-01"}, ("INVALID_INPUT", "endsOn")),
        ({"renewalDays": 365}, ("WINDOW_TOO_LONG", "renewalDays")),
        ({"graceDays": 366}, ("WINDOW_TOO_LONG", "graceDays")),
        ({"membershipMonths": 1, "renewalDays": 27, "graceDays": 29}, ("WINDOW_TOO_LONG", "graceDays")),
        ({"membershipMonths": 1, "renewalDays": 28, "graceDays": 28}, ("WINDOW_TOO_LONG", "renewalDays")),
        ({"renewalDays": -1}, ("INVALID_INPUT", "renewalDays")),
        ({"membershipMonths": 0}, ("INVALID_INPUT", "membershipMonths")),
        ({"timeZone": "Mars/Olympus"}, ("UNKNOWN_TIME_ZONE", "timeZone")),
        ({"name": " "}, ("INVALID_INPUT", "name")),
        ({"kind": ""}, ("INVALID_INPUT", "kind")),
        ({"owner": "nobody"}, ("NOT_FOUND", "owner")),
        ({"lines": [{"code": "A", "description": "x", "months": 13}]}, ("INVALID_INPUT", "lines.0.months")),
        ({"lines": [{"code": "A", "description": "x"}] * 2}, ("ALREADY_EXISTS", "lines.1.code")),
        ({"entitlements": [{"code": "a b", "description": "x"}]}, ("INVALID_INPUT", "entitlements.0.code")),
        ({"entitlements": [{"code": f"E{i}", "description": "x"} for i in range(51)]}, ("TOO_MANY", "entitlements")),
    ],
)
async def test_what_cannot_be_a_partner_program_is_refused_by_name(
    database: Database, given: dict[str, Any], expected: tuple[str, str]
) -> None:
    client = Client(database, ADMINISTRATOR)
    code = a_code("G")
    assert await client.refused("partnerProgramCreate", **{**GIVEN, "code": code, **given}) == [expected]
    assert await codes(client, search=code) == []
    await client.command("partnerProgramCreate", "__typename", code=code, **GIVEN)
    change = {"partnerProgram": code, "expectedVersion": 1, **given}
    assert await client.refused("partnerProgramUpdate", **change) == [expected]


async def test_a_code_is_taken_once_and_a_program_that_has_ended_is_not_activated(database: Database) -> None:
    client, code = Client(database, ADMINISTRATOR), a_code("G")
    over = {**GIVEN, "code": code, "startsOn": "2020-01-01", "endsOn": "2020-12-31"}
    await client.command("partnerProgramCreate", "__typename", **over)
    assert await client.refused("partnerProgramCreate", **over) == [("ALREADY_EXISTS", "code")]
    assert await client.refused("partnerProgramActivate", partnerProgram=code) == [("DATES_BACKWARD", "partnerProgram")]
    assert await client.refused("partnerProgramActivate", partnerProgram="NONE") == [("NOT_FOUND", "partnerProgram")]


def test_the_shortest_stretch_of_months_is_the_shortest_from_any_day() -> None:
    days = [date(2023, 1, 1) + day * DAY for day in range(8 * 366)]
    for months in (1, 2, 3, 5, 6, 11, 12, 13, 24, 36):
        from_any_day = min((add_months(day, months) - day).days for day in days)
        assert shortest(months) in {from_any_day, from_any_day - 1}
        assert shortest(months) <= from_any_day


async def test_lists_of_partners_are_kept_while_a_program_is_active(database: Database) -> None:
    query = """query($code: String!, $list: EligibilityList!, $first: Int! = 20, $after: String) { partnerProgram(code: $code) {
        listed(list: $list, first: $first, after: $after) { totalCount pageInfo { endCursor } edges { node { code } } } } }"""
    async with a_guild(database) as guild:
        others = sorted([(await guild.another()).code for _ in range(2)])
        given = {"partnerProgram": guild.program.code, "list": "MAY_APPLY"}
        client = guild.client()

        async def shown(client: Client = client, which: str = "MAY_APPLY", **page: Any) -> list[str]:
            found = await client.ask(query, code=guild.program.code, list=which, **page)
            return [edge["node"]["code"] for edge in found["partnerProgram"]["listed"]["edges"]]

        for _ in range(2):
            await client.command("partnerProgramListChange", "__typename", **given, add=[*others, guild.partner.code])
        assert await shown() == sorted([*others, guild.partner.code])
        assert await shown(which="MAY_RENEW") == []
        assert await shown(guild.client(guild.representative)) == [guild.partner.code]
        for _ in range(2):
            await client.command("partnerProgramListChange", "__typename", **given, remove=[others[0]])
        assert await shown() == sorted([others[1], guild.partner.code])
        refused = await client.refused("partnerProgramListChange", **given, add=["NONE"], remove=[others[1], "NOBODY"])
        assert refused == [("NOT_FOUND", "add.0"), ("NOT_FOUND", "remove.1")]
        assert len(await shown()) == 2


async def test_partner_programs_are_listed_filtered_and_hidden_from_whom_they_do_not_concern(
    database: Database,
) -> None:
    async with a_guild(database, kind="CERTIFICATION") as guild, a_guild(database, active=False) as draft:
        both = [guild.program.code, draft.program.code]
        everybody, desk = guild.client(), guild.client(guild.representative)
        found = await codes(everybody, search=guild.program.code)
        assert found == [guild.program.code]
        assert await codes(everybody, status=["PENDING"], search=draft.program.code) == [draft.program.code]
        assert await codes(everybody, kind="CERTIFICATION", search=draft.program.code) == []
        assert [code for code in both if code in await codes(desk, search=code)] == [guild.program.code]
        one = "query($code: String!) { partnerProgram(code: $code) { code } }"
        assert await desk.ask(one, code=draft.program.code) == {"partnerProgram": None}
        club = await a_program(database)
        member = Client(database, herself(await a_member(database, club)))
        _, errors = await member.execute(one, code=guild.program.code)
        assert [(error.extensions or {})["code"] for error in errors] == ["FORBIDDEN"]
        node = "query($id: ID!) { node(id: $id) { __typename } }"
        assert await member.ask(node, id=seal("PartnerProgram", guild.program.id)) == {"node": None}


async def test_a_partner_sees_its_own_memberships_and_applications_only(database: Database) -> None:
    query = """query($id: ID!, $other: ID!) { memberships { edges { node { id } } } applications { edges { node { id } } }
        membership(id: $id) { id } hidden: membership(id: $other) { id } none: application(id: $id) { id } }"""
    async with a_guild(database, approval_method=ApprovalMethod.MANUAL) as guild:
        other = await guild.of_another()
        mine, theirs = await guild.member(), await other.member()
        own, foreign = seal("Membership", mine.id), seal("Membership", theirs.id)
        asked = await guild.on(mine.renewal_opens_on).renew(mine)
        await other.renew(theirs)
        seen = await guild.client(guild.representative).ask(query, id=own, other=foreign)
        assert seen == {
            "memberships": {"edges": [{"node": {"id": own}}]},
            "applications": {"edges": [{"node": {"id": seal("Application", asked.id)}}]},
            "membership": {"id": own}, "hidden": None, "none": None,
        }  # fmt: skip
        refused = await guild.client(guild.representative).refused("membershipRenew", id=foreign)
        assert refused == [("NOT_FOUND", "id")]


async def test_a_partner_shows_its_memberships_with_what_they_give_and_to_a_member_nothing(database: Database) -> None:
    query = """query($code: String!) { partner(code: $code) { memberships {
        status partnerProgram { code } lines { code status startsOn endsOn } entitlements { code startsOn endsOn }
        renews { status } moves { move toStatus effectiveOn person { subject } } availableMoves } } }"""
    async with a_guild(database) as guild:
        membership = await guild.member()
        await guild.on(membership.renewal_opens_on).renew(membership)
        [new, old] = (await guild.client().ask(query, code=guild.partner.code))["partner"]["memberships"]
        assert old == {
            "status": "CURRENT", "partnerProgram": {"code": guild.program.code},
            "lines": [
                {"code": "TERMS", "status": "CURRENT", "startsOn": "2025-01-15", "endsOn": "2026-01-14"},
                {"code": "LAUNCH", "status": "CURRENT", "startsOn": "2025-01-15", "endsOn": "2025-04-14"},
            ],
            "entitlements": [{"code": "LOGO", "startsOn": "2025-01-15", "endsOn": None}], "renews": None,
            "moves": [
                {"move": "ADD", "toStatus": "CURRENT", "effectiveOn": "2025-01-15",
                 "person": {"subject": guild.administrator.subject}},
            ],
            "availableMoves": ["REMOVE"],
        }  # fmt: skip
        assert (new["status"], new["renews"]) == ("APPROVED", {"status": "CURRENT"})
        club = await a_program(database)
        member = Client(database, herself(await a_member(database, club)))
        partner = await member.ask("query($id: ID!) { node(id: $id) { ... on Partner { memberships { status } } } }",
                                   id=seal("Partner", guild.partner.id))  # fmt: skip
        assert partner == {"node": None}


async def test_memberships_are_filtered_and_sorted(database: Database) -> None:
    query = """query($filter: MembershipFilter, $order: MembershipOrderBy) { memberships(filter: $filter, orderBy: $order) {
        totalCount edges { node { partner { code } } } } }"""
    async with a_guild(database) as guild:
        other = await guild.of_another()
        await guild.member()
        await other.on(date(2025, 3, 1)).member()
        await other.remove()
        here = {"partnerProgram": guild.program.code}

        async def found(order: dict[str, str] | None = None, **filter: Any) -> list[str]:
            answer = await guild.client().ask(query, filter={**here, **filter}, order=order or {})
            return [edge["node"]["partner"]["code"] for edge in answer["memberships"]["edges"]]

        first, second = guild.partner.code, other.partner.code
        assert await found() == [second, first]
        assert await found({"field": "ENDS_ON", "direction": "ASC"}) == [first, second]
        assert await found({"field": "BEGINS_ON"}) == [second, first]
        assert await found(status=["TERMINATED"]) == [second]
        assert await found(partner=first) == [first]
        assert await found(endsBefore="2026-01-15") == [first]
        assert await found(endsBefore="2026-01-14") == []


async def test_whoever_is_bound_to_one_loyalty_program_changes_no_partner_program(database: Database) -> None:
    async with a_guild(database) as guild:
        club = await a_program(database)
        bound = guild.client(somebody(Role.PARTNER_PROGRAM_ADMINISTRATOR, program=club))
        given = {**GIVEN, "code": a_code("G")}
        assert await bound.refused("partnerProgramCreate", **given) == [("NOT_ALLOWED", "")]
        named = {"partnerProgram": guild.program.code}
        assert await bound.refused("partnerProgramActivate", **named) == [("NOT_ALLOWED", "")]
        assert await bound.refused("membershipsAdd", **named, partners=[guild.partner.code]) == [("NOT_ALLOWED", "")]
        membership = await guild.member()
        key = seal("Membership", membership.id)
        assert await bound.refused("membershipRenew", id=key) == [("NOT_ALLOWED", "")]
        offered = await bound.ask("query($id: ID!) { membership(id: $id) { availableMoves } }", id=key)
        assert offered == {"membership": {"availableMoves": []}}


@pytest.mark.parametrize(
    "statement",
    [
        "update membership set begins_on = begins_on where id = {0}",
        "update membership set status = 'CURRENT', closed_on = null where id = {0}",
        "update agreement_line set status = 'CURRENT' where membership_id = {0}",
        "update entitlement set ends_on = null where membership_id = {0}",
        "update application set note = 'x' where membership_id = {0}",
        "delete from membership where id = {0}",
        "delete from agreement_line where membership_id = {0}",
    ],
)
async def test_the_database_itself_refuses_to_change_what_is_final(database: Database, statement: str) -> None:
    async with a_guild(database) as guild:
        await guild.apply()
        [membership] = await guild.memberships()
        await guild.remove()
        with pytest.raises(IntegrityError, match="is refused"):
            async with guild.database.write() as writer:
                await writer.execute(text(statement.format(membership.id)))


async def test_the_database_itself_knows_one_membership_only(database: Database) -> None:
    async with a_guild(database) as guild:
        membership = await guild.member()
        again = f"""insert into membership (partner_program_id, partner_id, status, begins_on, ends_on, renewal_opens_on,
            renewal_ends_on) select partner_program_id, partner_id, 'IN_GRACE_PERIOD', begins_on, ends_on,
            renewal_opens_on, renewal_ends_on from membership where id = {membership.id}"""
        with pytest.raises(IntegrityError, match="uq_membership_live"):
            async with guild.database.write() as writer:
                await writer.execute(text(again))


async def test_a_day_is_one_of_the_programs_time_zone(database: Database) -> None:
    async with a_guild(database, time_zone="Pacific/Auckland") as guild:
        membership = await guild.member()
        assert membership.begins_on == BEGIN + DAY
