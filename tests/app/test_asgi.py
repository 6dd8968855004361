"""The application over HTTP, server-sent events and WebSocket, asked as a client would."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from app import identity
from app.asgi import create_app
from app.identity import Identity, make_token
from app.settings import Environment
from app.view import negotiate
from domain.people import Person, Role
from domain.store.database import Database
from resolvers import roots
from schema.ids import seal
from tests.app.sockets import Socket, connected
from tests.app.stamps import BIG, NO_DESK, Shelf, sample, shared_schema
from tests.app.test_identity import People, person, settings

GRAPHQL_JSON = "application/graphql-response+json"
BOOK = seal("BookType", BIG + 1)
SETTINGS = settings(environment=Environment.TEST)
TOKEN = {"authorization": f"Bearer {make_token(SETTINGS, 'clerk')}"}
CLERK: Person = person("clerk", roles=frozenset({Role.MSR}), member_id=None)


def app_on(shelf: Shelf, people: People | None = None, **options: Any) -> Starlette:
    database, who = cast("Database", shelf), Identity(SETTINGS, (people or People(CLERK)).find)
    return create_app(SETTINGS, database, NO_DESK, identity=who, schema=shared_schema(), **options)


@pytest.fixture
def shelf() -> Shelf:
    return sample()


@pytest.fixture
async def client(shelf: Shelf) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app_on(shelf), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://milepost.test", headers=TOKEN) as one:
        yield one


async def post(client: httpx.AsyncClient, body: object, **headers: str) -> httpx.Response:
    return await client.post("/graphql", json=body, headers=headers)


async def test_a_query_is_answered_as_json(client: httpx.AsyncClient) -> None:
    answer = await post(client, {"query": "{viewer{subject roles}}"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert answer.json()["data"] == {"viewer": {"subject": "clerk", "roles": ["MSR"]}}


async def test_a_query_with_variables_and_a_name_is_answered(client: httpx.AsyncClient) -> None:
    query = "query A{viewer{subject}} query B($id:ID!){book(id:$id){title}}"
    answer = await post(client, {"query": query, "variables": {"id": BOOK}, "operationName": "B"})
    assert answer.json()["data"] == {"book": {"title": "Book 1"}}


async def test_a_query_may_come_by_get(client: httpx.AsyncClient) -> None:
    parameters = {"query": "query($id:ID!){book(id:$id){title}}", "variables": json.dumps({"id": BOOK})}
    answer = await client.get("/graphql", params=parameters)
    assert (answer.status_code, answer.json()["data"]) == (200, {"book": {"title": "Book 1"}})


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"query": "{viewer{subject}}", "variables": "{"}, "The variables cannot be read: Input data was truncated."),
        ({"query": "{a}", "extensions": "5"}, "The extensions cannot be read: Expected `object | null`, got `int`."),
        ({}, "No GraphQL query found in the request"),
    ],
)
async def test_malformed_parameters_are_400_and_say_why(
    client: httpx.AsyncClient, parameters: dict[str, str], message: str
) -> None:
    answer = await client.get("/graphql", params=parameters)
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (400, message)


async def test_a_mutation_may_not_come_by_get(client: httpx.AsyncClient, shelf: Shelf) -> None:
    query = f'mutation{{stampAdd(input:{{book:"{BOOK}",worth:1,idempotencyKey:"a"}}){{replayed}}}}'
    answer = await client.get("/graphql", params={"query": query})
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
        400,
        "mutations are not allowed when using GET",
    )
    assert len(shelf.stamps) == 27


@pytest.mark.parametrize(
    ("accept", "media_type", "status"),
    [
        ("application/json", "application/json", 200),
        (GRAPHQL_JSON, GRAPHQL_JSON, 400),
        (f"application/json, {GRAPHQL_JSON};q=0.9", "application/json", 200),
        (f"application/json;q=0.5, {GRAPHQL_JSON}", GRAPHQL_JSON, 400),
        ("*/*", "application/json", 200),
    ],
)
async def test_a_request_that_never_ran_is_400_only_for_those_who_know_graphql_json(
    client: httpx.AsyncClient, accept: str, media_type: str, status: int
) -> None:
    answer = await post(client, {"query": "{nothing}"}, accept=accept)
    assert (answer.status_code, answer.headers["content-type"]) == (status, f"{media_type}; charset=utf-8")
    assert ("data" in answer.json()) == (status == 200)
    assert answer.json()["errors"][0]["message"] == "Cannot query field 'nothing' on type 'Query'."


async def test_a_request_that_ran_is_200_even_if_a_field_failed(client: httpx.AsyncClient) -> None:
    answer = await post(client, {"query": '{book(id:"rubbish"){title}}'}, accept=GRAPHQL_JSON)
    assert (answer.status_code, answer.json()["data"]) == (200, {"book": None})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body cannot be read: Input data was truncated."),
        (b"{", "The body cannot be read: Input data was truncated."),
        (b"{]", "The body cannot be read: JSON is malformed: object keys must be strings (byte 1)."),
        (b'{"query": "\xff"}', "The body is not valid UTF-8."),
        (b'{"query": "\\ud800"}', "The body cannot be read: Input data was truncated."),
        (b'{"variables": {"a":' + b"[" * 100_000, "The body is nested too deep."),
        (
            b'{"query": "{viewer{subject}}", "variables": {"a": ' + b"9" * 5000 + b"}}",
            "The body cannot be read: Integer value out of range - at `$.variables[...]`.",
        ),
        (b'{"variables": {"a": 1e99999999999999999999}}', "The body has a number that is out of range."),
        (b"5", "The body cannot be read: Expected `object`, got `int`."),
        (b'"{viewer{subject}}"', "The body cannot be read: Expected `object`, got `str`."),
        (b"null", "The body cannot be read: Expected `object`, got `null`."),
        (b"[]", "The body cannot be read: Expected `object`, got `array`."),
        (b'[{"query": "{viewer{subject}}"}]', "The body cannot be read: Expected `object`, got `array`."),
        (b'{"query": "{viewer{subject}}", "variables": {"\xc0\x80": 1}}', "The body is not valid UTF-8."),
        (b"{}", "No GraphQL query found in the request"),
        (b'{"query": null}', "No GraphQL query found in the request"),
        (b'{"query": ""}', "No GraphQL query found in the request"),
        (b'{"query": 5}', "The body cannot be read: Expected `str | null`, got `int` - at `$.query`."),
        (b'{"variables": 5}', "The body cannot be read: Expected `object | null`, got `int` - at `$.variables`."),
        (b'{"extensions": []}', "The body cannot be read: Expected `object | null`, got `array` - at `$.extensions`."),
        (b'{"operationName": 5}', "The body cannot be read: Expected `str | null`, got `int` - at `$.operationName`."),
        (b'{"query": "query A{viewer{subject}}", "operationName": "B"}', 'Unknown operation named "B".'),
    ],
)
async def test_a_malformed_request_is_400_and_says_why(client: httpx.AsyncClient, body: bytes, message: str) -> None:
    answer = await client.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (400, message)


async def test_of_several_operations_one_must_be_named(client: httpx.AsyncClient) -> None:
    answer = await post(client, {"query": "query A{viewer{subject}} query B{viewer{subject}}"}, accept=GRAPHQL_JSON)
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
        400,
        "This document has 2 operations: name the one to run in `operationName`.",
    )


async def test_a_syntax_error_is_told_with_its_place(client: httpx.AsyncClient) -> None:
    answer = await post(client, {"query": "{viewer{"}, accept=GRAPHQL_JSON)
    assert (answer.status_code, answer.json()) == (
        400,
        {"errors": [{"message": "Syntax Error: Expected Name, found <EOF>.", "locations": [{"line": 1, "column": 9}]}]},
    )


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_other_content_types_are_refused(client: httpx.AsyncClient, content_type: str) -> None:
    answer = await client.post("/graphql", content=b'{"query":"{a}"}', headers={"content-type": content_type})
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
        415,
        "The content type must be application/json.",
    )


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD"])
async def test_other_methods_are_refused(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, "/graphql")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


async def test_a_body_is_at_most_a_mebibyte_announced_or_not(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    headers = {"content-type": "application/json"}
    for content in (b" " * (1024 * 1024 + 1), chunks()):
        answer = await client.post("/graphql", content=content, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
            413,
            "The body is too large: at most 1,048,576 bytes are allowed.",
        )


async def test_numbers_with_a_fraction_stay_exact_and_are_no_points(client: httpx.AsyncClient) -> None:
    query = "mutation($i:StampAddInput!){stampAdd(input:$i){errors{code} book{stamps{worth}}}}"
    body = b'{"query":"%s","variables":{"i":{"book":"%s","idempotencyKey":"a","worth":"0.1","attributes":{"x":0.1}}}}'
    headers = {"content-type": "application/json"}
    given = body % (query.encode(), BOOK.encode())
    answer = await client.post("/graphql", content=given, headers=headers)
    assert answer.json()["data"]["stampAdd"]["book"]["stamps"][-1] == {"worth": "0.1"}
    answer = await client.post("/graphql", content=given.replace(b'"worth":"0.1"', b'"worth":0.1'), headers=headers)
    assert answer.json()["errors"][0]["message"].startswith(
        "Variable '$i' has invalid value at .worth: Points cannot be"
    )


@pytest.mark.parametrize("header", [None, "Bearer rubbish", "Basic YTpi"])
async def test_without_a_valid_token_nothing_is_answered(
    client: httpx.AsyncClient, shelf: Shelf, header: str | None
) -> None:
    client.headers.pop("authorization")
    headers = {"authorization": header} if header else {}
    answer = await client.post("/graphql", json={"query": "{books{edges{cursor}}}"}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Bearer realm="milepost"')
    (error,) = answer.json()["errors"]
    assert (error["extensions"], shelf.calls) == ({"code": "UNAUTHENTICATED"}, [])


async def test_a_failure_before_the_schema_is_hidden_behind_a_number_too(shelf: Shelf) -> None:
    people = People()
    people.broken = True
    app = app_on(shelf, people)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://milepost.test") as client:
        with capture_logs() as logs:
            answer = await client.post("/graphql", json={"query": "{viewer{subject}}"}, headers=TOKEN)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["message"], error["extensions"]["code"]) == (500, "Internal error.", "INTERNAL")
    assert [log["incident"] for log in logs if log["event"] == "incident"] == [error["extensions"]["incident"]]


async def test_a_browser_gets_graphiql_outside_production_without_a_token(client: httpx.AsyncClient) -> None:
    client.headers.pop("authorization")
    answer = await client.get("/graphql", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "GraphiQL" in answer.text


async def test_in_production_a_browser_gets_no_graphiql(shelf: Shelf) -> None:
    production = settings(environment=Environment.PRODUCTION)
    database, who = cast("Database", shelf), Identity(production, People().find)
    app = create_app(production, database, NO_DESK, identity=who, schema=shared_schema())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://milepost.test") as client:
        answer = await client.get("/graphql", headers={"accept": "text/html"})
    assert answer.status_code == 401


async def test_a_request_has_an_id_taken_from_the_proxy_if_it_is_one(client: httpx.AsyncClient) -> None:
    given = await client.get("/health", headers={"x-request-id": "proxy-1.2_3"})
    odd = await client.get("/health", headers={"x-request-id": "no spaces please"})
    none = await client.get("/health")
    assert given.headers["x-request-id"] == "proxy-1.2_3"
    for made in (odd, none):
        assert len(made.headers["x-request-id"]) == 16
    assert odd.headers["x-request-id"] != none.headers["x-request-id"]


async def test_a_request_is_logged_by_route_and_actor_without_personal_data(client: httpx.AsyncClient) -> None:
    with capture_logs(processors=[merge_contextvars]) as logs:
        await post(client, {"query": "query Mine{viewer{subject}}"}, **{"x-request-id": "r1"})
    (line,) = logs
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "request_id": "r1",
        "operation": "Mine",
        "actor": 7,
        "route": "/graphql",
        "method": "POST",
        "status": 200,
    }


async def test_an_operation_without_a_name_is_logged_by_its_root_fields(client: httpx.AsyncClient) -> None:
    with capture_logs(processors=[merge_contextvars]) as logs:
        await post(client, {"query": "{me: viewer{subject} viewer{roles}}"})
        await post(client, {"query": "{clara_sommer}"})
    assert [line["operation"] for line in logs] == ["viewer,viewer", ""]


async def test_the_front_door_says_where_the_api_is(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert (answer.status_code, answer.json()["graphql"]) == (200, "/graphql")


async def test_an_unknown_path_is_not_named_in_figures_or_logs(client: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        answer = await client.get("/secret-of-mine")
    assert (answer.status_code, logs[0]["route"]) == (404, "other")
    assert "secret-of-mine" not in (await client.get("/metrics")).text


async def test_figures_are_offered_to_prometheus(client: httpx.AsyncClient) -> None:
    await post(client, {"query": "{viewer{subject}}"})
    text = (await client.get("/metrics")).text
    for name in ("milepost_http_requests_total", "milepost_http_request_seconds_bucket", "milepost_operations_total"):
        assert name in text
    assert 'route="/graphql",status="200"' in text


async def test_alive_is_not_the_same_as_ready(client: httpx.AsyncClient, shelf: Shelf) -> None:
    assert (await client.get("/health")).json() == {"status": "ok"}
    assert (await client.get("/ready")).json() == {"database": "ok"}
    shelf.broken = RuntimeError("password=hunter2")
    with capture_logs() as logs:
        answer = await client.get("/ready")
    assert (answer.status_code, answer.json()) == (503, {"database": "unavailable"})
    assert "hunter2" not in str(logs)
    assert (await client.get("/health")).status_code == 200


async def test_more_checks_are_asked_by_ready(shelf: Shelf) -> None:
    async def away() -> None:
        raise ConnectionError

    app = app_on(shelf, checks={"broker": away})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://milepost.test") as client:
        answer = await client.get("/ready")
    assert (answer.status_code, answer.json()) == (503, {"database": "ok", "broker": "unavailable"})


async def test_events_are_streamed(client: httpx.AsyncClient, shelf: Shelf) -> None:
    """A query over the same transport: one event, then the end."""
    answer = await post(client, {"query": "{viewer{subject}}"}, accept="text/event-stream")
    assert (answer.status_code, answer.headers.get_list("content-type")) == (200, ["text/event-stream"])
    events = [line for line in answer.text.splitlines() if line.startswith(("event", "data"))]
    assert events[0] == "event: next"
    assert json.loads(events[1].removeprefix("data: "))["data"] == {"viewer": {"subject": "clerk"}}
    assert "event: complete" in events


async def test_what_runs_beside_is_entered_before_and_left_after(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.asgi._calm_garbage_collector", lambda: None)
    seen: list[str] = []

    @asynccontextmanager
    async def companion(name: str) -> AsyncIterator[None]:
        seen.append(f"{name} in")
        yield
        seen.append(f"{name} out")

    app = app_on(shelf, beside=[companion("desk"), companion("worker")])
    async with app.router.lifespan_context(app):
        assert seen == ["desk in", "worker in"]
    assert seen == ["desk in", "worker in", "worker out", "desk out"]


@pytest.fixture
async def socket(shelf: Shelf) -> AsyncIterator[Socket]:
    async with connected(app_on(shelf), "/graphql") as one:
        yield one


def greet(socket: Socket, payload: Any) -> None:
    socket.send({"type": "connection_init", "payload": payload})


async def test_a_socket_says_who_it_is_when_it_opens(socket: Socket, shelf: Shelf) -> None:
    greet(socket, {"Authorization": TOKEN["authorization"]})
    assert await socket.receive() == {"type": "connection_ack"}
    socket.send({"type": "subscribe", "id": "1", "payload": {"query": "subscription{bookChanged{title}}"}})
    shelf.changes.put_nowait(shelf.books[BIG + 1])
    event = await socket.receive()
    assert (event["id"], event["type"]) == ("1", "next")
    assert event["payload"]["data"] == {"bookChanged": {"title": "Book 1"}}
    socket.send({"type": "subscribe", "id": "2", "payload": {"query": "{viewer{subject}}"}})
    assert (await socket.receive())["payload"]["data"] == {"viewer": {"subject": "clerk"}}
    assert await socket.receive() == {"id": "2", "type": "complete"}


async def test_a_socket_that_goes_away_ends_its_subscriptions(shelf: Shelf) -> None:
    async with connected(app_on(shelf), "/graphql") as socket:
        greet(socket, TOKEN)
        await socket.receive()
        socket.send({"type": "subscribe", "id": "1", "payload": {"query": "subscription{bookChanged{title}}"}})
        shelf.changes.put_nowait(shelf.books[BIG + 1])
        await socket.receive()
        assert shelf.listening == 1
    assert shelf.listening == 0


async def test_a_socket_may_say_who_it_is_by_its_header(shelf: Shelf) -> None:
    async with connected(app_on(shelf), "/graphql", headers=TOKEN) as socket:
        greet(socket, {})
        assert await socket.receive() == {"type": "connection_ack"}


@pytest.mark.parametrize("payload", [{}, {"authorization": "Bearer rubbish"}, {"authorization": 5}])
async def test_a_socket_without_a_valid_token_is_closed(socket: Socket, payload: Any) -> None:
    greet(socket, payload)
    assert await socket.closed() == 4403


async def test_a_socket_that_asks_before_it_greets_is_closed(socket: Socket) -> None:
    socket.send({"type": "subscribe", "id": "1", "payload": {"query": "{viewer{subject}}"}})
    assert await socket.closed() == 4401


@pytest.mark.parametrize(
    "message",
    [
        [],
        5,
        None,
        {},
        {"type": 5},
        {"type": "unheard"},
        {"type": "subscribe"},
        {"type": "subscribe", "id": "1", "payload": []},
        {"type": "subscribe", "id": "1", "payload": {}},
        {"type": "subscribe", "id": "1", "payload": {"query": 5}},
        {"type": "subscribe", "id": ["1"], "payload": {"query": "{a}"}},
        {"type": "subscribe", "id": "1", "payload": {"query": "{a}", "variables": []}},
        {"type": "subscribe", "id": "1", "payload": {"query": "{a}", "operationName": 5}},
        {"type": "complete", "id": {}},
    ],
)
async def test_a_message_of_another_shape_closes_the_socket(socket: Socket, message: Any) -> None:
    greet(socket, TOKEN)
    await socket.receive()
    socket.send(message)
    assert await socket.closed() == 4400


async def test_who_may_no_longer_use_the_api_loses_an_open_socket(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "REMEMBER_PERSONS", 0)
    people = People(CLERK)
    app = app_on(shelf, people)
    ask = {"type": "subscribe", "payload": {"query": "{viewer{subject roles}}"}}
    async with connected(app, "/graphql") as socket:
        greet(socket, TOKEN)
        await socket.receive()
        people.people["clerk"] = replace(CLERK, roles=frozenset({Role.MANAGER}))
        socket.send({**ask, "id": "1"})
        assert (await socket.receive())["payload"]["data"] == {"viewer": {"subject": "clerk", "roles": ["MANAGER"]}}
        await socket.receive()
        people.people["clerk"] = replace(CLERK, active=False)
        socket.send({**ask, "id": "2"})
        assert await socket.closed() == 4403


async def test_who_loses_the_right_to_it_loses_an_open_subscription(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "REMEMBER_PERSONS", 0)
    monkeypatch.setattr(roots, "ASK_AGAIN_SECONDS", -1)
    people = People(CLERK)
    app = app_on(shelf, people)
    async with connected(app, "/graphql") as socket:
        greet(socket, TOKEN)
        await socket.receive()
        socket.send({"type": "subscribe", "id": "1", "payload": {"query": "subscription{bookChanged{title}}"}})
        shelf.changes.put_nowait(shelf.books[BIG + 1])
        assert (await socket.receive())["payload"]["data"] == {"bookChanged": {"title": "Book 1"}}
        people.people["clerk"] = replace(CLERK, active=False)
        shelf.changes.put_nowait(shelf.books[BIG + 2])
        event = await socket.receive()
        [error] = event["payload"]["errors"]
        assert (event["type"], event["payload"].get("data"), error["extensions"]["code"]) == ("next", None, "FORBIDDEN")
        assert (await socket.receive())["type"] == "complete"
        assert shelf.listening == 0


async def test_other_subprotocols_are_not_spoken(shelf: Shelf) -> None:
    async with connected(app_on(shelf), "/graphql", subprotocol="graphql-ws") as socket:
        assert await socket.closed() == 4406


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/json"),
        ("text/html", "application/json"),
        (f"{GRAPHQL_JSON};q=x", GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}; charset=utf-8, application/json;q=0.9", GRAPHQL_JSON),
        (f"application/*;q=0.2, {GRAPHQL_JSON};q=0.1", "application/json"),
    ],
)
def test_the_media_type_is_the_one_that_the_client_likes_best(accept: str, media_type: str) -> None:
    assert negotiate(accept) == media_type


async def test_requests_at_the_same_time_do_not_mix(client: httpx.AsyncClient) -> None:
    query = "query($id:ID!){node(id:$id){... on BookType{title}}}"
    bodies = [{"query": query, "variables": {"id": seal("BookType", BIG + i)}} for i in range(1, 10)]
    answers = await asyncio.gather(*(post(client, body) for body in bodies))
    assert [answer.json()["data"]["node"]["title"] for answer in answers] == [f"Book {i}" for i in range(1, 10)]
