"""What keeps the API up: how fast, how long, how many at once, which documents, from which pages. Each limit has its own answer."""

import asyncio
import gzip
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from app import clients as module
from app.asgi import create_app
from app.clients import Clients, TooManyRequests
from app.cost import BUDGET
from app.identity import Identity, make_token
from app.limit_settings import Trust
from app.settings import Environment, InvalidSettingsError, load
from domain.services.posting.desk import Overloaded
from domain.store.database import Database
from tests.app.sockets import PATIENCE, Socket, connected
from tests.app.stamps import NO_DESK, Shelf, sample, shared_schema
from tests.app.test_asgi import BOOK, CLERK, GRAPHQL_JSON, TOKEN, post
from tests.app.test_identity import People, person, settings

VIEWER = "{viewer{subject}}"
BOOKS = "query($id:ID!){book(id:$id){title}}"


def app_with(shelf: Shelf, **values: Any) -> Any:
    given = settings(environment=Environment.TEST, **values)
    who = Identity(given, People(CLERK, person("other", roles=CLERK.roles, member_id=None)).find)
    return create_app(given, cast("Database", shelf), NO_DESK, identity=who, schema=shared_schema())


@asynccontextmanager
async def client(shelf: Shelf | None = None, **values: Any) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app_with(shelf or sample(), **values), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://milepost.test", headers=TOKEN) as one:
        yield one


