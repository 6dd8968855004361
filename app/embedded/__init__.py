"""An embedded PostgreSQL in a data folder, for everybody who has none: `with embedded.server(folder) as url: …`.

Several processes may use one data folder at once (the API, a worker, a command): the first starts the server, the last
one out stops it. Who uses it is known by locks of the operating system, which a process loses even when it is killed.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.embedded import process
from app.embedded.cluster import Cluster, EmbeddedDatabaseError

__all__ = ["EmbeddedDatabaseError", "Server", "discard", "server", "start"]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server that this process uses, until `stop`; `app.database_urls` has other spellings of its address."""

    cluster: Cluster
    url: str
    lease: IO[bytes]

    def stop(self) -> None:
        """Use the server no longer; the last to leave stops it, and deletes it if it is a throw-away one."""
        if self.lease.closed:
            return
        with _gate(self.cluster.data_folder):
            self.lease.close()
            _stop_if_unused(self.cluster)


@contextmanager
def server(folder: Path, *, durable: bool = True) -> Iterator[str]:
    """The address of a server in `folder` that runs as long as the block."""
    running = start(folder, durable=durable)
    try:
        yield running.url
    finally:
        running.stop()


def start(folder: Path, *, durable: bool = True) -> Server:
    """Start the server in `folder`, or join the one that runs there. Not durable means: deleted by the last to leave."""
    cluster = Cluster(folder.expanduser().resolve(), durable)
    try:
        return _join(cluster)
    except OSError as error:
        raise EmbeddedDatabaseError(f"the data folder {cluster.data_folder} cannot be used: {error}") from error


def _join(cluster: Cluster) -> Server:
    cluster.data_folder.mkdir(parents=True, exist_ok=True)
    with _gate(cluster.data_folder):
        lease = _lease_file(cluster).open("ab")
        try:
            fcntl.flock(lease, fcntl.LOCK_SH | fcntl.LOCK_NB)
            cluster.ensure_running()
        except BaseException:
            lease.close()
            if cluster.folder.exists():
                _stop_if_unused(cluster)
            raise
    return Server(cluster, cluster.url, lease)


def discard(folder: Path) -> None:
    """Delete a throw-away server whose users were all killed; one that is in use stays."""
    with _gate(folder.resolve()):
        _stop_if_unused(Cluster(folder.resolve(), durable=False))


def _lease_file(cluster: Cluster) -> Path:
    return cluster.data_folder / "postgres.users"


def _stop_if_unused(cluster: Cluster) -> None:
    with _lease_file(cluster).open("ab") as everyone:
        if not _locked(everyone, fcntl.LOCK_EX):
            return
        cluster.stop()
        if not cluster.durable:
            cluster.remove()


@contextmanager
def _gate(data_folder: Path) -> Iterator[None]:
    """One process at a time decides about starting and stopping."""
    path = data_folder / "postgres.gate"
    gates: list[IO[bytes]] = []
    try:
        if not process.wait_until(lambda: _passed(path, gates)):
            raise EmbeddedDatabaseError(f"another process has held {path} for {process.PATIENCE_S} s")
        yield
    finally:
        for gate in gates:
            gate.close()


def _passed(path: Path, gates: list[IO[bytes]]) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    gate = path.open("ab")
    # The last user of a throw-away server deletes the gate too: a lock on a deleted file guards nothing.
    if _locked(gate, fcntl.LOCK_EX) and path.exists() and os.fstat(gate.fileno()).st_ino == path.stat().st_ino:
        gates.append(gate)
        return True
    gate.close()
    return False


def _locked(file: IO[bytes], how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
