"""The HTTP server: it says when it is ready, and on a signal finishes what it has begun before it returns."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from uvicorn.server import HANDLED_SIGNALS

from app.bodies import MAX_BODY
from app.patient import patient

FINISH_SECONDS = 5
"""How long requests may take to finish once the server is asked to stop."""


class Server(uvicorn.Server):
    """uvicorn's server, with a word when it listens, and one when it is about to stop."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object], ending: Callable[[], object]) -> None:
        super().__init__(config)
        self.ready = ready
        self.ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        self.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: first what would never end by itself. A second Ctrl-C waits for no request any more, but what runs beside the server still ends in order."""
        self.ending()
        await super().shutdown(sockets)
        if self.force_exit and not self.lifespan.shutdown_event.is_set():
            await self.lifespan.shutdown()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Uvicorn repeats a signal once it has stopped; here, what runs beside the server is still to be stopped then."""
        before = {each: signal.signal(each, self.handle_exit) for each in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


async def serve(app: Starlette, sock: socket.socket, ready: Callable[[], object]) -> None:
    """Serve until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        app,
        http=patient(app.state.settings),
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=FINISH_SECONDS,
        ws="websockets-sansio",
        ws_max_size=MAX_BODY,
    )
    await Server(config, ready, app.state.watches.close).serve([sock])


def loop() -> asyncio.AbstractEventLoop:
    """The fastest event loop that is installed."""
    factory = uvicorn.Config(lambda: None, log_config=None).get_loop_factory()
    return asyncio.new_event_loop() if factory is None else factory()
