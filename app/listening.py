"""The port, taken before anything else is started: a port in use is an answer at once, not a surprise after seconds."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

BACKLOG = 2_048


class PortTaken(Exception):
    """Nobody can listen there; the message says why, and what would help."""


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens; raises PortTaken."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        sock = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        # Python's own words for it repeat the address.
        reason = os.strerror(error.errno).lower() if error.errno and error.errno > 0 else error.strerror
        raise PortTaken(f"cannot listen on {host}:{port}: {reason}; PORT or --port chooses another one") from error
    with sock:
        yield sock
