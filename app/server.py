"""The HTTP server: it says when it is ready, and on a signal finishes what it has begun before it returns.

The port is taken before anything else is started, so that a port in use is an answer and not a surprise after seconds.
"""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from uvicorn.server import HANDLED_SIGNALS

BACKLOG = 2_048
FINISH_SECONDS = 5
"""How long requests may take to finish once the server is asked to stop; subscriptions are ended then."""


class PortTaken(Exception):
    """Nobody can listen there; the message says why, and what would help."""


class Server(uvicorn.Server):
    """uvicorn's server, with a word when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        self.ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Uvicorn repeats a signal once it has stopped; here, what runs beside the server is still to be stopped then."""
        before = {each: signal.signal(each, self.handle_exit) for each in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens; raises PortTaken."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        sock = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        raise PortTaken(
            f"cannot listen on {host}:{port} ({reason}): choose another port, as in --port {port + 1}"
        ) from error
    with sock:
        yield sock


async def serve(app: Starlette, sock: socket.socket, ready: Callable[[], object]) -> None:
    """Serve until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=FINISH_SECONDS,
        ws="websockets-sansio",
    )
    await Server(config, ready).serve([sock])


def loop() -> asyncio.AbstractEventLoop:
    """The fastest event loop that is installed."""
    factory = uvicorn.Config(lambda: None).get_loop_factory()
    return asyncio.new_event_loop() if factory is None else factory()
