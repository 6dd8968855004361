"""API keys: who may make which, what they may then do, and how they end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from app import identity
from app.api import identity_on
from domain.api_keys import MOST_KEYS, KeyHolder
from domain.commands.api_keys import ApiKeyCreate, ApiKeyRotate
from domain.people import ENGINE, Role
from domain.problems import Refused
from domain.services.api_keys import api_key_create, api_key_rotate, holder_of
from domain.store.database import Database
from tests.graphql.web import SETTINGS, Caller, Web, serving
from tests.support.factories import a_partner, a_person, a_program, result_of

KEY = """key { id name hint roles expiresAt oldSecretUntil revokedAt lastUsedAt person { subject }
    program { code } createdBy { subject } } secret"""
VIEWER = "{ viewer { subject roles } }"


@pytest_asyncio.fixture
async def web(database: Database) -> AsyncIterator[Web]:
    async with serving(database) as web:
        yield web


@pytest.fixture(autouse=True)
def nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "REMEMBER_PERSONS", -1.0)


async def asked(web: Web, secret: str, query: str = VIEWER, **variables: Any) -> Any:
    headers = {"authorization": f"Bearer {secret}"}
    return await web.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


async def issued(caller: Caller, **given: Any) -> Any:
    return await caller.done("apiKeyCreate", KEY, **{"name": "Till", **given})


async def test_a_key_speaks_for_its_person_with_fewer_roles_in_one_program(web: Web, database: Database) -> None:
    program, other = await a_program(database), await a_program(database)
    administrator = await web.person(Role.PROGRAM_ADMINISTRATOR)
    clerk = await web.person(Role.MSR, Role.MANAGER)
    subject = clerk.person.subject
    made = await issued(administrator, person=subject, roles=["MSR"], program=program.code)
    secret, key = made["secret"], made["key"]
    assert secret.startswith("mpk_")
    assert (key["hint"], key["roles"], key["person"], key["program"], key["createdBy"], key["lastUsedAt"]) == (
        secret[-4:], ["MSR"], {"subject": subject}, {"code": program.code},
        {"subject": administrator.person.subject}, None,
    )  # fmt: skip
    assert (await asked(web, secret)).json()["data"] == {"viewer": {"subject": subject, "roles": ["MSR"]}}
    query = "query($a: String!, $b: String!) { a: program(code: $a) { code } b: program(code: $b) { code } }"
    seen = (await asked(web, secret, query, a=program.code, b=other.code)).json()["data"]
    assert seen == {"a": {"code": program.code}, "b": None}
    refused = (
        await asked(web, secret, 'mutation { programActivate(input: {program: "X"}) { errors { code } } }')
    ).json()
    assert refused["errors"][0]["extensions"] == {"code": "FORBIDDEN"}


async def test_the_secret_is_shown_once_and_stored_nowhere(web: Web, database: Database) -> None:
    clerk = await web.person(Role.MSR)
    made = await issued(clerk)
    listed = await clerk.ask("{ apiKeys { edges { node { id hint lastUsedAt } } totalCount } }")
    [edge] = [each["node"] for each in listed["apiKeys"]["edges"] if each["node"]["id"] == made["key"]["id"]]
    assert edge == {"id": made["key"]["id"], "hint": made["secret"][-4:], "lastUsedAt": None}
    assert (await asked(web, made["secret"])).status_code == 200
    node = "query($id: ID!) { node(id: $id) { ... on ApiKey { lastUsedAt } } }"
    assert (await clerk.ask(node, id=made["key"]["id"]))["node"]["lastUsedAt"] is not None
    async with database.read() as reader:
        rows = await reader.exec_driver_sql("select row_to_json(k)::text from api_key k")
        assert made["secret"] not in "".join(row[0] for row in rows)


async def test_a_key_may_no_more_than_its_person_may_now(web: Web) -> None:
    administrator, clerk = await web.person(Role.PROGRAM_ADMINISTRATOR), await web.person(Role.MSR, Role.MANAGER)
    secret = (await issued(clerk))["secret"]
    changed = {"person": clerk.person.subject, "roles": ["MSR"], "expectedVersion": 1}
    await administrator.done("personUpdate", "person { version }", **changed)
    assert (await asked(web, secret)).json()["data"]["viewer"]["roles"] == ["MSR"]
    ended = {"person": clerk.person.subject, "active": False, "expectedVersion": 2}
    await administrator.done("personUpdate", "person { version }", **ended)
    answer = await asked(web, secret)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"] == "The API key is not valid (any more)."
    assert answer.headers["www-authenticate"].startswith('Bearer realm="milepost", error="invalid_token"')


async def test_a_revoked_key_is_refused_and_stays_revoked(web: Web) -> None:
    clerk = await web.person(Role.MSR)
    made = await issued(clerk)
    key = made["key"]["id"]
    first = await clerk.done("apiKeyRevoke", "key { revokedAt }", key=key)
    assert (await asked(web, made["secret"])).status_code == 401
    assert await clerk.done("apiKeyRevoke", "key { revokedAt }", key=key) == first
    assert await clerk.refused("apiKeyRotate", key=key) == [("API_KEY_REVOKED", "key")]


async def test_a_rotated_key_takes_both_secrets_for_as_long_as_was_said(web: Web) -> None:
    clerk = await web.person(Role.MSR)
    first = await issued(clerk)
    key = first["key"]["id"]
    second = await clerk.done("apiKeyRotate", KEY, key=key, overlapHours=1)
    assert second["key"]["oldSecretUntil"] is not None
    assert [(await asked(web, made["secret"])).status_code for made in (first, second)] == [200, 200]
    third = await clerk.done("apiKeyRotate", KEY, key=key, overlapHours=0)
    assert third["key"]["oldSecretUntil"] is None
    statuses = [(await asked(web, made["secret"])).status_code for made in (first, second, third)]
    assert statuses == [401, 401, 200]


async def test_keys_end_on_their_day_and_a_rotation_does_not_wake_the_old_secret(fresh_database_url: str) -> None:

    moved = timedelta(0)
    database = Database(fresh_database_url, clock=lambda now: now + moved)
    clerk = await a_person(database)
    command = ApiKeyCreate(name="Till", person=clerk.subject, expires_at=datetime.now(UTC) + timedelta(days=10))
    made = result_of(await api_key_create(database, ENGINE, command))

    async def holder(secret: str | None) -> KeyHolder | None:
        return await holder_of(database, secret or "")

    moved = timedelta(days=9)
    assert await holder(made.secret) is not None
    again = result_of(await api_key_rotate(database, ENGINE, ApiKeyRotate(key_id=made.key.id, overlap_hours=720)))
    assert again.key.old_secret_until == made.key.expires_at
    moved = timedelta(days=11)
    assert (await holder(made.secret), await holder(again.secret) is not None) == (None, True)
    moved = timedelta(days=100)
    assert await holder(again.secret) is None
    late = result_of(await api_key_rotate(database, ENGINE, ApiKeyRotate(key_id=made.key.id)))
    assert late.key.old_secret_until is None
    assert (await holder(again.secret), await holder(late.secret) is not None) == (None, True)
    await database.close()


async def test_who_may_make_keys_for_whom(web: Web, database: Database) -> None:
    program, partner = await a_program(database), await a_partner(database)
    clerk, manager = await web.person(Role.MSR), await web.person(Role.MANAGER)
    bound = await web.person(Role.PROGRAM_ADMINISTRATOR, program=program.code)
    theirs = await web.person(Role.MSR, program=program.code)
    agent = await web.person(Role.PARTNER_REPRESENTATIVE, partner=partner.code)
    approver = await web.person(Role.PARTNER_APPROVER, partner=partner.code)
    made = await issued(bound, person=theirs.person.subject)
    assert made["key"]["program"] == {"code": program.code}
    for caller, person, refused in (
        (clerk, manager, ("NOT_ALLOWED", "person")),
        (bound, clerk, ("NOT_ALLOWED", "person")),
        (agent, approver, ("NOT_ALLOWED", "person")),
        (agent, clerk, ("NOT_FOUND", "person")),
    ):
        subject = person.person.subject
        assert await caller.refused("apiKeyCreate", name="Till", person=subject) == [refused]
    key = (await issued(approver))["key"]["id"]
    assert await agent.refused("apiKeyRotate", key=key) == [("NOT_ALLOWED", "key")]
    assert await agent.refused("apiKeyRevoke", key=key) == [("NOT_ALLOWED", "key")]
    stranger = await web.person(Role.PARTNER_APPROVER, partner=(await a_partner(database)).code)
    for mutation in ("apiKeyRotate", "apiKeyRevoke"):
        assert await stranger.refused(mutation, key=key) == [("NOT_FOUND", "key")]
    assert (await stranger.ask("{ apiKeys { totalCount } }"))["apiKeys"] == {"totalCount": 0}


async def test_a_key_does_not_renew_itself_and_may_end_itself(web: Web) -> None:
    clerk = await web.person(Role.MSR)
    made = await issued(clerk)
    mutation = "mutation($key: ID!) { apiKeyRotate(input: {key: $key}) { errors { code } } }"
    answer = (await asked(web, made["secret"], mutation, key=made["key"]["id"])).json()
    assert answer["data"]["apiKeyRotate"]["errors"] == [{"code": "NOT_ALLOWED"}]
    create = 'mutation { apiKeyCreate(input: {name: "More"}) { errors { code } } }'
    answer = (await asked(web, made["secret"], create)).json()
    assert answer["data"]["apiKeyCreate"]["errors"] == [{"code": "NOT_ALLOWED"}]
    end = "mutation($key: ID!) { apiKeyRevoke(input: {key: $key}) { errors { code } } }"
    await asked(web, made["secret"], end, key=made["key"]["id"])
    assert (await asked(web, made["secret"])).status_code == 401


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"roles": ["MANAGER"]}, "roles"),
        ({"roles": []}, "roles"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ({"expiresAt": "2999-01-01T00:00:00Z"}, "expiresAt"),
        ({"name": ""}, "name"),
    ],
)
async def test_what_a_key_cannot_be(web: Web, said: dict[str, Any], path: str) -> None:
    clerk = await web.person(Role.MSR)
    assert await clerk.refused("apiKeyCreate", **{"name": "Till", **said}) == [("INVALID_INPUT", path)]


async def test_a_person_has_a_bounded_number_of_keys(web: Web, database: Database) -> None:
    clerk = await a_person(database)

    async def make() -> str:
        try:
            result_of(await api_key_create(database, ENGINE, ApiKeyCreate(name="Till", person=clerk.subject)))
        except Refused as refused:
            return refused.problems[0].code
        return "made"

    made = await asyncio.gather(*(make() for _ in range(MOST_KEYS + 2)))
    assert sorted(made) == ["TOO_MANY"] * 2 + ["made"] * MOST_KEYS


@pytest.mark.parametrize("secret", ["mpk_", "mpk_" + "x" * 43, "mpk_\u00e9", "mpk_' or true --"])
async def test_an_invented_key_is_nobody(database: Database, secret: str) -> None:
    who = identity_on(SETTINGS, database)
    with pytest.raises(identity.Unauthorized, match=r"^The API key is not valid \(any more\)\.$"):
        await who.principal(f"Bearer {secret}")
