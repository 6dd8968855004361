"""From inputs to commands: what was not given, what was given as null, and lists that must not name a thing twice."""

from collections.abc import Iterable
from typing import TypeVar

import strawberry

from domain.commands.members import UNCHANGED, Unchanged
from domain.problems import Invalid, Refused

K = TypeVar("K")
T = TypeVar("T")
V = TypeVar("V")


def unless_unset(value: T) -> T | Unchanged:
    """A field that may be cleared: UNCHANGED if it was not given, None if it was given as null."""
    return UNCHANGED if value is strawberry.UNSET else value


def mapping(pairs: Iterable[tuple[K, V]], *path: str) -> dict[K, V]:
    """A list of pairs as a mapping; refuses a key that is named twice."""
    found: dict[K, V] = {}
    for index, (key, value) in enumerate(pairs):
        if key in found:
            shown = str(getattr(key, "value", key))
            raise Refused(Invalid(value=shown, expected="something not named before", path=(*path, str(index))))
        found[key] = value
    return found


def some(values: Iterable[T] | None) -> tuple[T, ...]:
    """A list that may not be given."""
    return tuple(values or ())
