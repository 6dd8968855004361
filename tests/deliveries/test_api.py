"""Webhook endpoints, deliveries and jobs through the API: what each role may do, and what is refused, by code and path."""

from typing import Any

import pytest

from domain.deliveries import Email, EventType
from domain.people import Principal, Role
from domain.services import jobs
from domain.services.job_list import OF_PROGRAMS
from domain.store import outbox
from domain.store.database import Database
from domain.webhooks import MOST_ENDPOINTS
from tests.deliveries.receivers import receiver
from tests.deliveries.telling import an_endpoint, deliver, happened, messages
from tests.support.factories import a_code, a_partner, a_program, somebody
from tests.support.graphql import Client, InTests

URL = "https://hooks.example.org/points"
SHOWN = "endpoint { id url types active offBecause version description partner { code } program { code } }"
NEIGHBOURS = InTests(webhooks_private=True)


def admin(database: Database, program: Any = None) -> Client:
    return Client(database, somebody(Role.PROGRAM_ADMINISTRATOR, program=program), settings=NEIGHBOURS)


def representative(database: Database, partner: Any) -> Client:
    return Client(database, somebody(Role.PARTNER_REPRESENTATIVE, partner=partner))


async def created(client: Client, program: Any, **given: Any) -> Any:
    given = {"url": URL, "types": ["MEMBER_ENROLLED"], **given}
    payload = await client.command("webhookEndpointCreate", f"{SHOWN} secret", program=program.code, **given)
    assert payload["errors"] == []
    return payload


async def test_an_endpoint_is_added_changed_rotated_and_removed(database: Database) -> None:
    program = await a_program(database)
    client = admin(database, program)
    payload = await created(client, program, description="The till")
    first, secret = payload["endpoint"], payload["secret"]
    assert secret.startswith("whsec_")
    assert first == {
        "id": first["id"], "url": URL, "types": ["MEMBER_ENROLLED"], "active": True, "offBecause": None, "version": 1,
        "description": "The till", "partner": None, "program": {"code": program.code},
    }  # fmt: skip
    given = {"endpoint": first["id"], "expectedVersion": 1, "types": ["POINTS_EXPIRED"], "active": False}
    changed = (await client.command("webhookEndpointUpdate", SHOWN, **given))["endpoint"]
    assert changed == {
        **first, "types": ["POINTS_EXPIRED"], "active": False, "offBecause": "SWITCHED_OFF", "version": 2,
    }  # fmt: skip
    rotated = await client.command("webhookEndpointRotate", "secret endpoint { version }", endpoint=first["id"])
    assert rotated["secret"] != secret
    assert rotated["endpoint"]["version"] == 3
    listed = await client.ask(
        "query($p: String) { webhookEndpoints(program: $p) { edges { node { id } } } }", p=program.code
    )
    assert listed["webhookEndpoints"]["edges"] == [{"node": {"id": first["id"]}}]
    gone = await client.command("webhookEndpointDelete", "deleted", endpoint=first["id"])
    assert (gone["deleted"], gone["errors"]) == (True, [])
    found = await client.ask("query($id: ID!) { webhookEndpoint(id: $id) { id } node(id: $id) { id } }", id=first["id"])
    assert found == {"webhookEndpoint": None, "node": None}
    assert await client.refused("webhookEndpointDelete", endpoint=first["id"]) == [("NOT_FOUND", "endpoint")]


async def test_a_secret_is_shown_once(database: Database) -> None:
    schema = await admin(database).ask('{ __type(name: "WebhookEndpoint") { fields { name } } }')
    assert not [field for field in schema["__type"]["fields"] if "secret" in field["name"].lower()]


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/", "ftp://example.org/", "https://", "https://user:pass@example.org/", "nonsense",
        "https://example.org/#part", "https://127.0.0.1/", "https://[::1]/", "https://localhost/", "https://db.internal/",
        "https://169.254.169.254/latest", "https://example.org:0/", "https://example.org:99999/", "https://exa mple.org/",
        f"https://example.org/{'x' * 1000}",
    ],
)  # fmt: skip
async def test_an_address_that_may_not_be_called_is_refused(database: Database, url: str) -> None:
    client = Client(database, somebody(Role.PROGRAM_ADMINISTRATOR))
    program = await a_program(database)
    given = {"program": program.code, "types": ["MEMBER_ENROLLED"], "url": url}
    assert await client.refused("webhookEndpointCreate", **given) == [("INVALID_INPUT", "url")]


