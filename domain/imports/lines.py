"""Lines of a file: numbered, with their values by column; and those that cannot be taken, each with its place and reason.

A bad line harms no other. Columns have the names that files use: `transaction_date`, `attributes.miles`, `line_items[3].amount`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.problems import Problem
from domain.values import shown


@dataclass(frozen=True, slots=True)
class Line:
    """A line that could be read. `number` counts from 1 as an editor does; in Parquet it is the row.

    `values` are text (CSV) or typed (JSON Lines, Parquet), by column; what is empty is absent. `size` is about its bytes.
    """

    number: int
    values: Mapping[str, Any]
    size: int = 0


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not taken: where, why, and the value at fault, shortened."""

    number: int
    problem: Problem
    value: str = ""

    @property
    def column(self) -> str:
        """The column at fault; empty if it is the whole line."""
        return ".".join(self.problem.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which columns a file may have. Bags have columns of their own, `attributes.miles`; lists are not for CSV."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    bags: tuple[str, ...] = ()
    plain: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "plain", frozenset(self.required + self.optional + self.lists))

    @property
    def names(self) -> tuple[str, ...]:
        """Every column, as a message lists them."""
        return (*self.required, *self.optional, *self.lists, *(f"{bag}.NAME" for bag in self.bags))

    def place(self, column: str) -> tuple[str, str | None] | None:
        """Where a column belongs: a plain one (name, None), one of a bag (bag, name), or nowhere."""
        if column in self.plain:
            return column, None
        bag, dot, name = column.partition(".")
        return (bag, name) if dot and name and bag in self.bags else None


def bad_lines(line: Line, problems: Iterable[Problem], columns: Mapping[str, str]) -> tuple[BadLine, ...]:
    """One per problem; `columns` are the names that files use for the fields of the API, where they are not the same in snake case."""
    return tuple(_bad(line, problem, columns) for problem in problems)


def _bad(line: Line, problem: Problem, columns: Mapping[str, str]) -> BadLine:
    if not problem.path:
        return BadLine(line.number, problem)
    first, *rest = problem.path
    column = columns.get(first) or _snake(first)
    value = _value(line.values.get(column), rest)
    return BadLine(line.number, problem.at(_place(column, rest)), "" if value is None else shown(str(value)))


def _place(column: str, rest: Iterable[str]) -> str:
    """`line_items`, `3`, `amount` are `line_items[3].amount`; the first line item is 1."""
    return column + "".join(f"[{int(part) + 1}]" if part.isdecimal() else f".{part}" for part in rest)


def _value(value: Any, rest: Iterable[str]) -> Any:
    for part in rest:
        match value:
            case Mapping():
                value = value.get(part)
            case list() | tuple() if part.isdecimal() and int(part) < len(value):
                value = value[int(part)]
            case _:
                return value
    return value


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", r"_\1", name).lower()
