"""The server process of a cluster, as `postmaster.pid` and the operating system tell it.

After a crash or a restart of the machine the file may name a process that is gone, or a stranger that got the same
number: only a process called postgres that works in this very folder is ours.
"""

import signal
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import psutil

PATIENCE_S = 60
POLL_S = 0.01
NOBODY = 4_194_305  # no system numbers its processes so high
SOCKET_LOCK = ".s.PGSQL.5432.lock"
# Lines of postmaster.pid.
PID_LINE = 0
SOCKET_FOLDER_LINE = 4
STATUS_LINE = 7


class State(StrEnum):
    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"


def state(cluster: Path) -> State:
    lines = _pid_file(cluster)
    if _ours(cluster, lines) is None:
        return State.STOPPED
    status = lines[STATUS_LINE].strip() if len(lines) > STATUS_LINE else ""
    return State(status) if status in {State.READY, State.STOPPING} else State.STARTING


def socket_folder(cluster: Path) -> Path:
    """Where the running server listens, whoever started it."""
    return Path(_pid_file(cluster)[SOCKET_FOLDER_LINE])


def settled(cluster: Path) -> State:
    """The state once no start or stop is under way; what another process began may have outlived that process."""
    wait_until(lambda: state(cluster) in {State.READY, State.STOPPED})
    return state(cluster)


def stop(cluster: Path, first: signal.Signals) -> None:
    """Stop the server by `first`, and without ceremony if that takes too long."""
    for way in (first, signal.SIGQUIT):
        process = _ours(cluster, _pid_file(cluster))
        if process is None:
            return
        process.send_signal(way)
        if wait_until(lambda: state(cluster) is State.STOPPED):
            return


def forget(cluster: Path, socket_folder: Path) -> None:
    """Clear what a killed server left behind, where its number now belongs to a stranger or to a process not yet buried.

    PostgreSQL would refuse to start. It still finds the old shared memory by the file, and so any orphan still at work.
    """
    lines = _pid_file(cluster)
    if _ours(cluster, lines) is None:
        (socket_folder / SOCKET_LOCK).unlink(missing_ok=True)
        if lines:
            (cluster / "postmaster.pid").write_text("\n".join([str(NOBODY), *lines[1:], ""]))


def wait_until(condition: Callable[[], bool]) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def _pid_file(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _ours(cluster: Path, lines: list[str]) -> psutil.Process | None:
    try:
        process = psutil.Process(int(lines[PID_LINE]))
        return process if process.name().startswith("postgres") and _works_in(process, cluster) else None
    except (psutil.NoSuchProcess, ValueError, IndexError):  # gone, or dead and not yet buried; a file half written
        return None


def _works_in(process: psutil.Process, cluster: Path) -> bool:
    try:
        return Path(process.cwd()) == cluster
    except psutil.AccessDenied:
        return True  # a server we cannot look into is left alone rather than doubled
