"""What is tortured: two API servers and two workers, each a process of its own, on an embedded database of their own.

One of either has a clock that is far off. Logs stay in the folder.
"""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from app import database_urls, embedded
from app.embedded import process as postgres
from tests.app.milepost import environment_of, free_port, get, until

CLOCKS = (0, 3600, -40_000_000, 0)
"""By how many seconds the host of each process is off: one server by an hour, or else no token of ours were valid; a worker by a year."""
PATIENCE_S = 600
HOST = (sys.executable, "-m", "tests.torture.host")
ROOT = Path(__file__).parents[2]


@dataclass
class Site:
    """The processes by place: servers first, then workers. `kills` counts how often anything was killed."""

    server: embedded.Server
    folder: Path
    bug: str | None
    ports: tuple[int, ...] = field(default_factory=lambda: (free_port(), free_port()))
    processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Of the database, as every tool takes it."""
        return database_urls.for_libpq(self.server.url)

    @property
    def servers(self) -> range:
        return range(len(self.ports))

    @property
    def workers(self) -> range:
        return range(len(self.ports), len(CLOCKS))

    def start(self, place: int) -> None:
        """Start the process of a place, if none is alive there."""
        found = self.processes.get(place)
        if found is None or found.poll() is not None:
            self.processes[place] = self._begin(place)

    def start_all(self) -> None:
        for place in (*self.servers, *self.workers):
            self.start(place)

    async def until_serving(self) -> None:
        """Return when every server answers."""
        for port in self.ports:
            await asyncio.to_thread(until, lambda port=port: _ready(port))

    async def end(self, place: int, how: signal.Signals) -> None:
        """Send a signal to the process of a place, wait until it is gone, and start another one."""
        process = self.processes[place]
        process.send_signal(how)
        await asyncio.to_thread(process.wait, PATIENCE_S)
        self._count(f"{'server' if place in self.servers else 'worker'} {how.name}")
        self.start(place)

    async def crash_database(self) -> None:
        """Stop the database at once, as a crash would, and start it again."""
        await asyncio.to_thread(postgres.stop, self.server.cluster.folder, signal.SIGQUIT)
        self._count("database SIGQUIT")
        await asyncio.to_thread(self.server.cluster.ensure_running)

    async def stop_all(self) -> None:
        """Everything but the database stops in order."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            await asyncio.to_thread(process.wait, PATIENCE_S)

    def kill_all(self) -> None:
        """No process of ours is left."""
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
                process.wait()

    def logged(self) -> str:
        """What all processes have logged."""
        return "".join(log.read_text() for log in sorted(self.folder.glob("process-*.log")))

    def _count(self, what: str) -> None:
        self.kills[what] = self.kills.get(what, 0) + 1

    def _begin(self, place: int) -> subprocess.Popen[bytes]:
        command = ("serve", "--port", str(self.ports[place])) if place in self.servers else ("work",)
        given = {"DATABASE_URL": self.url, "TORTURE_CLOCK_SECONDS": str(CLOCKS[place]), "PYTHONPATH": str(ROOT)}
        if self.bug:
            given["TORTURE_BUG"] = self.bug
        with (self.folder / f"process-{place}.log").open("ab") as log:
            return subprocess.Popen(
                [*HOST, *command], env=environment_of(given), cwd=self.folder, stdout=log, stderr=log
            )


def _ready(port: int) -> bool:
    try:
        return get(f"http://127.0.0.1:{port}/ready")[0] == HTTPStatus.OK
    except OSError:
        return False


@contextmanager
def site(folder: Path, bug: str | None) -> Iterator[Site]:
    """A site whose database runs, and nothing else yet; at the end nothing of it is left but its logs."""
    server = embedded.start(folder / "data")
    made = Site(server, folder, bug)
    try:
        yield made
    finally:
        made.kill_all()
        server.stop()
