"""One page of a list that is read by key, not by offset, so that it stays right while rows are added.

A cursor is the sort key of a row, sealed with a version: opaque to clients, and refused when it is not one of ours.
"""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
VERSION = 1
MAX_FIRST = 100
MAX_COUNT = 10_000

Key = tuple[int | str, ...]


class InvalidCursor(ValueError):
    """A cursor that we did not make."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`first` rows (1 to 100) after the cursor `after`, in the order named `order`."""

    first: int = 20
    after: str | None = None


def seal(*key: int | str) -> str:
    """The cursor of a row."""
    text = json.dumps([VERSION, *key], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unseal(cursor: str, length: int) -> Key:
    """The sort key in a cursor, which must have `length` parts."""
    try:
        version, *key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        message = "This cursor is not one of ours: use the `endCursor` of the page before."
        raise InvalidCursor(message) from error
    if version != VERSION or len(key) != length or not all(type(part) in (int, str) for part in key):
        message = "This cursor belongs to another list or version: start again without `after`."
        raise InvalidCursor(message)
    return tuple(key)


@dataclass(frozen=True, slots=True)
class Edge(Generic[T]):
    """A row and its cursor."""

    node: T
    cursor: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`count` is called only when somebody asks for the total."""

    edges: Sequence[Edge[T]]
    has_next_page: bool
    has_previous_page: bool
    count: Callable[[], Awaitable[int]]

    @property
    def page_info(self) -> "Page[T]":
        """Relay's PageInfo has the attributes of the page itself."""
        return self

    @property
    def start_cursor(self) -> str | None:
        """The cursor of the first row."""
        return self.edges[0].cursor if self.edges else None

    @property
    def end_cursor(self) -> str | None:
        """The cursor of the last row: give it as `after` to go on."""
        return self.edges[-1].cursor if self.edges else None


def page(
    rows: Sequence[T], request: PageRequest, key: Callable[[T], Key], count: Callable[[], Awaitable[int]]
) -> Page[T]:
    """A page from `first + 1` rows: the one too many says that there is a next page."""
    edges = [Edge(row, seal(*key(row))) for row in rows[: request.first]]
    return Page(edges, len(rows) > request.first, request.after is not None, count)