def said(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, code and message of a refusal."""
    [error] = answer.json()["errors"]
    return answer.status_code, error["extensions"]["code"], error["message"]


# How fast


class Still:
    """The clock of the buckets, which goes on when the test says so."""

    now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> Still:
    clock = Still()
    monkeypatch.setattr(module, "time", clock)
    return clock


async def test_a_client_asks_so_many_times_and_is_told_when_to_go_on(still: Still) -> None:
    async with client(rate=2, burst=3) as one:
        statuses = [(await post(one, {"query": VIEWER})).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        refused = await post(one, {"query": VIEWER})
        message = "You ask more often than 2 times a second: go on after 1 s."
        assert (said(refused), refused.headers["retry-after"]) == ((429, "RATE_LIMITED", message), "1")
        other = f"Bearer {make_token(settings(), 'other')}"
        assert (await post(one, {"query": VIEWER}, authorization=other)).status_code == 200
        still.now += 1
        statuses = [(await post(one, {"query": VIEWER})).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]


@pytest.mark.usefixtures("still")
async def test_who_is_not_known_is_told_so_as_often_as_a_client_may_ask() -> None:
    async with client(rate=1, burst=2) as one:
        statuses = [(await post(one, {"query": VIEWER}, authorization=f"Bearer {n}")).status_code for n in range(4)]
        assert statuses == [401, 401, 429, 429]
        assert (await post(one, {"query": VIEWER})).status_code == 200


@pytest.mark.usefixtures("still")
async def test_a_socket_asks_no_faster() -> None:
    async with connected(app_with(sample(), rate=1, burst=2), "/graphql") as socket:
        await greeted(socket)
        for number in range(3):
            socket.send({"type": "subscribe", "id": str(number), "payload": {"query": VIEWER}})
        kinds = [await socket.receive() for _ in range(5)]
        [error] = [each for each in kinds if each["type"] == "error"]
        assert (error["id"], error["payload"][0]["extensions"]) == ("2", {"code": "RATE_LIMITED", "retryAfter": 1})


@pytest.mark.usefixtures("still")
def test_buckets_are_bounded_and_the_one_that_was_used_longest_ago_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CLIENTS", 2)
    bucket = Clients(1, 1, 1)
    for name in "abc":
        bucket.ask(name)
    bucket.ask("a")
    with pytest.raises(TooManyRequests):
        bucket.ask("c")


# How long, and what if there is no room


@asynccontextmanager
async def never(_: Shelf) -> AsyncIterator[None]:
    await asyncio.Event().wait()
    yield


async def test_an_operation_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shelf, "read", never)
    async with client(operation_seconds=0.05) as one:
        answer = await post(one, {"query": BOOKS, "variables": {"id": BOOK}})
        message = (
            "This operation took longer than 0.05 s and was ended. Ask for less; repeat a mutation with the same key."
        )
        assert said(answer) == (503, "TIMED_OUT", message)
        assert answer.headers["retry-after"] == "1"
        # What needs no database has time enough on any machine.
        assert (await post(one, {"query": "{__typename}"})).json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("accept", ["application/json", GRAPHQL_JSON])
async def test_where_the_engine_has_no_room_the_status_says_so(accept: str) -> None:
    shelf = sample()
    shelf.broken = Overloaded("10,000 requests wait already.")
    async with client(shelf) as one:
        answer = await post(one, {"query": BOOKS, "variables": {"id": BOOK}}, accept=accept)
        assert (said(answer)[:2], answer.headers["retry-after"]) == ((503, "OVERLOADED"), "1")
        half = f'{{viewer{{subject}} book(id:"{BOOK}"){{title}}}}'
        answer = await post(one, {"query": half}, accept=accept)
        assert (answer.status_code, answer.json()["data"]) == (200, {"viewer": {"subject": "clerk"}, "book": None})


async def test_what_an_operation_costs_is_told() -> None:
    async with client() as one:
        answer = await post(one, {"query": "query($n:Int!){books(first:$n){edges{node{id}}}}", "variables": {"n": 3}})
        assert answer.json()["extensions"] == {"cost": {"requested": 1 + 10 + 3 * 3, "budget": BUDGET}}


# How many at once


async def greeted(socket: Socket) -> None:
    socket.send({"type": "connection_init", "payload": {"authorization": TOKEN["authorization"]}})
    assert await socket.receive() == {"type": "connection_ack"}


async def test_a_client_has_so_many_sockets_and_may_open_another_once_one_is_closed() -> None:
    app = app_with(sample(), sockets_per_client=1)
    async with connected(app, "/graphql") as first:
        await greeted(first)
        async with connected(app, "/graphql") as second:
            await greeted(second)
            assert await second.closed() == 1013
    async with connected(app, "/graphql") as third:
        await greeted(third)
        third.send({"type": "ping"})
        assert await third.receive() == {"type": "pong"}


async def test_a_client_has_so_many_subscriptions_over_all_its_sockets() -> None:
    shelf = sample()
    app = app_with(shelf, subscriptions_per_client=1)
    watch = {"query": "subscription{bookChanged{title}}"}
    async with connected(app, "/graphql") as first, connected(app, "/graphql") as second:
        await greeted(first)
        await greeted(second)
        first.send({"type": "subscribe", "id": "1", "payload": watch})
        shelf.changes.put_nowait(next(iter(shelf.books.values())))
        assert (await first.receive())["type"] == "next"
        second.send({"type": "subscribe", "id": "2", "payload": watch})
        refused = await second.receive()
        [error] = refused["payload"]["errors"] if refused["type"] == "next" else refused["payload"]
        assert error["extensions"] == {"code": "TOO_MANY_SUBSCRIPTIONS", "limit": 1}
        assert error["message"] == "You have 1 subscriptions open: complete one before you open another."


# Which documents


def manifest(folder: Path, *documents: str) -> Path:
    file = folder / "documents.json"
    file.write_text(json.dumps({hashlib.sha256(text.encode()).hexdigest(): text for text in documents}))
    return file


def id_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("mode", ["allowed", "required"])
async def test_a_trusted_document_is_called_by_its_id(tmp_path: Path, mode: str) -> None:
    async with client(trusted_documents=Trust(mode), trusted_documents_file=manifest(tmp_path, BOOKS)) as one:
        variables = {"id": BOOK}
        for request in (
            {"documentId": f"sha256:{id_of(BOOKS)}"},
            {"documentId": id_of(BOOKS)},
            {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": id_of(BOOKS)}}},
            {"query": BOOKS},
        ):
            answer = await post(one, {**request, "variables": variables})
            assert answer.json().get("data") == {"book": {"title": "Book 1"}}, (request, answer.text)
        parameters = {"documentId": id_of(BOOKS), "variables": json.dumps(variables)}
        assert (await one.get("/graphql", params=parameters)).json()["data"] == {"book": {"title": "Book 1"}}
        unknown = await post(one, {"documentId": id_of(VIEWER)})
        assert said(unknown)[:2] == (400, "PERSISTED_QUERY_NOT_FOUND")
        other = await post(one, {"documentId": id_of(BOOKS), "query": VIEWER})
        assert said(other)[:2] == (400, "PERSISTED_QUERY_NOT_FOUND")
        foreign = await post(one, {"query": VIEWER})
        if mode == "required":
            message = "Only trusted documents are executed here: send the id of one."
            assert said(foreign) == (400, "DOCUMENT_NOT_TRUSTED", message)
        else:
            assert foreign.json()["data"] == {"viewer": {"subject": "clerk"}}


async def test_a_socket_executes_trusted_documents_alone_where_they_are_required(tmp_path: Path) -> None:
    app = app_with(sample(), trusted_documents=Trust.REQUIRED, trusted_documents_file=manifest(tmp_path, VIEWER))
    async with connected(app, "/graphql") as socket:
        await greeted(socket)
        socket.send({"type": "subscribe", "id": "1", "payload": {"documentId": id_of(VIEWER)}})
        assert (await socket.receive())["payload"]["data"] == {"viewer": {"subject": "clerk"}}
        assert (await socket.receive())["type"] == "complete"
        socket.send({"type": "subscribe", "id": "2", "payload": {"query": BOOKS, "variables": {"id": BOOK}}})
        refused = await socket.receive()
        assert refused["payload"][0]["extensions"] == {"code": "DOCUMENT_NOT_TRUSTED"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: "),
        ("{", "cannot be read: "),
        ("[]", "a file of trusted documents is one JSON object"),
        ('{"a": 1}', "a file of trusted documents is one JSON object"),
        ('{"abc": "{a}"}', "the trusted document 'abc' has the SHA-256 "),
    ],
)
def test_a_file_that_says_something_else_stops_the_start(tmp_path: Path, text: str | None, message: str) -> None:
    file = tmp_path / "documents.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(InvalidSettingsError) as refused:
        load(trusted_documents="required", trusted_documents_file=file)
    assert message in str(refused.value)


def test_trust_in_nothing_named_stops_the_start() -> None:
    with pytest.raises(InvalidSettingsError, match=r"^MILEPOST_TRUSTED_DOCUMENTS_FILE is missing"):
        load(trusted_documents="required")


# From which pages


async def test_pages_of_other_origins_read_answers_only_where_they_are_named() -> None:
    asking = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    asking["access-control-request-headers"] = "authorization,content-type"
    async with client() as one:
        answer = await post(one, {"query": VIEWER}, origin="https://shop.example")
        assert "access-control-allow-origin" not in answer.headers
        assert (await one.options("/graphql", headers=asking)).status_code == 405
    async with client(cors_origins=("https://shop.example",)) as one:
        answer = await post(one, {"query": VIEWER}, origin="https://shop.example")
        assert answer.headers["access-control-allow-origin"] == "https://shop.example"
        assert "retry-after" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in answer.headers
        assert (await one.options("/graphql", headers=asking)).status_code == 200
        elsewhere = await one.options("/graphql", headers={**asking, "origin": "https://evil.example"})
        assert (elsewhere.status_code, elsewhere.headers.get("access-control-allow-origin")) == (400, None)


@pytest.mark.parametrize(
    ("origin", "answered"),
    [
        (None, "websocket.accept"),
        ("https://shop.example", "websocket.accept"),
        ("http://milepost.test", "websocket.accept"),
        ("https://evil.example", "websocket.close"),
        ("https://shop.example.evil.example", "websocket.close"),
        ("null", "websocket.close"),
    ],
)
async def test_a_page_opens_a_websocket_only_from_here_or_from_a_named_origin(
    origin: str | None, answered: str
) -> None:
    headers = {"host": "milepost.test", **({"origin": origin} if origin else {})}
    assert await knocked(app_with(sample(), cors_origins=("https://shop.example",)), headers) == answered
    if origin == "https://shop.example":
        assert await knocked(app_with(sample()), headers) == "websocket.close"


async def knocked(app: Any, headers: dict[str, str]) -> str:
    """What the application says first to whoever wants to open a WebSocket."""
    to_app, from_app = asyncio.Queue[Any](), asyncio.Queue[Any]()
    to_app.put_nowait({"type": "websocket.connect"})
    scope = {
        "type": "websocket", "scheme": "ws", "path": "/graphql", "root_path": "", "query_string": b"",
        "server": ("milepost.test", 80), "subprotocols": ["graphql-transport-ws"],
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "extensions": {"websocket.http.response": {}},
    }  # fmt: skip
    task = asyncio.ensure_future(app(scope, to_app.get, from_app.put))
    first = await asyncio.wait_for(from_app.get(), PATIENCE)
    to_app.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await asyncio.wait([task])
    return str(first["type"])


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_what_a_form_of_any_page_can_send_is_not_read(content_type: str) -> None:
    async with client() as one:
        body = json.dumps({"query": VIEWER}).encode()
        answer = await one.post("/graphql", content=body, headers={"content-type": content_type})
        assert answer.status_code == 415


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip"])
async def test_a_compressed_body_is_refused_before_anything_unpacks_it(coding: str) -> None:
    async with client() as one:
        headers = {"content-type": "application/json", "content-encoding": coding}
        answer = await one.post("/graphql", content=gzip.compress(b" " * 50_000_000), headers=headers)
        message = "The body must not be compressed: send it without Content-Encoding."
        assert (answer.status_code, answer.json()["errors"][0]["message"]) == (415, message)
        plain = {**headers, "content-encoding": "identity"}
        answer = await one.post("/graphql", content=b'{"query": "{viewer{subject}}"}', headers=plain)
        assert answer.json()["data"] == {"viewer": {"subject": "clerk"}}


async def test_a_get_needs_the_header_that_the_settings_name() -> None:
    async with client(csrf_header="X-Milepost") as one:
        answer = await one.get("/graphql", params={"query": VIEWER})
        message = "A GET must have the header X-Milepost: pages elsewhere cannot send it."
        assert said(answer) == (403, "CSRF_HEADER_MISSING", message)
        answer = await one.get("/graphql", params={"query": VIEWER}, headers={"X-Milepost": "1"})
        assert answer.status_code == 200
        assert (await post(one, {"query": VIEWER})).status_code == 200


async def test_every_answer_has_headers_that_keep_it_what_it_is() -> None:
    async with client() as one:
        for answer in (await post(one, {"query": VIEWER}), await one.get("/health"), await one.get("/nowhere")):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["x-frame-options"] == "DENY"
            assert answer.headers["cache-control"] == "no-store"
            assert "strict-transport-security" not in answer.headers
    production = settings(environment=Environment.PRODUCTION)
    who = Identity(production, People().find)
    app = create_app(production, cast("Database", sample()), NO_DESK, identity=who, schema=shared_schema())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://milepost.test") as one:
        answer = await one.get("/health")
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_production_bounds_the_rate_unless_it_is_told_otherwise() -> None:
    assert load(environment="production").requests_per_second == 500
    assert load(environment="production", rate=0).requests_per_second == 0
    assert load().requests_per_second == 0


@pytest.mark.parametrize("origins", ["*", "shop.example", "https://shop.example/path", "https://*.example"])
def test_origins_are_named_one_by_one(origins: str) -> None:
    with pytest.raises(InvalidSettingsError, match=r"origins such as https://shop\.example\.com"):
        load(cors_origins=origins)


# What is told


async def test_what_is_no_name_of_an_operation_is_in_no_log() -> None:
    async with client() as one:
        with capture_logs(processors=[merge_contextvars]) as logs:
            for sent in ("clara@example.com", "a\nevent=forged", "Clara Sommer", "x" * 200):
                await post(one, {"query": "query Mine{viewer{subject}}", "operationName": sent})
        assert [line["operation"] for line in logs] == ["", "", "", "x" * 100]
