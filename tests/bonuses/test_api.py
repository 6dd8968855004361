"""Bonuses as clients see them: promised in the settings of a program, and given as transactions of the members."""

from domain.people import Principal, Role
from domain.services import batch
from domain.services.engine_programs import EnginePrograms
from domain.store.database import Database
from tests.support.factories import a_program, somebody
from tests.support.graphql import Client

PROMISES = {
    "enrollment": {"points": "100"},
    "referral": {"points": "50", "qualifying": True},
    "profile": [{"field": "email", "bonus": {"points": "5"}}],
}
SETTINGS = """program { version settings { bonuses {
    enrollment { points pointType product qualifying } referral { points qualifying } referred { points }
    profile { field bonus { points } }
} } }"""
TRANSACTIONS = """query($code: String!, $number: String!) {
    member(reference: {number: $number}, program: $code) {
        transactions(first: 10) { edges { node { externalId totals { points qualifying } } } }
    }
}"""
ADMINISTRATOR = somebody(Role.PROGRAM_ADMINISTRATOR)


def client(database: Database, actor: Principal = ADMINISTRATOR) -> Client:
    """The administrator, unless it is somebody else."""
    return Client(database, actor)


async def test_a_program_promises_and_its_members_are_given(database: Database) -> None:
    program = await a_program(database)
    asked = {"program": program.code, "expectedVersion": program.version, "settings": {"bonuses": PROMISES}}
    payload = await client(database).command("programUpdate", SETTINGS, **asked)
    assert payload["errors"] == []
    assert payload["program"]["settings"]["bonuses"] == {
        "enrollment": {"points": "100", "pointType": None, "product": None, "qualifying": False},
        "referral": {"points": "50", "qualifying": True},
        "referred": None,
        "profile": [{"field": "email", "bonus": {"points": "5"}}],
    }
    for number, referrer in (("1001", None), ("1002", {"number": "1001"})):
        command = {"program": program.code, "name": "Ada", "number": number, "referrer": referrer}
        enrolled = await client(database).command("memberEnroll", "member { version id }", **command)
        assert enrolled["errors"] == []
    member = {"program": program.code, "member": {"number": "1001"}, "expectedVersion": 1, "email": "ada@example.com"}
    assert (await client(database).command("memberUpdate", "__typename", **member))["errors"] == []
    async for _ in batch.work(database, EnginePrograms(), program.id):
        pass
    found = await client(database).ask(TRANSACTIONS, code=program.code, number="1001")
    given = {edge["node"]["externalId"]: edge["node"]["totals"] for edge in found["member"]["transactions"]["edges"]}
    assert given == {
        "ENROLLMENT:1001": [{"points": "100", "qualifying": "0"}],
        "REFERRAL:1002": [{"points": "50", "qualifying": "50"}],
        "PROFILE:1001:email": [{"points": "5", "qualifying": "0"}],
    }


async def test_what_is_not_named_is_promised_no_more(database: Database) -> None:
    program = await a_program(database)
    asked = {"program": program.code, "expectedVersion": program.version, "settings": {"bonuses": PROMISES}}
    first = await client(database).command("programUpdate", SETTINGS, **asked)
    asked = {
        **asked,
        "expectedVersion": first["program"]["version"],
        "settings": {"bonuses": {"referred": {"points": 1}}},
    }
    second = await client(database).command("programUpdate", SETTINGS, **asked)
    assert second["program"]["settings"]["bonuses"] == {
        "enrollment": None, "referral": None, "referred": {"points": "1"}, "profile": [],
    }  # fmt: skip


async def test_a_field_named_twice_is_refused(database: Database) -> None:
    program = await a_program(database)
    twice = [{"field": "email", "bonus": {"points": 5}}, {"field": "email", "bonus": {"points": 6}}]
    asked = {"program": program.code, "expectedVersion": 1, "settings": {"bonuses": {"profile": twice}}}
    refused = await client(database).refused("programUpdate", **asked)
    assert refused == [("INVALID_INPUT", "settings.bonuses.profile.1")]
