"""The database and the broker restarted under working processes: they go on by themselves, exactly where they were."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import pytest
import redis

from app import embedded
from app.embedded import process
from domain.store import migrate
from domain.store.database import Database
from tests.app.milepost import free_port
from tests.faults.grounds import by_hand, ground, until
from workers import broker as brokers
from workers.nudging import QUEUE, Nudger


async def test_the_database_crashes_in_the_middle_of_a_chunk_and_comes_back(tmp_path: Path) -> None:
    server = embedded.start(tmp_path / "data")
    database = Database(server.url)
    try:
        await asyncio.to_thread(migrate.upgrade, server.url)
        async with ground(database, tmp_path, members=20, each=15) as made:
            run = await made.begin()
            made.worker()
            with pytest.raises(Exception, match="connection"):
                async with made.caught(1):
                    process.stop(server.cluster.folder, signal.SIGQUIT)
            assert made.processes[0].poll() is None
            server.cluster.ensure_running()
            await until_reached(database)
            assert await made.worked() == 0
            await made.until_done()
            await made.check(run)
    finally:
        await database.close()
        server.stop()


async def until_reached(database: Database) -> None:
    """Return when the database answers."""

    async def answers() -> bool:
        try:
            async with database.read() as reader:
                return bool(await database.now(reader))
        except Exception:  # noqa: BLE001 - connections of before are dead, each in its own way
            return False

    await until(answers)


@contextmanager
def redis_server(port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server of this test alone, which forgets everything when it stops."""
    with (folder / "redis.log").open("ab") as log:
        server = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            cwd=folder, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield server
    finally:
        server.kill()
        server.wait()


async def until_listening(client: redis.Redis) -> None:
    async def answers() -> bool:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False

    await until(answers)


@pytest.mark.skipif(which("redis-server") is None, reason="there is no redis-server here")
async def test_the_broker_is_killed_and_comes_back_with_nothing(fresh_database: Database, tmp_path: Path) -> None:
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    client = redis.Redis(port=port)
    async with ground(fresh_database, tmp_path, members=20, each=15) as made:
        run = await made.begin()
        with redis_server(port, tmp_path):
            await until_listening(client)
            worker = made.worker(BROKER_URL=url)
            async with made.caught(1):
                pass
        # Without a broker the worker goes on, and so does whoever queues.
        await made.until_done()
        await made.check(run)
        assert worker.poll() is None
        with redis_server(port, tmp_path):
            await until_listening(client)
            await told(url, made.stage.program.id, times=5)

            async def taken() -> bool:
                return not client.hlen(f"dramatiq:{QUEUE}.msgs")

            await until(taken)
        assert worker.poll() is None
    client.close()


async def told(url: str, program_id: int, times: int = 1) -> None:
    """Workers are told of a program more often than there is anything to do."""
    broker = brokers.connect(url)
    nudger = Nudger(broker)
    async with nudger.running():
        for _ in range(times):
            nudger._enqueue(program_id)


@by_hand
@pytest.mark.skipif(which("rabbitmq-server") is None, reason="there is no rabbitmq-server here")
async def test_rabbitmq_is_killed_and_comes_back_with_nothing(fresh_database: Database, tmp_path: Path) -> None:
    port = free_port()
    url = f"amqp://guest:guest@127.0.0.1:{port}/"
    async with ground(fresh_database, tmp_path, members=20, each=15) as made:
        run = await made.begin()
        with rabbitmq_server(port, tmp_path / "first"):
            await until_usable(url)
            worker = made.worker(BROKER_URL=url)
            async with made.caught(1):
                pass
        await made.until_done()
        await made.check(run)
        assert worker.poll() is None
        with rabbitmq_server(port, tmp_path / "second"):
            await until_usable(url)
            await told(url, made.stage.program.id, times=5)

            async def taken() -> bool:
                broker = brokers.connect(url)
                try:
                    return broker.get_queue_message_counts(QUEUE)[0] == 0  # type: ignore[attr-defined,no-any-return]
                finally:
                    await asyncio.to_thread(broker.close)

            await until(taken)
        assert worker.poll() is None


async def until_usable(url: str) -> None:
    async def usable() -> bool:
        broker = brokers.connect(url)
        try:
            await asyncio.to_thread(brokers.check, broker, url)
        except brokers.BrokerUnusable:
            return False
        finally:
            await asyncio.to_thread(broker.close)
        return True

    await until(usable)


@contextmanager
def rabbitmq_server(port: int, folder: Path) -> Iterator[None]:
    """A server of this test alone, with a folder, a node and a daemon of names of its own."""
    folder.mkdir()
    environment = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(free_port()),
        "ERL_EPMD_RELAXED_COMMAND_CHECK": "1",
        "RABBITMQ_NODENAME": f"test{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_CONFIG_FILE": str(folder / "none"),
    }
    with (folder / "out").open("wb") as log:
        server = subprocess.Popen(
            ["/usr/lib/rabbitmq/bin/rabbitmq-server"], env=environment, cwd=folder, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        # The daemon that knows the node's name has left the group, and would outlive it.
        subprocess.run(["epmd", "-kill"], env=environment, capture_output=True, check=False)
