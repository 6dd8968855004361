"""The batch engine at work: transactions a second of real worker processes on a durable server, beside a bare program that
writes the same rows.

The clock runs from the first chunk of the first worker to the last one; starting the processes is not counted. Afterwards the
ledger is added up: a benchmark of wrong results is worth nothing.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from app import embedded
from bench import batch_blocks, batch_stage
from bench.batch_blocks import Worked
from bench.batch_stage import CEILING, PROGRAM, Sizes
from domain.store.database import Database

MOST_AT_CEILING = 100_000
LONGEST_SECONDS = 3_600
CEILING_CHUNK = 1_000
POLL_SECONDS = 0.5

WORKED = """
select count(*) filter (where processed_at < latest) as counted, extract(epoch from max(processed_at) - min(processed_at)) as
       seconds, count(*) filter (where sub_status = 'SUCCESS') as succeeded
from transaction, (select max(processed_at) as latest from transaction where id > $1 and program_id = $2) l
where id > $1 and program_id = $2
"""
BEGUN = "select exists (select from transaction where id > $1 and program_id = $2 and status <> 'QUEUED' limit 1)"
EMPTY = "select not exists (select from queued)"
LEDGER = """
select (select count(*) from lot where program_id = $1) as lots, (select sum(remaining) from lot where program_id = $1) as
       remaining, (select sum(available) from balance b join member m on m.id = b.member_id where m.program_id = $1) as
       available, (select count(*) from decision d join transaction t on t.id = d.transaction_id where t.program_id = $1) as
       decisions, (select count(*) from queued where program_id = $1) as queued
"""


def run(
    members: int = 50_000,
    transactions: int = 100_000,
    promotions: int = 50,
    workers: int = 2,
    history: int = 10_000,
    *,
    one_block: int = 0,
) -> dict[str, Any]:
    """Figures for so many members, queued transactions, active promotions, worker processes and stored transactions.

    With `one_block` 1 as many transactions again follow twice, whose points come out of partners' blocks: one for each of
    several partners, then a single one for all.
    """
    sizes = Sizes(members, transactions, promotions, history, min(transactions, MOST_AT_CEILING))
    with tempfile.TemporaryDirectory() as folder, embedded.server(Path(folder) / "db") as url:
        figures = asyncio.run(_measure(url, sizes, workers, one_block=bool(one_block)))
    return {
        "bench": "batch", **figures, "members": members, "transactions": transactions, "promotions": promotions,
        "workers": workers, "history": history,
    }  # fmt: skip


async def _measure(url: str, sizes: Sizes, workers: int, *, one_block: bool) -> dict[str, Any]:
    command(url, "migrate")
    await _set_up(url, sizes)
    connection = await asyncpg.connect(plain(url))
    await connection.execute("vacuum analyze")
    await connection.execute("checkpoint")
    batch = await _batch(connection, url, sizes, workers)
    await connection.execute("checkpoint")
    ceiling = await _ceiling(connection, url, sizes, workers)
    drawn = await batch_blocks.measure(connection, url, sizes, workers, _queue_worked) if one_block else {}
    await connection.close()
    return {
        "transactions_per_second": round(batch.pop("rate")),
        "ceiling_per_second": round(ceiling),
        "ratio": round(batch["rate_exact"] / ceiling, 3),
        **{name: value for name, value in batch.items() if name != "rate_exact"},
        **drawn,
    }


async def _set_up(url: str, sizes: Sizes) -> None:
    database = Database(url, pool_size=2)
    await batch_stage.program(database, PROGRAM, sizes.promotions)
    await batch_stage.program(database, CEILING, 0)
    await database.close()
    connection = await asyncpg.connect(plain(url))
    queued, history = sizes.transactions, sizes.history
    await batch_stage.rows(connection, PROGRAM, sizes, queued=queued, history=history, first=0)
    first = queued + history + 1_000
    await batch_stage.rows(connection, CEILING, sizes, queued=sizes.ceiling, history=0, first=first)
    await connection.execute("delete from queued where program_id = (select id from program where code = $1)", CEILING)
    await connection.close()


async def _batch(connection: Any, url: str, sizes: Sizes, workers: int) -> dict[str, Any]:
    key = await connection.fetchval("select id from program where code = $1", PROGRAM)
    worked = await _queue_worked(connection, url, sizes, workers, sizes.history)
    await _check(connection, key, sizes, worked.succeeded)
    return {
        "rate": worked.rate, "rate_exact": worked.rate, "peak_rss_mib": worked.peak_mib,
        "worker_cpu_us": worked.worker_us, "database_cpu_us": worked.database_us,
    }  # fmt: skip


async def _queue_worked(connection: Any, url: str, sizes: Sizes, workers: int, after: int) -> Worked:
    """What is queued, with numbers after this one, worked by so many processes."""
    key = await connection.fetchval("select id from program where code = $1", PROGRAM)
    with workers_of(url, workers) as processes:
        own = [psutil.Process(each.pid) for each in processes]
        await until(connection, BEGUN, after, key)
        spent, database = -cpu_seconds(own), -database_seconds(url)
        await until(connection, EMPTY)
        peak, spent, database = max(map(_peak_mib, own)), spent + cpu_seconds(own), database + database_seconds(url)
    worked = await connection.fetchrow(WORKED, after, key)
    each = 1e6 / sizes.transactions
    return Worked(
        worked["counted"] / float(worked["seconds"]),
        worked["succeeded"],
        peak,
        round(spent * each, 1),
        round(database * each, 1),
    )


def cpu_seconds(processes: list[psutil.Process]) -> float:
    """Processor time that they have used."""
    return sum(sum(each.cpu_times()[:2]) for each in processes)


async def until(connection: Any, question: str, *values: Any) -> None:
    """Wait for a question to the database that is answered by yes."""
    ends = time.monotonic() + LONGEST_SECONDS
    while not await connection.fetchval(question, *values):
        assert time.monotonic() < ends, "the workers do not get on"
        await asyncio.sleep(POLL_SECONDS)


async def _check(connection: Any, key: int, sizes: Sizes, succeeded: int) -> None:
    ledger = await connection.fetchrow(LEDGER, key)
    stored = sizes.transactions + sizes.history
    assert succeeded == sizes.transactions, succeeded
    assert ledger["queued"] == 0, ledger
    assert ledger["decisions"] == stored, ledger
    assert ledger["remaining"] == ledger["available"], ledger
    assert sizes.promotions < 3 or ledger["lots"] == 4 * stored, ledger


@contextmanager
def workers_of(url: str, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many worker processes, as long as the block lasts."""
    program = [sys.executable, "-m", "app", "work", "--while-input-open"]
    processes = [
        subprocess.Popen(program, env=environment_of(url), stdin=subprocess.PIPE)  # noqa: S603 - our own program
        for _ in range(count)
    ]
    try:
        yield processes
    finally:
        for process in processes:
            assert process.stdin is not None
            process.stdin.close()
        for process in processes:
            process.wait(timeout=30)


