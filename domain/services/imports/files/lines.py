"""What all files have in common: lines that come one by one, and how far one has come."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Protocol

from domain.imports.lines import BadLine, Layout, Line
from domain.imports.problems import MissingColumns, RepeatedColumns, UnknownColumns
from domain.problems import Refused
from domain.values import shown


class LineFile(Protocol):
    """An open file. `position` of `size` were read so far, in `unit` (bytes or rows)."""

    size: int
    unit: str

    @property
    def position(self) -> int: ...

    def __iter__(self) -> Iterator[Line | BadLine]: ...

    def close(self) -> None: ...


def check_columns(columns: Sequence[str], layout: Layout) -> None:
    """Raises Refused for columns that are missing, unknown or repeated."""
    counted = Counter(columns)
    repeated = tuple(name for name, count in counted.items() if count > 1)
    unknown = tuple(name for name in counted if layout.place(name) is None and name not in layout.bags)
    missing = tuple(name for name in layout.required if name not in counted)
    problems = [
        *([RepeatedColumns(columns=named(repeated))] if repeated else []),
        *([UnknownColumns(columns=named(unknown), known=layout.names)] if unknown else []),
        *([MissingColumns(columns=missing, found=named(columns))] if missing else []),
    ]
    if problems:
        raise Refused(*problems)


def named(columns: Collection[str]) -> tuple[str, ...]:
    """Columns as a message repeats them: not all of a thousand."""
    return tuple(shown(name) or "(no name)" for name in _first(columns))


def _first(columns: Iterable[str], most: int = 30) -> list[str]:
    found = list(columns)
    return found if len(found) <= most else [*found[:most], f"… {len(found) - most} more"]
