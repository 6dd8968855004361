"""The command line as people use it: `await milepost("token", "--role", "MSR", DATABASE_URL=url)`, and one that keeps running."""

import asyncio
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil

PATIENCE_S = 180
"""For a machine that has much else to do; nothing is ever waited for longer than it takes."""

OURS = re.compile(r"MILEPOST_.*|DATABASE_URL|BROKER_URL|PORT")
COMMAND = (str(Path(sys.executable).parent / "milepost"),)


@dataclass(frozen=True)
class Answer:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


async def milepost(*arguments: str, **environment: str) -> Answer:
    """Run a command to its end, in an environment that sets nothing else of ours."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, env=environment_of(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode is not None
    return Answer(process.returncode, out.decode(), err.decode())


def environment_of(given: dict[str, str]) -> dict[str, str]:
    """The environment of a command: ours as given, everything else as it is."""
    usual = {name: value for name, value in os.environ.items() if not OURS.fullmatch(name)}
    return {**usual, "MILEPOST_LOG_FORMAT": "json", **given}


@dataclass
class Running:
    """A command that runs until it is told to stop; what it prints is kept."""

    process: subprocess.Popen[bytes]
    out: IO[bytes]
    err: IO[bytes]
    family: set[psutil.Process] = field(default_factory=set)
    """Everything that ran because of it, as far as it was looked at."""

    @property
    def said(self) -> str:
        self.out.seek(0)
        return self.out.read().decode()

    @property
    def logged(self) -> str:
        self.err.seek(0)
        return self.err.read().decode()

    def until(self, told: str, *, logged: bool = False) -> str:
        """What it has said (or logged), once this is in it."""
        until(lambda: told in (self.logged if logged else self.said) or self.process.poll() is not None)
        found = self.logged if logged else self.said
        assert told in found, self.said + self.logged
        return found

    def look(self) -> None:
        """Remember the processes that run because of it now."""
        mine = psutil.Process(self.process.pid)
        self.family |= {mine, *mine.children(recursive=True)}

    def stop(self, how: signal.Signals) -> int:
        """Its exit code, once it and its whole family are gone."""
        self.look()
        self.process.send_signal(how)
        code = self.process.wait(PATIENCE_S)
        until(lambda: not any(map(alive, self.family)))
        return code


def alive(process: psutil.Process) -> bool:
    """Whether a process still runs; a dead one that nobody has buried does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until(condition: Any) -> None:
    """Return when the condition holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


@contextmanager
def running(folder: Path, *arguments: str, **environment: str) -> Iterator[Running]:
    """A command that runs; at the end of the block it is killed, if it still does."""
    with (folder / "out").open("w+b") as out, (folder / "err").open("w+b") as err:
        process = subprocess.Popen(
            [*COMMAND, *arguments], env=environment_of(environment), cwd=folder, stdout=out, stderr=err
        )
        command = Running(process, out, err)
        try:
            yield command
        finally:
            if process.poll() is None:
                command.stop(signal.SIGKILL)


def free_port() -> int:
    """A port where nobody listens now, and none of those that the system gives to whoever connects somewhere."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def get(url: str) -> tuple[int, str]:
    """Status and body."""
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
