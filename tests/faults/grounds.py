"""Grounds on which workers are hurt: a queue of known size, processes that work it, and what must be true afterwards."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from app import database_urls
from domain.batch_runs import BatchRun
from domain.commands.batch_runs import BatchStart
from domain.members import Member
from domain.people import ENGINE
from domain.services import batch_runs
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.services.verify import verify
from domain.store.database import Database
from tests.app.milepost import COMMAND, environment_of
from tests.imports.lines import a_line, import_all
from tests.support.factories import result_of
from tests.support.members import a_member
from tests.support.transactions import Stage, a_stage, holding
from workers import broker as brokers

PATIENCE_S = 180
"""For a machine that has much else to do; nothing is ever waited for longer than it takes."""

WORKING = '"event": "working"'
"""What a worker logs when it has started."""

by_hand = pytest.mark.skipif(
    os.environ.get("MILEPOST_TEST_BY_HAND") != "1", reason="takes long: MILEPOST_TEST_BY_HAND=1 runs it"
)

WAITING = text(
    "select count(distinct pid) from pg_locks where not granted and relation = to_regclass(:table)"
    " and database = (select oid from pg_database where datname = current_database())"
)
ATTEMPTS = text("select status || ' ' || attempts, count(*) from transaction where program_id = :program group by 1")
IN_ORDER = text(
    "select count(*) from (select transaction_date, processed_at, lag(processed_at) over (partition by member_id"
    " order by transaction_date, id) as before from transaction where program_id = :program) x where before > processed_at"
)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Return when the condition holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():  # noqa: ASYNC110 - the processes are strangers
            await asyncio.sleep(0.05)


@dataclass
class Ground:
    """A queue of `each` purchases of ten points and one redemption of too much for every member; `url` for processes."""

    stage: Stage
    members: Sequence[Member]
    each: int
    url: str
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.stage.database

    @property
    def size(self) -> int:
        """How many transactions wait at the beginning."""
        return len(self.members) * (self.each + 1)

    async def begin(self) -> BatchRun:
        """A run over all of it."""
        return result_of(
            await batch_runs.batch_start(self.database, ENGINE, BatchStart(program=self.stage.program.code))
        )

    def worker(self, *arguments: str, before: Sequence[str] = (), **environment: str) -> subprocess.Popen[bytes]:
        """A process that works; its log is kept in the folder."""
        # One chunk at a time, so that it is known what each of them holds.
        given = {"DATABASE_URL": self.url, "MILEPOST_WORKER_CHUNKS": "1", **environment}
        with (self.folder / f"worker-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [*before, *COMMAND, *(arguments or ("work",))],
                env=environment_of(given), cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip
        self.processes.append(process)
        return process

    @asynccontextmanager
    async def caught(self, workers: int, table: str = "batch_count") -> AsyncIterator[None]:
        """So many workers are about to write to a table; by default to count their chunk, the last step before its commit."""
        async with AsyncExitStack() as stack:
            await self.lock(stack, table)
            await self.until_waiting(workers, table)
            yield

    @asynccontextmanager
    async def shared(self, workers: int) -> AsyncIterator[None]:
        """Each of so many workers is about to count a chunk, whoever comes first and however large its chunk might be.

        A part of the members becomes free for one worker after the other.
        """
        most = -(-len(self.members) // workers)
        ids = sorted(member.id for member in self.members)
        async with AsyncExitStack() as stack, AsyncExitStack() as parts:
            await self.lock(stack)
            held = [AsyncExitStack() for _ in range(workers)]
            for number, part in enumerate(held):
                await parts.enter_async_context(part)
                await part.enter_async_context(holding(self.database, members=ids[number * most :][:most]))
            await self.until_at_work()
            for number, part in enumerate(held, start=1):
                await part.aclose()
                await self.until_waiting(number)
            yield

    async def until_at_work(self) -> None:
        """Return when every process has started."""

        async def at_work() -> bool:
            return all(WORKING in log.read_text() for log in self.folder.glob("worker-*.log"))

        await until(at_work)

    async def lock(self, stack: AsyncExitStack, table: str = "batch_count") -> None:
        """Let nobody write to a table until the stack ends. Who waits for that already comes first, with one chunk."""
        writer = await stack.enter_async_context(self.database.rehearse())
        await writer.exec_driver_sql(f"lock table {table} in share mode")

    async def until_waiting(self, sessions: int, table: str = "batch_count") -> None:
        """Return when so many sessions wait for a table."""

        async def waiting() -> bool:
            async with self.database.read() as reader:
                return int((await reader.execute(WAITING, {"table": table})).scalar_one()) >= sessions

        await until(waiting)

    async def worked(self) -> int:
        """How many wait no longer."""
        return self.size - await self.stage.queued()

    async def until_done(self) -> None:
        """Return when nothing waits."""

        async def empty() -> bool:
            return not await self.stage.queued()

        await until(empty)

    async def check(self, run: BatchRun) -> None:
        """Every transaction was processed exactly once, counted exactly once, and every invariant holds."""
        await batch_runs.settled(self.database, run.id)
        async with self.database.read() as reader:
            asked = {"program": self.stage.program.id}
            found = {row[0]: row[1] for row in await reader.execute(ATTEMPTS, asked)}
            out_of_order = (await reader.execute(IN_ORDER, asked)).scalar_one()
        members = len(self.members)
        assert found == {"PROCESSED 1": members * self.each, "REJECTED_ENGINE 1": members}
        assert out_of_order == 0
        points = {(await self.stage.balance(member)).available for member in self.members}
        assert points == {Decimal(10 * self.each)}
        run = await batch_runs.batch_run(self.database, run.id)
        assert (run.processed, run.rejected, run.state.value) == (members * self.each, members, "DONE")
        assert [finding.invariant.name async for finding in verify(self.database) if finding.violations] == []


def with_queue(database: Database) -> str:
    """The address of a database as every tool takes it, after its queue for messages was made."""
    url = url_of(database)
    broker = brokers.connect(url)
    brokers.prepare(broker, url)
    broker.close()
    return url


def url_of(database: Database) -> str:
    """The address of a database as every tool takes it."""
    return database_urls.for_libpq(database.engine.url.render_as_string(hide_password=False))


def kill(*processes: subprocess.Popen[bytes]) -> None:
    """They are gone at once, and clean up nothing."""
    for process in processes:
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_S)


@asynccontextmanager
async def ground(database: Database, folder: Path, members: int = 40, each: int = 20) -> AsyncIterator[Ground]:
    """A ground on a migrated database; at the end no process of it is left."""
    stage = await a_stage(Desk(database, EnginePrograms()))
    people = [await a_member(database, stage.program) for _ in range(members)]
    lines = [
        a_line(2 + place * (each + 1) + day, f"{place}-{day}", member_number=person.number,
               transaction_date=f"2026-01-{day + 1:02}", **_what(day, each))
        for place, person in enumerate(people) for day in range(each + 1)
    ]  # fmt: skip
    total, bad = await import_all(database, stage.program, lines)
    assert (total.added, bad) == (len(lines), [])
    made = Ground(stage, people, each, with_queue(database), folder)
    async with AsyncExitStack() as stack:
        stack.callback(lambda: kill(*(each for each in made.processes if each.poll() is None)))
        yield made


def _what(day: int, each: int) -> dict[str, str]:
    if day < each:
        return {"amount": "10"}
    return {"type": "REDEMPTION", "sub_type": "PRODUCT", "points": "100000"}