async def test_a_development_installation_calls_its_neighbours(database: Database) -> None:
    program = await a_program(database)
    for url in ("http://127.0.0.1:9000/", "http://localhost/", "https://db.internal/"):
        await created(admin(database), program, url=url)


@pytest.mark.parametrize("types", [[], ["MEMBER_ENROLLED", "MEMBER_ENROLLED"]])
async def test_an_endpoint_is_told_of_something_and_of_everything_once(database: Database, types: list[str]) -> None:
    program = await a_program(database)
    given = {"program": program.code, "types": types, "url": URL}
    assert await admin(database).refused("webhookEndpointCreate", **given) == [("INVALID_INPUT", "types")]


async def test_a_description_is_short(database: Database) -> None:
    program = await a_program(database)
    given = {"program": program.code, "types": ["MEMBER_ENROLLED"], "url": URL, "description": "x" * 201}
    assert await admin(database).refused("webhookEndpointCreate", **given) == [("INVALID_INPUT", "description")]


async def test_a_program_has_only_so_many_endpoints(database: Database) -> None:
    program = await a_program(database)
    for _ in range(MOST_ENDPOINTS):
        await an_endpoint(database, program, URL)
    given = {"program": program.code, "types": ["MEMBER_ENROLLED"], "url": URL}
    assert await admin(database).refused("webhookEndpointCreate", **given) == [("TOO_MANY", "")]


async def test_whoever_has_not_seen_the_current_version_changes_nothing(database: Database) -> None:
    program = await a_program(database)
    client = admin(database)
    endpoint = (await created(client, program))["endpoint"]["id"]
    given = {"endpoint": endpoint, "expectedVersion": 0, "active": False}
    assert await client.refused("webhookEndpointUpdate", **given) == [("VERSION_CONFLICT", "expectedVersion")]


async def test_a_partner_has_endpoints_of_its_own_rows_alone(database: Database) -> None:
    program = await a_program(database)
    mine, other = [await a_partner(database, program) for _ in range(2)]
    client, rival = representative(database, mine), representative(database, other)
    endpoint = (await created(client, program))["endpoint"]
    assert endpoint["partner"] == {"code": mine.code}
    given = {"program": program.code, "url": URL, "types": ["MEMBER_ENROLLED"], "partner": other.code}
    assert await client.refused("webhookEndpointCreate", **given) == [("NOT_FOUND", "partner")]
    host = (await created(admin(database, program), program))["endpoint"]
    for hidden, who in ((host["id"], client), (endpoint["id"], rival)):
        assert await who.refused("webhookEndpointDelete", endpoint=hidden) == [("NOT_FOUND", "endpoint")]
        assert await who.refused("webhookEndpointRotate", endpoint=hidden) == [("NOT_FOUND", "endpoint")]
        assert await who.ask("query($id: ID!) { node(id: $id) { id } }", id=hidden) == {"node": None}
    listed = await client.ask("{ webhookEndpoints { edges { node { id } } } }")
    assert listed["webhookEndpoints"]["edges"] == [{"node": {"id": endpoint["id"]}}]


async def test_a_program_without_terms_does_not_exist_for_a_partner(database: Database) -> None:
    program, partner = await a_program(database), await a_partner(database)
    given = {"program": program.code, "url": URL, "types": ["MEMBER_ENROLLED"]}
    client = representative(database, partner)
    assert await client.refused("webhookEndpointCreate", **given) == [("NOT_FOUND", "program")]


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MSR, Role.MANAGER, Role.PARTNER_MANAGER])
async def test_others_have_nothing_to_do_with_it(database: Database, role: Role) -> None:
    client = Client(database, Principal(None, "somebody", frozenset({role})))
    for query in (
        "{ webhookEndpoints { edges { cursor } } }",
        "{ deliveries { edges { cursor } } }",
        "{ jobs { name } }",
    ):
        _, errors = await client.execute(query)
        assert [error.extensions["code"] for error in errors if error.extensions] == ["FORBIDDEN"]


DELIVERIES = """
query($filter: DeliveryFilter) {
  deliveries(filter: $filter) { totalCount edges { node { status attempts problem type body kind endpoint { url } } } }
}
"""


