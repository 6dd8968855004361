"""Real time: redemptions of one point over HTTP, from a load process of its own against the real server in a process of its own.

Spread over members as fast as answers come; at 500 a second; all on one member; and at 50 a second beside a worker that has the
night's queue to itself; then accruals whose points come out of partners' blocks. A second machine would be kinder: here client,
server and database share the processors.
"""

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import asyncpg
import psutil

from app import embedded
from bench import batch_stage
from bench.batch import EMPTY, command, cpu_seconds, database_seconds, environment_of, plain, until, workers_of
from bench.batch_blocks import DRAWN
from bench.batch_stage import PARTNERS, PROGRAM, Sizes
from domain.commands.people import PersonCreate
from domain.people import ENGINE, Role
from domain.services.people import person_create
from domain.store.database import Database

CONNECTIONS = 64
PER_SECOND, BESIDE_BATCH = 500, 50
START_SECONDS = 60
RICH = (
    "select m.number from member m join balance b on b.member_id = m.id where b.available > 0 order by m.id limit 2000"
)
POINTS = 1_000_000
NUMBER = "select min(transaction_id) - 1 from block_debit"


def run(members: int = 20_000, promotions: int = 50, seconds: int = 8, queued: int = 60_000) -> dict[str, Any]:
    """Figures for so many members and active promotions; each load lasts so long; `queued` transactions wait for the worker."""
    sizes = Sizes(members, queued, promotions, members, 0)
    with tempfile.TemporaryDirectory() as folder, embedded.server(Path(folder) / "db") as url:
        figures = asyncio.run(_measure(url, sizes, seconds))
    return {"bench": "realtime", **figures, "members": members, "promotions": promotions}


async def _measure(url: str, sizes: Sizes, seconds: int) -> dict[str, Any]:
    command(url, "migrate")
    numbers = await _set_up(url, sizes)
    token = command(url, "token", "--role", "MSR").strip()
    port = free_port()
    with server(url, port) as process:
        given = [str(port), token, str(seconds)]
        load(given, CONNECTIONS, 0, numbers, seconds=2)
        spread, spent = spending(url, process, lambda: load(given, CONNECTIONS, 0, numbers))
        paced, spent_paced = spending(url, process, lambda: load(given, CONNECTIONS, PER_SECOND, numbers))
        hot = load(given, CONNECTIONS, 0, numbers[:1])
        beside, worked = await _beside_batch(url, given, numbers)
        blocks, one_block = await _blocks(url, given, numbers)
    return {
        "redemptions_per_second": round(spread["per_second"]), "p50_ms": round(paced["p50"], 1),
        "p99_ms_at_500": round(paced["p99"], 1), "reached_at_500": round(paced["per_second"]),
        "hot_member_ratio": round(hot["per_second"] / spread["per_second"], 2), "accruals_per_second": round(blocks),
        "hot_block_ratio": round(one_block / blocks, 2),
        "server_cpu_ms_per_redemption": spent[0], "database_cpu_ms_per_redemption": spent[1],
        "server_cpu_ms_at_500": spent_paced[0], "p99_ms_beside_batch": round(beside["p99"], 1), "batch_per_second_meanwhile": worked,
    }  # fmt: skip


async def _set_up(url: str, sizes: Sizes) -> list[str]:
    database = Database(url, pool_size=2)
    await batch_stage.program(database, PROGRAM, sizes.promotions)
    msr = PersonCreate(subject="desk", name="Desk", roles=frozenset({Role.MSR}), program=PROGRAM)
    assert not (await person_create(database, ENGINE, msr)).errors
    await database.close()
    connection = await asyncpg.connect(plain(url))
    queued, history = sizes.transactions, sizes.history
    await batch_stage.rows(connection, PROGRAM, sizes, queued=queued, history=history, first=0, points=POINTS)
    await connection.execute("create table later as select * from queued")
    await connection.execute("delete from queued")
    await connection.execute("vacuum analyze")
    numbers = [row[0] for row in await connection.fetch(RICH)]
    await connection.close()
    return numbers


async def _beside_batch(url: str, given: list[str], numbers: list[str]) -> tuple[dict[str, Any], int]:
    """The load while a worker processes what is queued, and how many a second it processes."""
    connection = await asyncpg.connect(plain(url))
    total = await connection.fetchval("select count(*) from later")
    if not total:
        await connection.close()
        return {"p99": 0.0}, 0
    await connection.execute("insert into queued select * from later")
    with workers_of(url, 1):
        await until(connection, "select count(*) < $1 from queued", total)
        began, before = time.perf_counter(), await connection.fetchval("select count(*) from queued")
        found = await asyncio.to_thread(load, given, CONNECTIONS, BESIDE_BATCH, numbers)
        left = await connection.fetchval("select count(*) from queued")
        passed = time.perf_counter() - began
        assert left or await connection.fetchval(EMPTY)
    await connection.close()
    return found, round((before - left) / passed)


async def _blocks(url: str, given: list[str], numbers: list[str]) -> tuple[float, float]:
    """Accruals a second whose points come out of a block for each of several partners, and all out of one; to the point."""
    connection = await asyncpg.connect(plain(url))
    await batch_stage.blocks(connection, PROGRAM)
    partners = [f"PARTNER{number}" for number in range(PARTNERS)]
    load(given, CONNECTIONS, 0, numbers, seconds=2, partners=partners)
    spread = load(given, CONNECTIONS, 0, numbers, partners=partners)
    hot = load(given, CONNECTIONS, 0, numbers, partners=partners[:1])
    for row in await connection.fetch(DRAWN, PROGRAM, await connection.fetchval(NUMBER)):
        assert row["drawn"] == row["given"] == row["debited"], row
    await connection.close()
    return spread["per_second"], hot["per_second"]


def load(
    given: list[str],
    connections: int,
    rate: int,
    numbers: list[str],
    *,
    seconds: int | None = None,
    partners: Sequence[str] = (),
    program: str = "bench.realtime_load",
) -> dict[str, Any]:
    """What a load of a process of its own finds; `given` are the port, the token and its seconds."""
    port, token, usual = given
    where = ",".join(partners) or "-"
    asked = [port, token, usual if seconds is None else str(seconds), str(connections), str(rate), where, *numbers]
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", program, *asked], check=True, capture_output=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    assert not found["wrong"], found
    return found


def spending(
    url: str, process: Any, loaded: Callable[[], dict[str, Any]]
) -> tuple[dict[str, Any], tuple[float, float]]:
    """What a load found, and the milliseconds of processor time of the server and of PostgreSQL for each answer."""
    before = cpu_seconds([process]), database_seconds(url)
    found = loaded()
    after = cpu_seconds([process]), database_seconds(url)
    each = 1000 / found["answers"]
    return found, (round((after[0] - before[0]) * each, 3), round((after[1] - before[1]) * each, 3))


@contextmanager
def server(url: str, port: int) -> Iterator[psutil.Process]:
    """The real server, as long as the block."""
    program = [sys.executable, "-m", "app", "serve", "--port", str(port)]
    process = subprocess.Popen(program, env=environment_of(url))  # noqa: S603 - our own program
    try:
        wait_for(port)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(port: int) -> None:
    """Until somebody answers at a port."""
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        try:
            with urlopen(f"http://127.0.0.1:{port}/ready", timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


if __name__ == "__main__":
    print(json.dumps(run()))
