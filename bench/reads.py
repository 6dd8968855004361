"""Reads over HTTP: a member with balances and twenty transactions, and a page of a hundred, from the real server, beside a bare
endpoint that sends the same statements and answers with the same bytes.

The shares say where the time of one request goes that is alone: in statements, in GraphQL (rows into objects, objects into the answer),
and in HTTP (from the client to the schema and back).
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from app import embedded
from bench import batch_stage
from bench.batch import command, environment_of, plain
from bench.batch_stage import PROGRAM, Sizes
from bench.reads_load import QUESTIONS
from bench.realtime import free_port, load, server, spending, wait_for
from domain.commands.people import PersonCreate
from domain.people import ENGINE, Role
from domain.services.people import person_create
from domain.store.database import Database

CONNECTIONS = 32
LOAD = "bench.reads_load"
EACH = 20
SOME = "select member_id, count(*) from transaction group by 1 having count(*) >= $1 order by 1 limit 200"
NUMBERS = "select number from member where id = any($1)"


def run(members: int = 2_000, seconds: int = 5) -> dict[str, Any]:
    """Figures for so many members, with about 24 transactions each; each load lasts so long."""
    with tempfile.TemporaryDirectory() as folder, embedded.server(Path(folder) / "db") as url:
        command(url, "migrate")
        numbers = asyncio.run(_set_up(url, members))
        token = command(url, "token", "--role", "MSR").strip()
        figures = {kind: _measure(url, token, kind, numbers, seconds) for kind in QUESTIONS}
    main = figures["member"]
    return {"bench": "reads", "requests_per_second": main["requests_per_second"], "p99_ms": main["p99_ms"], **figures}


async def _set_up(url: str, members: int) -> list[str]:
    database = Database(url, pool_size=2)
    await batch_stage.program(database, PROGRAM, 10)
    msr = PersonCreate(subject="desk", name="Desk", roles=frozenset({Role.MSR}), program=PROGRAM)
    assert not (await person_create(database, ENGINE, msr)).errors
    await database.close()
    connection = await asyncpg.connect(plain(url))
    sizes = Sizes(members, 0, 10, members * (EACH + 4), 0)
    await batch_stage.rows(connection, PROGRAM, sizes, queued=0, history=sizes.history, first=0)
    await connection.execute("vacuum analyze")
    ids = [row[0] for row in await connection.fetch(SOME, EACH)]
    numbers = [row[0] for row in await connection.fetch(NUMBERS, ids)]
    await connection.close()
    return numbers


def _measure(url: str, token: str, kind: str, numbers: list[str], seconds: int) -> dict[str, Any]:
    asked, port, other = [kind, *numbers], free_port(), free_port()

    def loaded(at: int, connections: int, lasting: int) -> dict[str, Any]:
        return load([str(at), token, str(lasting)], connections, 0, asked, program=LOAD)

    with server(url, port) as process:
        loaded(port, CONNECTIONS, 1)
        found, spent = spending(url, process, lambda: loaded(port, CONNECTIONS, seconds))
        alone = loaded(port, 1, max(1, seconds // 2))
    with _bare(url, other, asked) as learnt:
        loaded(other, CONNECTIONS, 1)
        bare = loaded(other, CONNECTIONS, seconds)
    whole = max(alone["p50"], learnt["execute_ms"])
    return {
        "requests_per_second": round(found["per_second"]), "p99_ms": round(found["p99"], 1),
        "bare_per_second": round(bare["per_second"]), "ratio": round(found["per_second"] / bare["per_second"], 3),
        "statements": learnt["statements"], "alone_ms": round(whole, 2),
        "share_sql": round(learnt["sql_ms"] / whole, 2),
        "share_graphql": round((learnt["execute_ms"] - learnt["sql_ms"]) / whole, 2),
        "share_http": round((whole - learnt["execute_ms"]) / whole, 2),
        "server_cpu_ms_per_request": spent[0], "database_cpu_ms_per_request": spent[1],
    }  # fmt: skip


@contextmanager
def _bare(url: str, port: int, asked: list[str]) -> Iterator[dict[str, float]]:
    """The bare endpoint, as long as the block; what its questions took before it served."""
    program = [sys.executable, "-m", "bench.reads_bare", url, str(port), *asked]
    process = subprocess.Popen(program, env=environment_of(url), stdout=subprocess.PIPE)  # noqa: S603 - our own program
    assert process.stdout is not None
    try:
        learnt = json.loads(process.stdout.readline())
        wait_for(port)
        yield learnt
    finally:
        process.terminate()
        process.wait(timeout=30)


if __name__ == "__main__":
    print(json.dumps(run()))
