"""Running until a signal: everything at once for whoever starts here, or the API alone.

The worker of `run` is a process of its own, so that the batch engine's work does not slow down the API. A second start finds
everything in place.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from threading import Event

import structlog

from app import seed
from app.api import application
from app.runtime import Runtime, broker_url, database_url, opened
from app.server import listening, loop, serve
from app.settings import Environment, Settings
from app.welcome import url_of, welcome
from app.worker_process import worker_process
from domain.store import migrate
from workers import broker as brokers
from workers.worker import working

log = structlog.get_logger("milepost.app")

Beside = Sequence[AbstractAsyncContextManager[object]]
Say = Callable[[Runtime], Awaitable[str]]
"""What to print once requests are answered."""


def run_everything(settings: Settings) -> None:
    """Database, migrations, a sample program where there is none, API and worker."""
    with listening(settings.host, settings.port) as sock, database_url(settings) as url:
        set_up(settings, url)
        _until_signal(_serve(settings, url, sock, _prepared, [worker_process()]))


def run_api(settings: Settings) -> None:
    """The API alone, on a database that is migrated."""

    async def say(runtime: Runtime) -> str:
        return f"Milepost is ready: {url_of(settings)}\n"

    with listening(settings.host, settings.port) as sock, database_url(settings) as url:
        _until_signal(_serve(settings, url, sock, say, []))


def run_worker(settings: Settings, stop: Event) -> None:
    """A worker alone, on a database that is migrated, until it is told to stop."""
    with database_url(settings) as url:
        asyncio.run(_check(settings, url))
        with working(url, broker_url(settings, url)):
            log.info("working")
            stop.wait()


def set_up(settings: Settings, url: str) -> None:
    """Tables and queues, as this release needs them; does nothing where they are."""
    migrate.upgrade(url)
    address = broker_url(settings, url)
    broker = brokers.connect(address)
    try:
        brokers.prepare(broker, address)
    finally:
        broker.close()


async def _check(settings: Settings, url: str) -> None:
    async with opened(settings, url):
        """A database that cannot be used is refused here, in words."""


def _until_signal(serving: Awaitable[None]) -> None:
    async def served() -> None:
        await serving

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(served())


async def _serve(settings: Settings, url: str, sock: socket.socket, say: Say, beside: Beside) -> None:
    async with opened(settings, url) as runtime:
        text = await say(runtime)
        await serve(application(runtime, url, beside), sock, lambda: print(text, flush=True))


async def _prepared(runtime: Runtime) -> str:
    if runtime.settings.environment is not Environment.PRODUCTION and await seed.is_wanted(runtime):
        await seed.seed(runtime)
    return await welcome(runtime.settings, runtime.database)
