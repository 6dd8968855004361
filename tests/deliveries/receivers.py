"""A real HTTP server that hears webhooks, and a real SMTP server that takes emails: both on 127.0.0.1, in threads."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from standardwebhooks import Webhook

Answer = Callable[["Heard"], int]


@dataclass(frozen=True)
class Heard:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        """What it says, if the reference implementation finds it signed with the secret; else it raises."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """Hears webhooks; `answer` decides the status, `seconds` how long it takes, `body` what else it says."""

    url: str
    answer: Answer = lambda _: 204
    seconds: float = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    heard: list[Heard] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def ids(self) -> list[str]:
        return [each.id for each in self.heard]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            here = Heard(self.path, {k.lower(): v for k, v in self.headers.items()}, self._read())
            with there.lock:
                there.heard.append(here)
                there.at_once += 1
                there.most_at_once = max(there.at_once, there.most_at_once)
            time.sleep(there.seconds)
            status = there.answer(here)
            with there.lock:
                there.at_once -= 1
            self.send_response(status)
            for name, value in there.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(there.body)))
            self.end_headers()
            self.wfile.write(there.body)

        def do_GET(self) -> None:
            there.heard.append(Heard(self.path, {}, b""))
            self.send_response(200)
            self.end_headers()

        def _read(self) -> bytes:
            return self.rfile.read(int(self.headers["content-length"]))

        def log_message(self, format: str, *args: Any) -> None:
            """A test says what it heard itself."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A caller who hung up is no error of the server."""

    server = Server(("127.0.0.1", 0), Handler)
    there = Receiver(f"http://127.0.0.1:{server.server_port}/hooks")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield there
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mailbox:
    """Takes emails; `refuse` answers for a recipient with a line of SMTP, or None."""

    letters: list[EmailMessage] = field(default_factory=list)
    refuse: Callable[[str], str | None] = lambda _: None

    async def handle_RCPT(  # noqa: N802 named by the library
        self, server: Any, session: Any, envelope: Any, address: str, rcpt_options: Any
    ) -> str:
        if (answer := self.refuse(address)) is not None:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 the same
        letter = message_from_bytes(envelope.content, EmailMessage, policy=policy.default)
        self.letters.append(letter)
        return "250 OK"


@contextmanager
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    """A mailbox and the address of its server, for as long as the block lasts."""
    box, port = Mailbox(), _free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