async def test_failures_are_listed_and_replayed(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    client = admin(fresh_database, program)
    with receiver() as there:
        there.answer = lambda _: 410
        endpoint = (await created(client, program, url=there.url))["endpoint"]
        await happened(fresh_database, program, 7)
        await deliver(fresh_database)
        held = {"endpoint": endpoint["id"], "kind": "WEBHOOK", "status": ["HELD"], "program": program.code}
        listed = (await client.ask(DELIVERIES, filter=held))["deliveries"]
        [message] = await messages(fresh_database)
        assert listed == {
            "totalCount": 1,
            "edges": [
                {
                    "node": {
                        "status": "HELD", "attempts": 1, "problem": "HTTP 410", "type": "member.enrolled",
                        "body": message.body, "kind": "WEBHOOK", "endpoint": {"url": there.url},
                    },
                }
            ],
        }  # fmt: skip
        again = {"endpoint": endpoint["id"], "since": message.created_at.isoformat()}
        assert await client.refused("webhookEndpointReplay", **again) == [("WEBHOOK_ENDPOINT_OFF", "endpoint")]
        await client.command("webhookEndpointUpdate", SHOWN, endpoint=endpoint["id"], expectedVersion=2, active=True)
        there.answer = lambda _: 200
        told = await client.command("webhookEndpointReplay", "messages more endpoint { active }", **again)
        assert told == {"messages": 1, "more": False, "endpoint": {"active": True}, "errors": []}
        await deliver(fresh_database)
    assert (await client.ask(DELIVERIES, filter=held))["deliveries"]["totalCount"] == 0
    assert len(there.heard) == 2
    backwards = {**again, "until": "2020-01-01T00:00:00Z"}
    assert await client.refused("webhookEndpointReplay", **backwards) == [("INVALID_INPUT", "since")]


async def test_deliveries_are_seen_by_those_whose_they_are_and_emails_keep_their_words(
    fresh_database: Database,
) -> None:
    mine, other = await a_program(fresh_database), await a_program(fresh_database)
    partner = await a_partner(fresh_database, mine)
    await an_endpoint(fresh_database, mine, URL, partner=partner.code)
    await an_endpoint(fresh_database, mine, URL, EventType.MEMBER_ENROLLED)
    await happened(fresh_database, mine, 1, partner_id=partner.id)
    async with fresh_database.write() as writer:
        letter = Email("ada@example.org", "Hello", "Secret", mine.id)
        await outbox.add_emails(writer, [letter], await fresh_database.now(writer))
    seen = (await admin(fresh_database, mine).ask(DELIVERIES))["deliveries"]
    assert [edge["node"]["type"] for edge in seen["edges"]] == ["email", "member.enrolled", "member.enrolled"]
    assert seen["edges"][0]["node"]["body"] is None
    counts = [
        (await client.ask(DELIVERIES))["deliveries"]["totalCount"]
        for client in (admin(fresh_database, other), representative(fresh_database, partner), admin(fresh_database))
    ]
    assert counts == [0, 1, 3]


async def test_jobs_are_listed_and_started(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    client = admin(fresh_database, program)
    await jobs.make_jobs(fresh_database)
    shown = "name what schedule missed running lastOutcome failures program { code }"
    found = (await client.ask(f"{{ jobs {{ {shown} }} }}"))["jobs"]
    assert [job["name"] for job in found] == sorted(f"{kind} {program.code}" for kind in OF_PROGRAMS)
    [expiry] = [job for job in found if job["name"] == f"EXPIRY {program.code}"]
    assert expiry == {
        "name": f"EXPIRY {program.code}", "what": "Takes what has lapsed; counts what has become effective.",
        "schedule": "daily at 00:01", "missed": "CATCH_UP", "running": False, "lastOutcome": None, "failures": 0,
        "program": {"code": program.code},
    }  # fmt: skip
    await jobs.claim_due(fresh_database)
    assert await client.refused("jobStart", job=expiry["name"]) == [("JOB_RUNNING", "job")]
    assert await client.refused("jobStart", job=a_code()) == [("NOT_FOUND", "job")]
    assert await client.refused("jobStart", job="CLEANUP") == [("NOT_FOUND", "job")]
