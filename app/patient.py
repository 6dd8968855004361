"""The HTTP protocol with patience of a known length: headers that do not come or do not end, and connections that are too many, are ended.

What is slow inside a request, its body and its work, is bounded where it happens (`app/bodies.py`, `app/build.py`).
"""

import asyncio
from collections import Counter
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from app.limit_settings import LimitSettings

RETRY_AFTER = 1
LINGER_SECONDS = 1.0
"""How long somebody who is sent away may take to read why: what they still send meanwhile is thrown away."""
MAX_HEAD = 64 * 1024
"""Bytes of a request's address and headers."""


def _answer(status: str, message: str) -> bytes:
    return (
        f"HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {len(message)}\r\n"
        f"retry-after: {RETRY_AFTER}\r\nconnection: close\r\n\r\n{message}"
    ).encode()


TOO_SLOW = _answer("408 Request Timeout", "The headers of the request took too long.")
TOO_LARGE = _answer(
    "431 Request Header Fields Too Large",
    f"The address and headers are too large: at most {MAX_HEAD:,} bytes are allowed.",
)
TOO_MANY = _answer("503 Service Unavailable", "Too many connections are open: try again in a moment.")


class HeadTooLarge(Exception):
    """The address and headers of a request, or what follows its body, go beyond the limit."""


class Addresses:
    """How many connections each address has, of HTTP and WebSocket together."""

    def __init__(self) -> None:
        self._open = Counter[str]()

    def come(self, address: str) -> int:
        """One more; how many there are now."""
        self._open[address] += 1
        return self._open[address]

    def leave(self, address: str) -> None:
        """One less."""
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]


class Socket(WebSocketsSansIOProtocol):
    """A connection that has become a WebSocket: it counts for its address as before."""

    addresses: ClassVar[Addresses]
    _address: str

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self.addresses.come(self._address)

    def connection_lost(self, exc: Exception | None) -> None:
        self.addresses.leave(self._address)
        super().connection_lost(exc)


class Patient(HttpToolsProtocol):
    """One connection of a server; `patient` makes the class of one with settings."""

    settings: ClassVar[LimitSettings]
    addresses: ClassVar[Addresses]
    sockets: ClassVar[type[Socket]]
    _deadline: asyncio.TimerHandle | None = None
    _address: str | None = None
    _sent_away = False
    _unread = 0
    """Bytes since the parser last told of anything but parts of a head."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        if self._is_one_too_many(self.addresses.come(self._address)):
            self._send_away(TOO_MANY)
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        self._leave()  # from here on another protocol has the connection, and counts it
        self.ws_protocol_class = self.sockets
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        if self._sent_away:
            return
        # mypy knows the cycle as always there; before the first request there is none
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete:
            self._wait()
        self._unread += len(data)
        super().data_received(data)
        if self._unread > MAX_HEAD:
            self._end(TOO_LARGE)

    def on_headers_complete(self) -> None:
        self._come()
        if self._unread > MAX_HEAD and self._head() > MAX_HEAD:
            raise HeadTooLarge
        self._unread = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unread = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if self._unread > MAX_HEAD:
            self._end(TOO_LARGE)
        else:
            super().send_400_response(msg)

    def _head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _is_one_too_many(self, of_address: int) -> bool:
        most = self.settings.connections_per_address
        return len(self.connections) > self.settings.connections or 0 < most < of_address

    def _leave(self) -> None:
        self._come()
        if self._address is not None:
            self.addresses.leave(self._address)
            self._address = None

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.settings.header_seconds, self._give_up)

    def _come(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        self._end(TOO_SLOW)

    def _end(self, answer: bytes) -> None:
        """Say why and close, unless that has been done, or another answer has begun."""
        self._come()
        if self._sent_away or self.transport.is_closing():
            return
        # mypy knows the cycle as always there; before the first request there is none
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self._send_away(answer)
        else:
            self.transport.close()

    def _send_away(self, answer: bytes) -> None:
        """Say why, and end the connection once that can have been read: one that is closed with something unread loses the answer."""
        self._sent_away = True
        self._leave()
        self.connections.discard(self)
        self.transport.write(answer)
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)


def patient(settings: LimitSettings) -> type[Patient]:
    """The protocol of a server with these settings."""
    addresses = Addresses()
    sockets = type("Socket", (Socket,), {"addresses": addresses})
    return type("Patient", (Patient,), {"settings": settings, "addresses": addresses, "sockets": sockets})
