"""Serving until a signal: what to say first, the API on a runtime, and a worker beside it."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager

from app import build, seed
from app.api import application
from app.runtime import Runtime, opened
from app.server import loop, serve
from app.settings import Environment, Settings
from app.signals import cancel_on_sigterm
from app.tracing import traces
from app.welcome import url_of, welcome

Beside = Sequence[AbstractAsyncContextManager[object]]
Say = Callable[[Runtime], Awaitable[str]]
"""What to print once requests are answered."""


def prepare(settings: Settings) -> None:
    """Build what does not need a database."""
    build.schema(production=settings.environment is Environment.PRODUCTION)


def serve_until_signal(settings: Settings, url: str, sock: socket.socket, say: Say, beside: Beside = ()) -> None:
    """Serve the API on a migrated database; what was accepted is finished before connections are closed."""

    async def serving() -> None:
        cancel_on_sigterm()
        async with opened(settings, url) as runtime:
            text = await say(runtime)
            await serve(application(runtime, url, beside), sock, lambda: print(text, flush=True))

    with traces(), asyncio.Runner(loop_factory=loop) as runner:
        runner.run(serving())


async def welcome_with_sample(runtime: Runtime) -> str:
    """Where there is no program yet, make the sample; then tell a newcomer how to begin."""
    if runtime.settings.environment is not Environment.PRODUCTION and await seed.is_wanted(runtime):
        await seed.seed(runtime)
    return await welcome(runtime.settings, runtime.database)


async def address(runtime: Runtime) -> str:
    """Only where the API is."""
    return f"Milepost is ready: {url_of(runtime.settings)}"
