"""Members as clients of the API meet them."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import event

from domain.commands.members import ConsentGiven
from domain.members import Identifier, Member, MemberStatus
from domain.people import Principal, Role
from domain.programs import Program
from domain.store import point_types
from domain.store.database import Database
from schema.ids import seal
from tests.members.ledgers import Ledger
from tests.members.ledgers import Program as LedgerProgram
from tests.support.factories import a_code, a_partner, a_person, a_point_type, a_program, acting, somebody
from tests.support.graphql import Client
from tests.support.members import a_member, at, herself

ADMINISTRATOR = somebody(Role.PROGRAM_ADMINISTRATOR)
PROFILE = """number kind name email phone birthDate language attributes status availableStatuses enrolledOn version
    address { lines city region postalCode country } identifiers { kind value } consents { purpose given }
    program { code } referrer { number } enrolledBy { subject } enrolledByPartner { code }"""
FIND = (
    "query($reference: MemberReference!, $program: String) { member(reference: $reference, program: $program) { id } }"
)


def msr(database: Database, program: Program | None = None) -> Client:
    return Client(database, somebody(Role.MSR, Role.PROGRAM_ADMINISTRATOR, program=program))


async def command(client: Client, mutation: str, shown: str, **given: Any) -> Any:
    """The payload of a mutation."""
    kind = f"{mutation[0].upper()}{mutation[1:]}Input!"
    errors = "errors { code message path }"
    query = f"mutation($input: {kind}) {{ {mutation}(input: $input) {{ {shown} {errors} }} }}"
    return (await client.ask(query, input=given))[mutation]


async def refused(client: Client, mutation: str, **given: Any) -> list[tuple[str, str]]:
    """Why a mutation is refused: the code of each problem, and where in the input it is."""
    errors = (await command(client, mutation, "__typename", **given))["errors"]
    return [(error["code"], ".".join(error["path"][1:])) for error in errors]


def global_id(member: Member) -> str:
    return seal("Member", member.id)


async def find(client: Client, program: Program | None = None, **reference: str) -> str | None:
    found = await client.ask(FIND, reference=reference, program=program and program.code)
    return found["member"] and found["member"]["id"]  # type: ignore[no-any-return]


async def test_a_member_is_enrolled_with_everything_that_is_known_of_it(database: Database) -> None:
    program = await a_program(database)
    partner = await a_partner(database, program)
    employee = await a_person(database, Role.MSR)
    referrer = await a_member(database, program)
    clock = at(database, datetime(2026, 5, 4, 12, tzinfo=UTC))
    payload = await command(
        Client(clock, acting(employee)),
        "memberEnroll",
        f"member {{ {PROFILE} balances {{ pointType available }} }}",
        program=program.code, name="Ada Lovelace", number="A-1", kind="ACCOUNT", status="PENDING",
        email="Ada@Example.com", phone="+49 30 901820", birthDate="1990-12-10", language="en",
        address={"lines": ["Main Street 1"], "city": "London", "country": "gb"},
        identifiers=[{"value": "C-1"}, {"kind": "APP", "value": "x"}],
        consents=[{"purpose": "NEWS", "given": True}], referrer={"number": referrer.number},
        attributes={"children": 2}, enrolledByPartner=partner.code,
    )  # fmt: skip
    await clock.close()
    assert payload["errors"] == []
    assert payload["member"] == {
        "number": "A-1", "kind": "ACCOUNT", "name": "Ada Lovelace", "email": "ada@example.com", "phone": "+4930901820",
        "birthDate": "1990-12-10", "language": "en", "attributes": {"children": 2}, "status": "PENDING",
        "availableStatuses": ["ACTIVE", "CANCELLED"], "enrolledOn": "2026-05-04", "version": 1,
        "address": {
            "lines": ["Main Street 1"], "city": "London", "region": None, "postalCode": None, "country": "GB",
        },
        "identifiers": [{"kind": "APP", "value": "x"}, {"kind": "CARD", "value": "C-1"}],
        "consents": [{"purpose": "NEWS", "given": True}], "program": {"code": program.code},
        "referrer": {"number": referrer.number}, "enrolledBy": {"subject": employee.subject},
        "enrolledByPartner": {"code": partner.code}, "balances": [{"pointType": "POINTS", "available": "0"}],
    }  # fmt: skip


async def test_what_is_wrong_with_an_enrolment_is_said_by_place_and_repeats_only_what_was_typed(
    database: Database,
) -> None:
    program = await a_program(database)
    await a_member(
        database, program, name="Secret Person", email="secret@example.com", identifiers=(Identifier("CARD", "C-1"),)
    )
    payload = await command(
        msr(database),
        "memberEnroll", "member { id }", program=program.code, name="Eve", email="nobody",
        identifiers=[{"value": "C-1"}], referrer={"id": seal("Member", 1)},
    )  # fmt: skip
    assert payload["member"] is None
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [
        ("INVALID_INPUT", ["input", "email"]),
        ("ALREADY_EXISTS", ["input", "identifiers", "0"]),
        ("NOT_FOUND", ["input", "referrer"]),
    ]
    assert "ecret" not in str(payload["errors"])


async def test_a_member_is_found_in_every_way(database: Database) -> None:
    program = await a_program(database)
    card = Identifier("APP", a_code())
    member = await a_member(database, program, email="ada@example.com", phone="+4930901820", identifiers=(card,))
    client, id_ = msr(database), global_id(member)
    assert await find(client, id=id_) == id_
    assert await find(client, program, id=id_) == id_
    assert await find(client, program, number=member.number) == id_
    assert await find(client, program, card=card.value) == id_
    assert await find(client, program, email="ADA@example.com") == id_
    assert await find(client, program, phone="0049 (30) 901820") == id_
    assert await find(msr(database, program), number=member.number) == id_  # bound to the program


async def test_nobody_is_null_and_several_are_an_error(database: Database) -> None:
    program = await a_program(database)
    for _ in range(2):
        await a_member(database, program, phone="+4930901820")
    client = msr(database)
    assert await find(client, program, number="NONE") is None
    for id_ in ("rubbish", seal("Program", program.id), seal("Member", 2**62)):
        assert await find(client, id=id_) is None
    data, [error] = await client.execute(FIND, reference={"phone": "+4930901820"}, program=program.code)
    assert data["member"] is None
    assert error.extensions == {"code": "AMBIGUOUS_MEMBER"}
    assert error.message == "2 members have this phone: name the member by number."
    data, [error] = await client.execute(FIND, reference={"phone": "+4930901820"})
    assert error.extensions == {"code": "MISSING_INPUT"}
    _, [error] = await client.execute(FIND, reference={"phone": "1", "email": "2"}, program=program.code)
    assert "exactly one" in error.message


async def test_of_several_with_one_email_the_one_who_has_not_left_is_meant(database: Database) -> None:
    program = await a_program(database)
    gone, here = [await a_member(database, program, email="ada@example.com") for _ in range(2)]
    client = msr(database)
    payload = await command(
        client,
        "memberStatusChange",
        "member { status }",
        member={"id": global_id(gone)},
        status="CANCELLED",
        reason="Asked to",
    )
    assert payload == {"member": {"status": "CANCELLED"}, "errors": []}
    assert await find(client, program, email="ada@example.com") == global_id(here)


async def test_a_change_names_what_changes_and_null_clears(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(
        database, program, email="ada@example.com", phone="+4930901820", birth_date=date(1990, 1, 1),
        consents=(ConsentGiven("NEWS", given=True),), attributes={"a": 1, "b": "x"},
    )  # fmt: skip
    payload = await command(
        msr(database),
        "memberUpdate",
        f"member {{ {PROFILE} changes {{ totalCount edges {{ node {{ version fields }} }} }} }}",
        member={"number": member.number}, program=program.code, expectedVersion=1, email=None, name="Ada King",
        consents=[{"purpose": "NEWS", "given": False}], attributes={"a": None, "c": True},
    )  # fmt: skip
    changed = payload["member"]
    assert payload["errors"] == []
    assert (changed["name"], changed["email"], changed["phone"]) == ("Ada King", None, "+4930901820")
    assert (changed["birthDate"], changed["version"]) == ("1990-01-01", 2)
    assert changed["consents"] == [{"purpose": "NEWS", "given": False}]
    assert changed["attributes"] == {"b": "x", "c": True}
    assert changed["changes"] == {
        "totalCount": 1, "edges": [{"node": {"version": 2, "fields": ["name", "email", "consents", "attributes"]}}],
    }  # fmt: skip


async def test_refused_changes_say_why(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    client, here = msr(database), {"id": global_id(member)}
    assert await refused(client, "memberUpdate", member=here, expectedVersion=7, name="x") == [
        ("VERSION_CONFLICT", "expectedVersion")
    ]
    assert await refused(client, "memberUpdate", member={"id": "rubbish"}, expectedVersion=1) == [
        ("NOT_FOUND", "member")
    ]
    assert await refused(client, "memberUpdate", member={"number": "1"}, expectedVersion=1) == [
        ("MISSING_INPUT", "program")
    ]
    assert await refused(client, "memberStatusChange", member=here, status="MERGED", reason="") == [
        ("MEMBER_STATUS_REFUSED", "status"), ("MISSING_INPUT", "reason"),
    ]  # fmt: skip
    allowed = await client.ask(
        """mutation($input: MemberStatusChangeInput!) { memberStatusChange(input: $input) {
            errors { ... on MemberStatusRefused { status wanted allowed } } } }""",
        input={"member": here, "status": "DORMANT", "reason": "Quiet"},
    )
    assert allowed["memberStatusChange"]["errors"] == [
        {"status": "ACTIVE", "wanted": "DORMANT", "allowed": ["SUSPENDED", "INACTIVE", "CANCELLED"]}
    ]


LIST = """query($filter: MemberFilter, $orderBy: MemberOrderBy, $first: Int! = 20, $after: String) {
    members(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { number } } } }"""


async def numbers(client: Client, **variables: Any) -> list[str]:
    found = await client.ask(LIST, **variables)
    return [edge["node"]["number"] for edge in found["members"]["edges"]]


async def test_members_are_listed_by_filter_and_order(database: Database) -> None:
    program = await a_program(database)
    partner = await a_partner(database, program)
    client = msr(database, program)
    clock = at(database, datetime(2020, 1, 1, tzinfo=UTC))
    await a_member(clock, program, number="100", name="Zoe Smith")
    await clock.close()
    await a_member(database, program, number="200", name="Anne-Marie O'Brien", enrolled_by_partner=partner.code)
    await a_member(database, program, number="1001", name="Bob Smithers", status=MemberStatus.PENDING)
    assert await numbers(client) == ["100", "1001", "200"]
    assert await numbers(client, orderBy={"field": "NAME"}) == ["200", "1001", "100"]
    assert await numbers(client, orderBy={"field": "ID", "direction": "DESC"}) == ["1001", "200", "100"]
    assert (await numbers(client, orderBy={"field": "ENROLLED_ON"}))[0] == "100"
    for wanted, expected in (
        ({"search": "smith"}, ["100", "1001"]),
        ({"search": "smithers b"}, ["1001"]),
        ({"search": "brien marie"}, ["200"]),
        ({"search": "O'Br"}, ["200"]),
        ({"search": "100"}, ["100", "1001"]),
        ({"search": "%"}, []),
        ({"search": "mith"}, []),
        ({"status": ["PENDING"]}, ["1001"]),
        ({"kind": "HOUSEHOLD"}, []),
        ({"enrolledThrough": "2020-01-01"}, ["100"]),
        ({"enrolledFrom": "2020-01-02"}, ["1001", "200"]),
        ({"enrolledByPartner": partner.code}, ["200"]),
        ({"program": "NONE"}, []),
    ):
        assert await numbers(client, filter=wanted) == expected, wanted


async def test_pages_of_members_meet_without_gap_or_overlap(database: Database) -> None:
    program = await a_program(database)
    for place in range(7):
        await a_member(database, program, number=f"N{place}", name=f"Name {place % 2}")
    client = msr(database, program)
    for order in ("NUMBER", "NAME", "ENROLLED_ON", "ID"):
        for direction in ("ASC", "DESC"):
            by, seen, after = {"field": order, "direction": direction}, [], None
            while True:
                page = (await client.ask(LIST, orderBy=by, first=3, after=after))["members"]
                seen += [edge["node"]["number"] for edge in page["edges"]]
                if not page["pageInfo"]["hasNextPage"]:
                    break
                after = page["pageInfo"]["endCursor"]
            assert seen == await numbers(client, orderBy=by)
            assert page["totalCount"] == len(seen) == 7


async def test_a_search_may_not_be_endless(database: Database) -> None:
    _, [error] = await msr(database).execute(LIST, filter={"search": "x" * 101})
    assert error.extensions == {"code": "INVALID_INPUT"}


async def visible(client: Client, *members: Member) -> list[bool]:
    found = await client.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=list(map(global_id, members)))
    return [one is not None for one in found["nodes"]]


async def test_everybody_sees_the_members_of_its_scope(database: Database) -> None:
    program, other = await a_program(database), await a_program(database)
    partner = await a_partner(database, program)
    partner_user = somebody(Role.PARTNER_REPRESENTATIVE, partner=partner)
    enrolled = await a_member(database, program, partner_user)
    served, stranger, elsewhere = [await a_member(database, one) for one in (program, program, other)]
    await Ledger(await by_hand(database, program), served.id).transaction(
        datetime(2026, 1, 1, tzinfo=UTC), partner_id=partner.id
    )
    all_of = (enrolled, served, stranger, elsewhere)
    expected: list[tuple[Principal, list[bool]]] = [
        (somebody(Role.MSR), [True, True, True, True]),
        (somebody(Role.MSR, program=program), [True, True, True, False]),
        (partner_user, [True, True, False, False]),
        (herself(served), [False, True, False, False]),
    ]
    for principal, seen in expected:
        client = Client(database, principal)
        assert await visible(client, *all_of) == seen
        assert [await find(client, id=global_id(one)) is not None for one in all_of] == seen
    assert await numbers(Client(database, partner_user)) == sorted([enrolled.number, served.number])


async def test_the_changes_of_a_member_are_for_those_who_maintain_it(database: Database) -> None:
    program = await a_program(database)
    partner = somebody(Role.PARTNER_REPRESENTATIVE, partner=await a_partner(database, program))
    other = somebody(Role.PARTNER_REPRESENTATIVE, partner=await a_partner(database, program))
    member = await a_member(database, program, partner)
    await command(
        Client(database, ADMINISTRATOR),
        "memberStatusChange",
        "member { id }",
        member={"id": global_id(member)},
        status="SUSPENDED",
        reason="Suspicion",
    )
    asked = (
        f'{{ node(id: "{global_id(member)}") {{ ... on Member {{ changes {{ edges {{ node {{ reason }} }} }} }} }} }}'
    )
    seen = [
        (await Client(database, who).ask(asked))["node"] for who in (ADMINISTRATOR, partner, herself(member), other)
    ]
    record = {"changes": {"edges": [{"node": {"reason": "Suspicion"}}]}}
    assert seen == [record, record, {"changes": {"edges": []}}, None]


async def test_balances_lots_and_what_expires_are_asked_of_the_member(database: Database) -> None:
    program = await a_program(database, decimals=2)
    await a_point_type(database, program, code="MILES")
    member = await a_member(database, program)
    ledger = Ledger(await by_hand(database, program), member.id)
    start = datetime(2026, 1, 10, 12, tzinfo=UTC)
    lot = await ledger.lot(1_050, start, expires_on=date(2026, 3, 31))
    await ledger.lot(200, start)
    await ledger.take(lot, 50, start.replace(day=20))
    await ledger.stored(available=1_200, earned=1_250, redeemed=50, changes_on=date(2026, 4, 1))
    asked = """query($id: ID!, $then: DateTime!) { node(id: $id) { ... on Member {
        now: balances { pointType available earned redeemed expired }
        then: balances(asOf: $then) { pointType available }
        soon: expiring(within: 30) { pointType expiresOn points } never: expiring(within: 5) { points }
        lots(filter: { pointType: "POINTS" }, orderBy: { field: EXPIRES_ON, direction: ASC }) {
            totalCount edges { node { id points remaining expiresOn uses { points } } } } } } }"""
    found = []
    for day in (15, 31):
        clock = at(database, datetime(2026, 3, day, 12, tzinfo=UTC))
        variables = {"id": global_id(member), "then": "2026-01-15T00:00:00Z"}
        found.append((await Client(clock, somebody(Role.MSR)).ask(asked, **variables))["node"])
        await clock.close()
    mid, end = found
    assert (
        mid["now"]
        == end["now"]
        == [
            {"pointType": "POINTS", "available": "12.00", "earned": "12.50", "redeemed": "0.50", "expired": "0.00"},
            {"pointType": "MILES", "available": "0", "earned": "0", "redeemed": "0", "expired": "0"},
        ]
    )
    assert mid["then"][0] == {"pointType": "POINTS", "available": "12.50"}
    assert mid["soon"] == [{"pointType": "POINTS", "expiresOn": "2026-03-31", "points": "10.00"}]
    assert (mid["never"], end["never"]) == ([], [{"points": "10.00"}])
    assert mid["lots"]["totalCount"] == 2
    assert [edge["node"]["points"] for edge in mid["lots"]["edges"]] == ["10.50", "2.00"]
    first = mid["lots"]["edges"][0]["node"]
    assert (first["id"], first["remaining"], first["uses"]) == (
        seal("Lot", member.id, *lot), "10.00", [{"points": "0.50"}],
    )  # fmt: skip
    node = await msr(database).ask(f'{{ node(id: "{first["id"]}") {{ ... on Lot {{ points expiresOn }} }} }}')
    assert node["node"] == {"points": "10.50", "expiresOn": "2026-03-31"}


async def test_points_lead_to_the_transactions_that_gave_and_took_them(database: Database) -> None:
    program = await a_program(database, decimals=2)
    member = await a_member(database, program)
    ledger = Ledger(await by_hand(database, program), member.id)
    start = datetime(2026, 1, 10, 12, tzinfo=UTC)
    lot = await ledger.lot(1_050, start)
    taken = await ledger.take(lot, 50, start.replace(day=20))
    found = await Client(database, herself(member)).ask(
        """query($id: ID!) { node(id: $id) { ... on Member {
            lots { edges { node { transaction { id } uses { transaction { id } lot { points } } } } }
            transactions { edges { node { id lotUses { points } } } } } } }""",
        id=global_id(member),
    )
    gave, took = seal("Transaction", lot[0]), seal("Transaction", taken)
    uses = [{"transaction": {"id": took}, "lot": {"points": "10.50"}}]
    assert found["node"]["lots"]["edges"] == [{"node": {"transaction": {"id": gave}, "uses": uses}}]
    assert found["node"]["transactions"]["edges"] == [
        {"node": {"id": took, "lotUses": [{"points": "0.50"}]}}, {"node": {"id": gave, "lotUses": []}},
    ]  # fmt: skip


async def test_a_moment_to_come_and_an_endless_span_are_refused(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    client, query = msr(database), f'{{ node(id: "{global_id(member)}") {{ ... on Member {{ %s {{ pointType }} }} }} }}'
    _, [error] = await client.execute(query % 'balances(asOf: "2999-01-01T00:00:00Z")')
    assert error.extensions == {"code": "INVALID_INPUT"}
    assert error.message == "asOf is '2999-01-01T00:00:00+00:00'; expected a moment that has passed."
    for within in (-1, 3_661):
        _, [error] = await client.execute(query % f"expiring(within: {within})")
        assert error.message == f"within is '{within}'; expected 0 to 3660 days."


async def test_balances_of_many_members_take_one_query(database: Database) -> None:
    program = await a_program(database)
    for _ in range(5):
        await a_member(database, program)
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    await msr(database, program).ask("{ members { edges { node { number balances { available } } } } }")
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    assert len([one for one in statements if "FROM member" in one]) == 2


async def by_hand(database: Database, program: Program) -> LedgerProgram:
    """The program, for ledgers that are written row by row."""
    async with database.read() as reader:
        default, *_ = (await point_types.of_program(reader, program.id)).values()
    return LedgerProgram(database, program.id, program.code, default.id)
