"""The load of the real-time benchmark: redemptions over HTTP from a process of its own, as fast as answers come or at a rate.

Run as `python -m bench.realtime_load PORT TOKEN SECONDS CONNECTIONS RATE PARTNERS NUMBERS…`; a rate of 0 means as fast as answers
come. With PARTNERS (codes between commas; `-` for none) members earn at one of them, instead of redeeming. It prints the number of answers, how many were no redemption, and latencies in milliseconds from when each request was due.
"""

import asyncio
import json
import random
import secrets
import sys
import time
from dataclasses import dataclass, field
from typing import Any

DOCUMENT = (
    "mutation ($input: PointsRedeemInput!) "
    "{ pointsRedeem(input: $input) { transaction { id status } errors { code message } } }"
)
EARN = DOCUMENT.replace("PointsRedeemInput", "PointsEarnInput").replace("pointsRedeem", "pointsEarn")
GOOD = b'"status": "PROCESSED"', b'"status":"PROCESSED"'


@dataclass
class Load:
    """What is asked of whom, and what came of it."""

    port: int
    token: str
    seconds: float
    rate: int
    partners: list[str]
    numbers: list[str]
    latencies: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def asked(self) -> dict[str, object]:
        """A redemption of one point by somebody, or a purchase at some partner."""
        said: dict[str, Any] = {"program": "BENCH", "member": {"number": random.choice(self.numbers)}}
        if self.partners:
            said |= {"partner": random.choice(self.partners), "amount": "5", "currency": "USD"}
        else:
            said["points"] = "1"
        return {
            "query": EARN if self.partners else DOCUMENT,
            "variables": {"input": {**said, "idempotencyKey": secrets.token_hex(12)}},
        }

    def is_good(self, body: bytes) -> bool:
        """Whether it is the answer that was hoped for."""
        return any(good in body for good in GOOD)

    def request(self) -> bytes:
        """What is sent for it."""
        body = json.dumps(self.asked()).encode()
        head = (
            f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
            f"Authorization: Bearer {self.token}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def connection(self, due: "asyncio.Queue[float]", ends: float) -> None:
        """One connection, kept open; a request at a time."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while time.perf_counter() < ends:
            began = await due.get() if self.rate else time.perf_counter()
            writer.write(self.request())
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            body = await reader.readexactly(length)
            self.latencies.append((time.perf_counter() - began) * 1000)
            if not self.is_good(body):
                self.wrong.append(body.decode())
        writer.close()

    async def clock(self, due: "asyncio.Queue[float]", ends: float) -> None:
        """At a rate: requests become due whether or not earlier ones are answered."""
        at = time.perf_counter()
        while at < ends:
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            due.put_nowait(at)
            at += 1 / self.rate

    async def run(self, connections: int) -> None:
        """All connections, for the time."""
        due: asyncio.Queue[float] = asyncio.Queue()
        ends = time.perf_counter() + self.seconds
        tasks = [asyncio.create_task(self.connection(due, ends)) for _ in range(connections)]
        if self.rate:
            await self.clock(due, ends)
            await asyncio.wait(tasks, timeout=2)
            for task in tasks:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def main(kind: type[Load] = Load) -> None:
    """Read the arguments, load, and print."""
    port, token, seconds, connections, rate, partners, *numbers = sys.argv[1:]
    codes = [] if partners == "-" else partners.split(",")
    load = kind(int(port), token, float(seconds), int(rate), codes, numbers)
    asyncio.run(load.run(int(connections)))
    ordered = sorted(load.latencies)
    print(json.dumps({
        "answers": len(ordered), "per_second": len(ordered) / float(seconds), "wrong": len(load.wrong),
        "example": load.wrong[:1], "p50": ordered[len(ordered) // 2], "p99": ordered[len(ordered) * 99 // 100],
    }))  # fmt: skip


if __name__ == "__main__":
    main()
