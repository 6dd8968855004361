"""Telling a webhook endpoint: one signed POST per message, by the Standard Webhooks scheme.

An address is judged when it is connected to, after it was looked up, and exactly what was judged is connected to: a name that
resolves to a private address, then or later, is refused. Redirects are answers like any other that is no success.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpcore
from standardwebhooks import Webhook

from domain.deliveries import Delivery
from domain.services.deliveries import Batch, Failed, Fate
from domain.webhooks import is_public

CONNECT_SECONDS = 5
ANSWER_SECONDS = 15
"""How long one attempt may take in all."""

LONGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read to keep the connection; nothing of them is kept."""

AT_ONCE = 10
"""How many messages one endpoint is told at the same time."""

GONE = 410

Headers = list[tuple[str | bytes, str | bytes]]


class PrivateAddress(Exception):
    """A name resolved to an address that is not on the open internet."""


class Guarded(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only, unless this is a development installation."""

    def __init__(self, *, private: bool) -> None:
        self._private = private
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 the signature is the library's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        problem: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in await self._addresses(host, port):
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        """What a name stands for now; one private address among them refuses all."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} cannot be looked up") from error
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        if not self._private and not all(map(is_public, addresses)):
            raise PrivateAddress
        return addresses

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise PrivateAddress

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one attempt: None, or why it failed. `gone`: there is nobody any more."""

    problem: str | None
    gone: bool = False


class Webhooks:
    """Connections to endpoints, kept for as long as a worker lives."""

    def __init__(self, *, private: bool) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=200,
            max_keepalive_connections=50,
            keepalive_expiry=30,
            network_backend=Guarded(private=private),
        )

    async def tell_all(self, batch: Batch, stopping: asyncio.Event) -> Fate:
        """Tell an endpoint its messages, a few at a time; after the first that fails, no more are begun."""
        fate, waiting = Fate(), list(reversed(batch.messages))

        async def take_turns() -> None:
            while waiting and not fate.failed and not stopping.is_set():
                message = waiting.pop()
                answer = await self.tell(batch, message)
                if answer.problem is None:
                    fate.delivered.append(message)
                else:
                    fate.failed.append(Failed(message, answer.problem))
                    fate.gone = fate.gone or answer.gone

        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(waiting))):
                group.create_task(take_turns())
        fate.untried = waiting
        return fate

    async def tell(self, batch: Batch, message: Delivery) -> Answer:
        """One attempt."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                status = await self._post(batch.address.url, message.body.encode(), self._headers(batch, message))
        except PrivateAddress:
            return Answer("its address is not on the open internet")
        except TimeoutError:
            return Answer(f"no answer within {ANSWER_SECONDS} seconds")
        except Exception as error:  # noqa: BLE001 whatever a stranger's server makes of it, it did not get through
            return Answer(f"{type(error).__name__}: {error}"[:200])
        if 200 <= status < 300:  # noqa: PLR2004 the successes of HTTP
            return Answer(None)
        return Answer(f"HTTP {status}", gone=status == GONE)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def _post(self, url: str, body: bytes, headers: Headers) -> int:
        timeouts = {"connect": CONNECT_SECONDS, "read": ANSWER_SECONDS, "write": ANSWER_SECONDS, "pool": ANSWER_SECONDS}
        async with self._pool.stream(
            "POST", url, headers=headers, content=body, extensions={"timeout": timeouts}
        ) as response:
            read = 0
            async for part in response.aiter_stream():
                read += len(part)
                if read > LONGEST_ANSWER:
                    break
            return response.status

    def _headers(self, batch: Batch, message: Delivery) -> Headers:
        now = datetime.now(UTC)
        signatures = (Webhook(secret).sign(message.message_id, now, message.body) for secret in batch.address.secrets)
        return [
            ("content-type", "application/json"),
            ("user-agent", "Milepost"),
            ("webhook-id", message.message_id),
            ("webhook-timestamp", str(int(now.timestamp()))),
            ("webhook-signature", " ".join(signatures)),
        ]
