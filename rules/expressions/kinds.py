"""Types of values in an expression, and what a part of one becomes when it is compiled."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.attributes import AttributeType


class Kind(enum.Enum):
    """What a part of an expression gives; any of them may be empty at run time."""

    NUMBER = "a number"
    TEXT = "a text"
    DATE = "a date"
    BOOLEAN = "true or false"
    NULL = "null"
    LINE = "a line item"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one kind of elements."""

    element: Kind

    @property
    def value(self) -> str:
        return f"a list of {self.element.name.lower()}s"


KIND_OF: Mapping[AttributeType, Kind] = {
    AttributeType.NUMBER: Kind.NUMBER,
    AttributeType.INTEGER: Kind.NUMBER,
    AttributeType.TEXT: Kind.TEXT,
    AttributeType.DATE: Kind.DATE,
    AttributeType.BOOLEAN: Kind.BOOLEAN,
}

Run = Callable[[Any, Any], Any]
"""From the frame and the element at hand (`#`) to a value, None where it is empty or unknown; raises Fault."""


@dataclass(frozen=True, slots=True)
class Part:
    """A compiled part: what it gives, how to run it, and where it stands.

    An attribute has a name and a place in the frame, a constant its value: with these, a comparison needs fewer calls.
    """

    kind: Kind | ListOf
    run: Run
    position: int
    name: str | None = None
    constant: Any = None
    place: int | None = None

    def __str__(self) -> str:
        return self.name or f"the value at position {self.position}"
