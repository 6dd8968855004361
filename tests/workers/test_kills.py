"""Workers as processes of their own, killed with SIGKILL in the middle: nothing is lost, and nothing is done twice that must not be."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest_asyncio
from sqlalchemy import text

from app import database_urls
from domain.commands.programs import SettingsChange
from domain.deliveries import DeliveryStatus, Email
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.services import jobs
from domain.services.deliveries import LEASE
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.services.verify import verify
from domain.store import outbox
from domain.store.database import Database
from tests.app.milepost import PATIENCE_S, Running, running, until
from tests.deliveries.receivers import Heard, receiver
from tests.deliveries.telling import an_endpoint, deliver, happened, messages
from tests.support.factories import a_program
from tests.support.members import at
from tests.support.transactions import a_stage
from workers import broker as brokers
from workers.webhooks import AT_ONCE
from workers.work import Work

A_MONTH = ExpiryPolicy(ExpiryKind.PERIOD, length=1, unit=PeriodUnit.MONTH)
BEGUN = text(
    "select exists(select from job where name = :name and begun)"
    " and exists(select from pg_locks where locktype = 'advisory' and not granted"
    " and database = (select oid from pg_database where datname = current_database()))"
)
EXCLUSIVELY = text("select pg_advisory_xact_lock(1, cast(:program_id as int))")


@dataclass(frozen=True)
class House:
    """A database with a queue for messages, and where its workers have their data."""

    database: Database
    url: str
    folder: Path

    @contextmanager
    def worker(self) -> Iterator[Running]:
        """A worker in a process of its own."""
        given = {"DATABASE_URL": self.url, "MILEPOST_WEBHOOKS_PRIVATE": "true", "MILEPOST_DATA_FOLDER": "data"}
        with running(self.folder, "work", **given) as command:
            yield command


@pytest_asyncio.fixture
async def house(fresh_database: Database, fresh_database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    url = database_urls.for_libpq(fresh_database_url)
    broker = brokers.connect(url)
    brokers.prepare(broker, url)
    broker.close()
    yield House(fresh_database, url, tmp_path)


async def letter(database: Database) -> None:
    async with database.write() as writer:
        await outbox.add_emails(writer, [Email("ada@example.org", "Hello", "There")], await database.now(writer))


async def until_begun(database: Database, name: str) -> None:
    """Return when a worker, which may take its time to start, runs a job, and waits for what we hold."""
    async with asyncio.timeout(PATIENCE_S), database.read() as reader:
        while not (await reader.execute(BEGUN, {"name": name})).scalar_one():  # noqa: ASYNC110 it is another process
            await asyncio.sleep(0.05)


async def until_delivered(database: Database) -> None:
    """Return when nothing is left to tell."""
    async with asyncio.timeout(PATIENCE_S):
        while {each.status for each in await messages(database)} != {DeliveryStatus.DELIVERED}:  # noqa: ASYNC110 the same
            await asyncio.sleep(0.05)


async def test_a_worker_delivers_by_itself(house: House) -> None:
    program = await a_program(house.database)
    with receiver() as there:
        await an_endpoint(house.database, program, there.url)
        await happened(house.database, program, 1, 2)
        await letter(house.database)
        with house.worker() as worker:
            await asyncio.to_thread(until, lambda: len(there.heard) == 2)
            await asyncio.to_thread(until, lambda: len(list(house.folder.glob("data/mail/*.eml"))) == 1)
            await until_delivered(house.database)
            assert worker.stop(signal.SIGTERM) == 0
    assert [each.attempts for each in await messages(house.database)] == [1, 1, 1]


async def test_a_worker_killed_while_it_tells_loses_no_message(house: House) -> None:
    program = await a_program(house.database)
    async with house.database.read() as reader:
        now = await house.database.now(reader)
    killed = threading.Event()
    with receiver() as there:

        def waits(_: Heard) -> int:
            if len(there.heard) > 15:
                killed.wait(PATIENCE_S)
            return 204

        there.answer = waits
        await an_endpoint(house.database, program, there.url)
        await happened(house.database, program, *range(60))
        with house.worker() as worker:
            await asyncio.to_thread(until, lambda: len(there.heard) >= 15)
            worker.stop(signal.SIGKILL)
        killed.set()
        first = set(there.ids)
        assert 15 <= len(first) < 60
        assert {each.status for each in await messages(house.database)} == {DeliveryStatus.WAITING}
        await deliver(house.database)
        assert set(there.ids) == first
        await deliver(house.database, now + LEASE + timedelta(minutes=2))
    assert len(set(there.ids)) == 60
    assert {each.status for each in await messages(house.database)} == {DeliveryStatus.DELIVERED}


async def test_of_what_a_killed_worker_had_recorded_nothing_is_told_again(house: House) -> None:
    """Batch after batch is recorded: only the last one may be told twice."""
    program = await a_program(house.database)
    async with house.database.read() as reader:
        now = await house.database.now(reader)
    with receiver() as there:
        there.seconds = 0.02
        await an_endpoint(house.database, program, there.url)
        await happened(house.database, program, *range(1000))
        with house.worker() as worker:
            await asyncio.to_thread(until, lambda: len(there.heard) >= 250)
            worker.stop(signal.SIGKILL)
        await deliver(house.database, now + LEASE + timedelta(minutes=2))
    assert len(set(there.ids)) == 1000
    assert len(there.ids) - 1000 <= 100 + AT_ONCE


async def test_a_job_whose_worker_and_schedule_are_killed_is_run_by_another_and_once(house: House) -> None:
    stage = await a_stage(Desk(house.database, EnginePrograms()), settings=SettingsChange(expiry=A_MONTH))
    await stage.earn(30, transaction_date=date(2026, 1, 10))
    name = f"EXPIRY {stage.program.code}"
    async with house.database.write() as closing:
        # The job waits for whoever has the program for itself: it is killed right there.
        await closing.execute(EXCLUSIVELY, {"program_id": stage.program.id})
        with house.worker() as worker:
            await until_begun(house.database, name)
            worker.stop(signal.SIGKILL)
    [job] = [each for each in await jobs.jobs_list(house.database) if each.name == name]
    assert job.claimed_until is not None
    assert job.last_finished_at is None
    assert await stage.recorded() == 1
    assert name not in [each.name for each in await jobs.claim_due(house.database)]
    later = at(house.database, job.claimed_until + timedelta(seconds=1))
    assert name in [each.name for each in await jobs.claim_due(later)]
    work = Work(later)
    await asyncio.gather(work.run_job(name), work.run_job(name))
    await later.close()
    [job] = [each for each in await jobs.jobs_list(house.database) if each.name == name]
    assert job.last_result == "30 POINTS expired; members: 1"
    assert (await stage.balance()).expired == 30
    assert await stage.recorded() == 2
    assert [finding.invariant.name async for finding in verify(house.database) if finding.violations] == []
