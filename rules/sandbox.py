"""A helper process for rule kinds that a program does not trust: kept warm, and ended at its time limit.

It guards against a kind that loops, crashes or eats memory. It is no wall against malice: a package that is installed is imported.
"""

import atexit
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from rules.faults import Fault
from rules.kinds import WrongCurrency
from rules.wire import LENGTH, MAX_MESSAGE, answer, packed, unpacked

START_LIMIT = 30.0
"""Seconds that a helper may take to start, which is not held against the kind."""

KEPT = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV")
"""Environment variables that a helper may see."""


@dataclass(slots=True)
class Sandbox:
    """One helper at a time, for the kinds of these modules (name of the package and where its kinds are)."""

    origins: Sequence[tuple[str, str]]
    _process: subprocess.Popen[bytes] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, kind: str, version: int, parameters: Mapping[str, Any], snapshot: Any, limit: float) -> Any:
        """What a kind answers within so many seconds; raises Fault or WrongCurrency. Without a snapshot: whether it compiles."""
        name = f"{kind} {version}"
        message = packed([kind, version, dict(parameters), snapshot])
        with self._lock:
            reply = self._exchange(message, name, limit)
        return _understood(reply, name)

    def close(self) -> None:
        """End the helper; the next question starts another."""
        process, self._process = self._process, None
        if process is not None:
            _ended(process)

    def _exchange(self, message: bytes, name: str, limit: float) -> Any:
        process = self._running()
        deadline = time.monotonic() + limit
        try:
            assert process.stdin is not None
            process.stdin.write(message)
            process.stdin.flush()
            return unpacked(_read_message(process, deadline))
        except TimeoutError:
            self.close()
            raise Fault(f"{name} ran longer than {limit:g} s and was ended") from None
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise Fault(f"{name} ended its process, or answered nonsense: {error}") from None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = self._started()
        return self._process

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "rules.sandbox_helper", *(f"{name}={value}" for name, value in self.origins)]
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules that are installed
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        try:
            unpacked(_read_message(process, time.monotonic() + START_LIMIT))
        except (TimeoutError, EOFError, ValueError) as error:
            _ended(process)
            raise Fault(f"the helper process for rules did not start: {error}") from error
        return process


def _understood(reply: Any, name: str) -> Any:
    match reply:
        case ["answer", plain]:
            return _answered(plain, name)
        case ["currency", str(expected)]:
            raise WrongCurrency(expected)
        case ["fault", str(reason)]:
            raise Fault(reason)
        case ["error", str(reason)]:
            raise Fault(f"{name} failed: {reason}")
        case _:
            raise Fault(f"{name} answered nonsense")


def _answered(plain: Any, name: str) -> Any:
    try:
        return answer(plain)
    except (TypeError, ValueError) as error:
        raise Fault(f"{name} gave nonsense: {error}") from error


def _read_message(process: subprocess.Popen[bytes], deadline: float) -> bytes:
    length = LENGTH.unpack(_read(process, LENGTH.size, deadline))[0]
    if length > MAX_MESSAGE:
        raise ValueError(f"{length} bytes are too many")
    return _read(process, length, deadline)


def _read(process: subprocess.Popen[bytes], wanted: int, deadline: float) -> bytes:
    assert process.stdout is not None
    source, found = process.stdout.fileno(), b""
    while len(found) < wanted:
        ready, _, _ = select.select([source], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        part = os.read(source, wanted - len(found))
        if not part:
            raise EOFError("it closed its output")
        found += part
    return found


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        # What was still to be written has no reader any more.
        with suppress(OSError):
            pipe.close()  # type: ignore[union-attr]  # both are pipes


_SHARED: dict[tuple[tuple[str, str], ...], Sandbox] = {}


def shared(origins: Sequence[tuple[str, str]]) -> Sandbox:
    """The helper of this process for these modules, made once and ended with it."""
    key = tuple(origins)
    if key not in _SHARED:
        _SHARED[key] = Sandbox(key)
        atexit.register(_SHARED[key].close)
    return _SHARED[key]
