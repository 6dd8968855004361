"""The helper process: runs rule kinds that a program does not trust, one request at a time, until its input ends.

It is told where its kinds come from, has no environment of ours, and what a kind prints goes nowhere.
"""

import os
import resource
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from types import MappingProxyType
from typing import Any, BinaryIO

from rules.faults import Fault
from rules.hooks import GROUP
from rules.kinds import RuleKind, WrongCurrency
from rules.registry import Registry, load
from rules.wire import LENGTH, packed, unpacked

MEMORY = 1 << 30
"""Bytes a helper may use."""

MAX_COMPILED = 256

Request = tuple[str, int, dict[str, Any], dict[str, Any] | None]
"""Kind, version, parameters, and the snapshot; without one, compiling is all that is asked."""


def main() -> None:
    """Answer every request on the standard input."""
    source, sink = _private_pipes()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    kinds = load(EntryPoint(name, value, GROUP) for name, value in (each.split("=", 1) for each in sys.argv[1:]))
    answer = _answering(kinds)
    _send(sink, ["ready"])
    while header := source.read(LENGTH.size):
        request = unpacked(source.read(LENGTH.unpack(header)[0]))
        _send(sink, answer(*request))


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The two ends that speak to the parent, out of reach of `print` and `input`."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return source, sink


def _answering(kinds: Registry) -> Callable[..., list[Any]]:
    compiled: dict[bytes, Callable[[Any], Any]] = {}

    def evaluate_of(name: str, version: int, parameters: dict[str, Any]) -> Callable[[Any], Any]:
        key = packed([name, version, parameters])
        if key not in compiled:
            if len(compiled) >= MAX_COMPILED:
                compiled.clear()
            kind = kinds.find(name, version)
            if not isinstance(kind, RuleKind):
                raise Fault(kind.message)
            compiled[key] = kind.compile(kind.parameters.model_validate(parameters))
        return compiled[key]

    def answer(name: str, version: int, parameters: dict[str, Any], snapshot: dict[str, Any] | None) -> list[Any]:
        try:
            evaluate = evaluate_of(name, version, parameters)
            return ["answer", None if snapshot is None else evaluate(_frozen(snapshot))]
        except WrongCurrency as wrong:
            return ["currency", wrong.expected]
        except Fault as fault:
            return ["fault", str(fault)]
        except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
            return ["error", f"{type(error).__name__}: {error}"]

    return answer


def _frozen(value: Any) -> Any:
    """Plain data made read-only."""
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(each) for key, each in value.items()})
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value


def _send(sink: BinaryIO, reply: list[Any]) -> None:
    try:
        message = packed(reply)
    except (TypeError, ValueError, OverflowError) as error:
        message = packed(["error", f"it answered what cannot be sent: {error}"])
    sink.write(message)
    sink.flush()


if __name__ == "__main__":
    main()
