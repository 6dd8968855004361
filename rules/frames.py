"""Frames: the values that the rules of a program read, taken from the facts once each, before any rule is asked.

A fact of a wrong type breaks the rules that use it, and no other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.attributes import AttributeType
from domain.rules import Facts
from rules.faults import Fault
from rules.generated_frames import Take, generate_take
from rules.paths import Get, getter
from rules.scope import LINES, WHOLE_LINES, LineScope, Scope
from rules.values import typed

Frame = Sequence[Any]
"""Values by place; None where a value is empty, and where it is broken. The last is a memory, for what several rules find out."""

MEMORY = -1


@dataclass(frozen=True, slots=True)
class Framing:
    """How to take a frame from facts."""

    reads: tuple[Get, ...]
    take: Take
    """The same at once."""

    def frame(self, facts: Facts) -> tuple[Frame, Mapping[int, Fault]]:
        """The values, and what is wrong with those that are broken (nearly always nothing)."""
        try:
            return self.take(facts), NOTHING
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
        return [*values, {}], broken


NOTHING: Mapping[int, Fault] = {}


def remembering(key: tuple[int, ...], text_of: Callable[[Frame], str]) -> Callable[[Frame], str]:
    """A text made of the values at these places, made once per transaction however many rules show it."""

    def text(frame: Frame) -> str:
        memory: dict[tuple[int, ...], str] = frame[MEMORY]
        known = memory.get(key)
        if known is None:
            known = memory[key] = text_of(frame)
        return known

    return text


def framing(scope: Scope) -> Framing:
    """For all paths that the rules compiled within a scope asked for."""
    reads = {path: _reader(path, scope) for path in scope.places}
    return Framing(tuple(reads.values()), generate_take(_planned(path, scope, read) for path, read in reads.items()))


def _reader(path: str, scope: Scope) -> Get:
    if path == LINES:
        return _line_frames(scope.lines)
    if path == WHOLE_LINES:
        return lambda facts: facts.get(LINES) or ()
    return typed(path, _kind(path, scope), getter(path))


def _planned(path: str, scope: Scope, read: Get) -> tuple[str, AttributeType, Get] | Get:
    if path in {LINES, WHOLE_LINES}:
        return read
    kind = _kind(path, scope)
    return path, kind, typed(path, kind, lambda value: value)


def _kind(path: str, scope: Scope) -> AttributeType:
    kind = scope.type_of(path)
    assert kind is not None, "a place is only given to what exists"
    return kind


def _line_frames(scope: LineScope) -> Get:
    """All line items; one value of a wrong type breaks the rules that look at line items."""
    reads = [typed(name, scope.types[name], getter(name)) for name in scope.places]
    return lambda facts: [[read(line) for read in reads] for line in facts.get(LINES) or ()]
