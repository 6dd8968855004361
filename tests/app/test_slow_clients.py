"""Slow and greedy clients, on real connections: headers and bodies that do not come or do not end, and too many connections."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import pytest
import uvicorn

from app.listening import listening
from app.patient import MAX_HEAD, patient
from app.settings import Settings
from tests.app.stamps import sample
from tests.app.test_abuse import app_with
from tests.app.test_asgi import TOKEN
from tests.app.test_identity import settings

PATIENCE = 120
GET = b"GET /health HTTP/1.1\r\nhost: milepost.test\r\n\r\n"
UPGRADE = (
    b"GET /graphql HTTP/1.1\r\nhost: milepost.test\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n"
    b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n"
)
HEAD = (
    f"POST /graphql HTTP/1.1\r\nhost: milepost.test\r\nauthorization: {TOKEN['authorization']}\r\n"
    "content-type: application/json\r\ncontent-length: 1000\r\n\r\n"
).encode()


@asynccontextmanager
async def serving(given: Settings | None = None, **values: Any) -> AsyncIterator[int]:
    """The port of a server with these settings; headers may take long, unless they say otherwise."""
    given = given or settings(**{"header_seconds": 600, **values})
    with listening("127.0.0.1", 0) as sock:
        config = uvicorn.Config(
            app_with(sample(), **values),
            http=patient(given),
            log_config=None,
            timeout_keep_alive=600,
            ws="websockets-sansio",
        )
        server = uvicorn.Server(config)
        server.capture_signals = nothing  # type: ignore[method-assign]
        task = asyncio.create_task(server.serve([sock]))
        try:
            yield sock.getsockname()[1]
        finally:
            server.should_exit = True
            await task


@contextmanager
def nothing() -> Iterator[None]:
    """The test's own signals stay."""
    yield


async def answer(port: int, *parts: bytes) -> bytes:
    """All that a connection is told after it has sent these parts and nothing more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        return await asyncio.wait_for(reader.read(), PATIENCE)
    finally:
        writer.close()


@pytest.mark.parametrize("begun", [b"", b"GET", b"GET /health HTTP/1.1\r\nhost: a\r\n", b"\r\n\r\n"])
async def test_headers_that_do_not_come_are_not_waited_for(begun: bytes) -> None:
    async with serving(header_seconds=0.2) as port:
        told = await answer(port, begun)
    assert told.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert told.endswith(b"The headers of the request took too long.")


@pytest.mark.parametrize("begun", [b"GET", b"\r\n"])
async def test_the_second_request_of_a_connection_is_not_waited_for_longer(begun: bytes) -> None:
    given = settings(header_seconds=600)
    async with serving(given) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET)
        first = await asyncio.wait_for(reader.readuntil(b"}"), PATIENCE)
        assert first.startswith(b"HTTP/1.1 200 OK\r\n")
        given.__dict__["header_seconds"] = 0.2
        writer.write(begun)
        told = await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()
    assert told.startswith(b"HTTP/1.1 408 Request Timeout\r\n")


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async with serving(body_seconds=0.2) as port:
        told = await answer(port, HEAD + b'{"query": "{')
    assert told.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"BODY_TIMED_OUT"' in told
    assert b"The body took longer than 0.2 s to come." in told


async def test_connections_are_bounded_and_there_is_room_again_once_one_is_closed() -> None:
    async with serving(connections=1) as port:
        _, first = await asyncio.open_connection("127.0.0.1", port)
        first.write(GET[:10])
        await first.drain()
        told = await until(port, b"HTTP/1.1 503 Service Unavailable\r\n")
        assert b"retry-after: 1\r\n" in told
        first.close()
        await first.wait_closed()
        await until(port, b"HTTP/1.1 200 OK\r\n")


async def test_who_is_sent_away_while_sending_still_reads_why() -> None:
    async with serving(connections=1) as port:
        _, first = await asyncio.open_connection("127.0.0.1", port)
        first.write(GET[:10])
        await first.drain()
        await until(port, b"HTTP/1.1 503 Service Unavailable\r\n")
        for _ in range(50):
            told = await answer(port, HEAD, b" " * 1000)
            assert told.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
            assert b"retry-after: 1\r\n" in told
        first.close()


async def test_connections_of_one_address_are_bounded() -> None:
    async with serving(connections_per_address=1) as port:
        _, first = await asyncio.open_connection("127.0.0.1", port)
        first.write(GET[:10])
        await first.drain()
        await until(port, b"HTTP/1.1 503 Service Unavailable\r\n")
        first.close()
        await first.wait_closed()
        await until(port, b"HTTP/1.1 200 OK\r\n")


async def test_a_websocket_counts_for_its_address_as_long_as_it_is_open() -> None:
    async with serving(connections_per_address=1) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(UPGRADE)
        opened = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        assert opened.startswith(b"HTTP/1.1 101 ")
        await until(port, b"HTTP/1.1 503 Service Unavailable\r\n")
        writer.close()
        await writer.wait_closed()
        await until(port, b"HTTP/1.1 200 OK\r\n")


BEGUN = b"GET /health HTTP/1.1\r\nhost: a\r\n"
LONG = b"a" * (MAX_HEAD // 2)
CHUNKED = HEAD.replace(b"content-length: 1000", b"transfer-encoding: chunked")


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([BEGUN, b"x: " + LONG, LONG, b"b\r\n\r\n"], id="one header"),
        pytest.param([BEGUN, *[b"x: " + LONG + b"\r\n"] * 3, b"\r\n"], id="many headers"),
        pytest.param([b"GET /" + LONG, LONG, b"b HTTP/1.1\r\nhost: a\r\n\r\n"], id="address"),
        pytest.param([BEGUN + b"x: " + LONG + LONG + b"\r\n\r\n"], id="at once"),
        pytest.param([BEGUN, *[b"x: " + LONG] * 100], id="without end"),
        pytest.param([CHUNKED, b"0\r\n", *[b"x: " + LONG + b"\r\n"] * 100], id="after the body"),
        pytest.param([CHUNKED, b"5;" + LONG, *[LONG] * 100], id="beside the body"),
    ],
)
async def test_headers_that_do_not_end_are_cut_off(parts: list[bytes]) -> None:
    async with serving(body_seconds=600) as port:
        told = await greedy(port, parts)
        assert told in {b"", b"HTTP/1.1 431 Request Header Fields Too Large"}
        await until(port, b"HTTP/1.1 200 OK\r\n")


async def test_headers_as_long_as_allowed_are_read() -> None:
    async with serving() as port:
        rest = b"connection: close\r\n\r\n"
        told = await answer(port, BEGUN, b"x: " + b"a" * (MAX_HEAD - len(BEGUN) - len(rest) - 10), b"\r\n" + rest)
        assert told.startswith(b"HTTP/1.1 200 OK\r\n")


async def greedy(port: int, parts: list[bytes]) -> bytes:
    """The first line that a client is told who sends for as long as it may; nothing, if its connection is cut while it sends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        with suppress(ConnectionError):
            for part in parts:
                writer.write(part)
                await writer.drain()
            return (await asyncio.wait_for(reader.read(), PATIENCE)).partition(b"\r\n")[0]
        return b""
    finally:
        writer.close()


async def until(port: int, expected: bytes) -> bytes:
    """The answer of a new connection, asked again until it begins as expected."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(ConnectionError):  # of a connection that was closed before it was read
                told = await answer(port, GET.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))
                if told.startswith(expected):
                    return told
            await asyncio.sleep(0.01)