def environment_of(url: str) -> dict[str, str]:
    """What processes of the application need to know."""
    return {**os.environ, "DATABASE_URL": url, "MILEPOST_LOG_LEVEL": "warning"}


def command(url: str, *arguments: str) -> str:
    """What a command of the application prints."""
    program = [sys.executable, "-m", "app", *arguments]
    done = subprocess.run(  # noqa: S603 - our own program
        program, env=environment_of(url), check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def _peak_mib(process: psutil.Process) -> int:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def database_seconds(url: str) -> float:
    """Processor time of the server's processes that are still there."""
    folder = url.partition("host=")[2].partition("&")[0]
    lock = next(Path(folder).glob(".s.PGSQL.*.lock"))
    postmaster = psutil.Process(int(lock.read_text().split()[0]))
    every = [postmaster, *postmaster.children(recursive=True)]
    return cpu_seconds(every)


async def _ceiling(connection: Any, url: str, sizes: Sizes, workers: int) -> float:
    key = await connection.fetchval("select id from program where code = $1", CEILING)
    await connection.execute(batch_stage.QUEUE, key)
    first_member = "select min(id) from member where program_id = (select id from program where code = $1)"
    shift_m = await connection.fetchval(first_member, CEILING) - await connection.fetchval(first_member, PROGRAM)
    shift_t = sizes.transactions + 1_000
    each = sizes.ceiling // workers
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.batch_ceiling", plain(url), str(sizes.history + place * each + 1),
            str(sizes.history + (place + 1) * each), str(shift_t), str(shift_m), str(CEILING_CHUNK),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for place in range(workers)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
    answers = [json.loads((await process.communicate())[0]) for process in processes]
    return float(each * workers / max(answer["seconds"] for answer in answers))


def plain(url: str) -> str:
    """The address as the driver takes it."""
    return url.replace("postgresql+asyncpg://", "postgresql://")


if __name__ == "__main__":
    print(json.dumps(run()))
