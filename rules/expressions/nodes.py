"""The parts of an expression, as the reader finds them. `position` counts characters from 1, for whoever has to be told."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Node:
    """Any part."""

    position: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, a text, true, false, or null."""

    value: Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class Path(Node):
    """An attribute: `transaction.amount`; or `lines`."""

    name: str


@dataclass(frozen=True, slots=True)
class Item(Node):
    """The element at hand within `filter`, `some` and the like: `#`, or one of its attributes, `#.amount`."""

    name: str


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`-x` or `not x`."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Two operands; `position` is that of the operator."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """`condition ? yes : no`."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Listing(Node):
    """`[a, b, c]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Interval(Node):
    """`[low..high]`; a round bracket excludes its end."""

    low: Node
    high: Node
    with_low: bool
    with_high: bool


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`name(arguments)`."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Subject(Node):
    """`$`, the value of its column, in a cell of a decision table."""
