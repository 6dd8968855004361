"""The floor of the benchmark of reads: an endpoint that sends the statements which a question costs, and answers what GraphQL answers.

Run as `python -m bench.reads_bare URL PORT KIND NUMBERS…`. It first asks every question once of the schema, in this process, and
remembers statements and answers; it prints what that took (milliseconds, medians), and then serves: the same statements to
the driver, their rows thrown away, and the same bytes to the client. Nothing can be faster but another set of statements.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import asyncpg
import msgspec
import uvicorn
from asyncpg.connection import Connection
from asyncpg.prepared_stmt import PreparedStatement

from app import build
from app.identity import principal_of
from app.server import loop
from app.settings import Settings
from bench.batch import plain
from bench.reads_load import question
from domain.people import Scope
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store import people
from domain.store.database import Database
from resolvers.context import Context

ROUNDS = 5
POOL = 10
DIRECT, PREPARED = "_execute", "_PreparedStatement__bind_execute"
"""Through which every statement goes in asyncpg."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What was sent to the database, and from when to when it took (seconds)."""

    text: str
    values: tuple[Any, ...]
    began: float
    ended: float


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """Every statement of this process within the block."""
    sent: list[Statement] = []
    plain_kind: Any = Connection
    prepared_kind: Any = PreparedStatement
    direct, prepared = getattr(plain_kind, DIRECT), getattr(prepared_kind, PREPARED)

    async def execute(self: Any, query: str, values: Any, *rest: Any, **options: Any) -> Any:
        began = time.perf_counter()
        answer = await direct(self, query, values, *rest, **options)
        sent.append(Statement(query, tuple(values), began, time.perf_counter()))
        return answer

    async def bind(self: Any, values: Any, *rest: Any) -> Any:
        began = time.perf_counter()
        answer = await prepared(self, values, *rest)
        sent.append(Statement(self.get_query(), tuple(values), began, time.perf_counter()))
        return answer

    setattr(plain_kind, DIRECT, execute)
    setattr(prepared_kind, PREPARED, bind)
    try:
        yield sent
    finally:
        setattr(plain_kind, DIRECT, direct)
        setattr(prepared_kind, PREPARED, prepared)


def busy(statements: list[Statement]) -> float:
    """Seconds in which at least one of them was on its way."""
    total, until = 0.0, 0.0
    for each in sorted(statements, key=lambda one: one.began):
        total += max(0.0, each.ended - max(each.began, until))
        until = max(until, each.ended)
    return total


class Bare:
    """Statements and answers, by number."""

    def __init__(self, url: str, kind: str, numbers: list[str]) -> None:
        self.url, self.kind, self.numbers = url, kind, numbers
        self.known: dict[str | None, tuple[list[Statement], bytes]] = {}
        self.pool: Any = None

    async def learn(self) -> dict[str, float]:
        """Ask everything; medians of what that took."""
        database = Database(self.url, pool_size=POOL)
        schema, desk, settings = build.schema(), Desk(database, EnginePrograms()), Settings()
        async with database.read() as reader:
            person = await people.find(reader, Scope(), "desk")
        assert person is not None
        took, sql = [], []
        for _ in range(ROUNDS):
            for number in self.numbers:
                asked = question(self.kind, number)
                context = Context(settings, database, desk, principal_of(person))
                with recorded() as sent:
                    began = time.perf_counter()
                    result = await schema.execute(asked["query"], asked["variables"], context_value=context)
                    took.append(time.perf_counter() - began)
                assert result.errors is None, result.errors
                sql.append(busy(sent))
                self.known[asked["variables"].get("number")] = sent, msgspec.json.encode({"data": result.data})
        await database.close()
        statements = median(len(sent) for sent, _ in self.known.values())
        return {"execute_ms": median(took) * 1000, "sql_ms": median(sql) * 1000, "statements": statements}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        assert scope["type"] == "http"
        message = await receive()
        body = message["body"]
        while message.get("more_body"):
            message = await receive()
            body += message["body"]
        if scope["method"] == "GET":  # is it there?
            await self._answer(send, b"{}")
            return
        statements, answer = self.known[msgspec.json.decode(body)["variables"].get("number")]
        async with self.pool.acquire() as connection:
            for each in statements:
                await connection.fetch(each.text, *each.values)
        await self._answer(send, answer)

    async def _answer(self, send: Any, answer: bytes) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


async def serve(url: str, port: int, kind: str, numbers: list[str]) -> None:
    """Learn, say what it took, and serve."""
    bare = Bare(url, kind, numbers)
    print(json.dumps(await bare.learn()), flush=True)
    async with asyncpg.create_pool(plain(url), min_size=POOL, max_size=POOL) as bare.pool:
        config = uvicorn.Config(bare, port=port, lifespan="off", access_log=False, log_config=None)
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    _, address, number, wanted, *everybody = sys.argv
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(serve(address, int(number), wanted, everybody))
