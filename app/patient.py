"""The HTTP protocol with patience of a known length: headers that do not come, and connections that are too many, are ended.

What is slow inside a request, its body and its work, is bounded where it happens (`app/bodies.py`, `app/build.py`).
"""

import asyncio
from collections import Counter
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.limit_settings import LimitSettings

RETRY_AFTER = 1


def _answer(status: str, message: str) -> bytes:
    return (
        f"HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {len(message)}\r\n"
        f"retry-after: {RETRY_AFTER}\r\nconnection: close\r\n\r\n{message}"
    ).encode()


TOO_SLOW = _answer("408 Request Timeout", "The headers of the request took too long.")
TOO_MANY = _answer("503 Service Unavailable", "Too many connections are open: try again in a moment.")


class Patient(HttpToolsProtocol):
    """One connection of a server; `patient` makes the class of one with settings."""

    settings: ClassVar[LimitSettings]
    addresses: ClassVar[Counter[str]]
    _deadline: asyncio.TimerHandle | None = None
    _address: str | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self.addresses[self._address] += 1
        if self._is_one_too_many(self._address):
            transport.write(TOO_MANY)
            transport.close()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        self._leave()  # from here on another protocol has the connection
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        # mypy knows the cycle as always there; before the first request there is none
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete:
            self._wait()
        super().data_received(data)

    def on_headers_complete(self) -> None:
        self._come()
        super().on_headers_complete()

    def _is_one_too_many(self, address: str) -> bool:
        most = self.settings.connections_per_address
        return len(self.connections) > self.settings.connections or 0 < most < self.addresses[address]

    def _leave(self) -> None:
        self._come()
        if self._address is not None:
            self.addresses[self._address] -= 1
            if not self.addresses[self._address]:
                del self.addresses[self._address]
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
        if not self.transport.is_closing():
            self.transport.write(TOO_SLOW)
            self.transport.close()


def patient(settings: LimitSettings) -> type[Patient]:
    """The protocol of a server with these settings."""
    return type("Patient", (Patient,), {"settings": settings, "addresses": Counter[str]()})
