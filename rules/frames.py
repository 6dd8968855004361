"""Frames: the values that the rules of a program read, taken from the facts once each, before any rule is asked.

A fact of a wrong type breaks the rules that use it, and no other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.rules import Facts
from rules.faults import Fault
from rules.paths import Get, getter
from rules.scope import LINES, Scope
from rules.values import typed

Frame = Sequence[Any]
"""Values by place; None where a value is empty, and where it is broken."""


def _lines(facts: Facts) -> Sequence[Any]:
    return facts.get(LINES) or ()


@dataclass(frozen=True, slots=True)
class Framing:
    """How to take a frame from facts."""

    reads: tuple[Get, ...]

    def frame(self, facts: Facts) -> tuple[Frame, Mapping[int, Fault]]:
        """The values, and what is wrong with those that are broken (nearly always nothing)."""
        try:
            return [read(facts) for read in self.reads], NOTHING
        except Fault:
            return self._broken(facts)

    def _broken(self, facts: Facts) -> tuple[Frame, Mapping[int, Fault]]:
        values: list[Any] = []
        broken: dict[int, Fault] = {}
        for place, read in enumerate(self.reads):
            try:
                values.append(read(facts))
            except Fault as fault:
                values.append(None)
                broken[place] = fault
        return values, broken


NOTHING: Mapping[int, Fault] = {}


def framing(scope: Scope) -> Framing:
    """For all paths that the rules compiled within a scope asked for."""
    return Framing(tuple(_reader(path, scope) for path in scope.places))


def _reader(path: str, scope: Scope) -> Get:
    kind = scope.type_of(path)
    return _lines if kind is None else typed(path, kind, getter(path))
