"""A client that has been told to repeat lost connections and OVERLOADED, with the same key, until it has an answer. Nothing else.

It talks to one of the servers and goes to another one when it gets no answer.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.torture.proxy import LONGEST, Proxy

ANSWER_S = 120
"""Who has no answer by then takes the connection for lost."""
TRIES = 5_000
PAUSE_S = 0.1
PASSING = {"OVERLOADED", "TIMED_OUT"}


class NoAnswer(Exception):
    """A request that was repeated for ever."""


@dataclass
class Tally:
    """What was seen of the servers; `wrong` is what should never have been."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Client:
    """`token` says who it is; `chance` decides about cuts and servers."""

    proxies: Sequence[Proxy]
    token: str
    tally: Tally
    chance: random.Random
    cut_share: float = 0.15
    place: int = 0
    cuts: tuple[str, ...] = field(default=("request", "answer"))

    async def ask(self, document: str, given: dict[str, Any]) -> dict[str, Any]:
        """The payload of a mutation, however long it takes to get one."""
        body = json.dumps({"query": document, "variables": {"input": given}}).encode()
        self.tally.counts["requests"] += 1
        cut = self.chance.choice(self.cuts) if self.chance.random() < self.cut_share else ""
        for _ in range(TRIES):
            found = self._payload(await self._send(body, cut))
            if found is not None:
                self.tally.counts["answers"] += 1
                self.tally.counts["replayed"] += bool(found.get("replayed"))
                return found
            self.tally.counts["retries"] += 1
            self.place = (self.place + 1) % len(self.proxies)
            await asyncio.sleep(PAUSE_S)
        raise NoAnswer(body.decode())

    def _payload(self, answer: dict[str, Any] | None) -> dict[str, Any] | None:
        if answer is None:
            self.tally.counts["lost"] += 1
            return None
        found: dict[str, Any] | None = next(iter((answer.get("data") or {}).values()), None)
        if found is not None:
            return found
        codes = {error.get("extensions", {}).get("code") for error in answer.get("errors", ())}
        self.tally.counts["busy"] += 1
        if not codes or not codes <= PASSING:
            self.tally.wrong.append(f"neither an answer nor a reason to repeat: {json.dumps(answer)}")
        return None

    async def _send(self, body: bytes, cut: str) -> dict[str, Any] | None:
        """What was answered; None if the connection was lost on the way."""
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(ANSWER_S):
                port = self.proxies[self.place].port
                reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=LONGEST)
                writer.write(self._head(len(body), cut) + body)
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                found: dict[str, Any] = json.loads(await reader.readexactly(length))
                return found
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            return None
        finally:
            if writer is not None:
                writer.transport.abort()

    def _head(self, length: int, cut: str) -> bytes:
        lines = [
            "POST /graphql HTTP/1.1", "Host: localhost", "Content-Type: application/json", "Accept: application/json",
            "Connection: close", f"Authorization: Bearer {self.token}", f"Content-Length: {length}",
        ]  # fmt: skip
        if cut:
            lines.append(f"X-Cut: {cut}")
        return "\r\n".join([*lines, "", ""]).encode()
