"""Connections with keyset cursors, as Relay has them: `Connection[Member]` shows a `domain.pages.Page` of members.

`totalCount` costs a query of its own, so it runs only for those who ask.
"""

from typing import Annotated, Generic, TypeVar

import strawberry

from domain.pages import MAX_COUNT, MAX_FIRST
from schema.base import computed

T = TypeVar("T")
First = Annotated[int, strawberry.argument(description=f"How many, 1 to {MAX_FIRST}.")]
After = Annotated[str | None, strawberry.argument(description="The `endCursor` of the page before.")]


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Relay's page information, shown from the page itself."""

    has_next_page: bool
    has_previous_page: bool = strawberry.field(description="Whether `after` was given.")
    start_cursor: str | None
    end_cursor: str | None = strawberry.field(description="Give it as `after` to go on.")


@strawberry.type(description="One object of a page.")
class Edge(Generic[T]):
    """An object and its cursor."""

    node: T
    cursor: str


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """A page of `T`, shown from a `domain.pages.Page`."""

    edges: list[Edge[T]]
    page_info: PageInfo
    total_count: int = computed(
        lambda page: page.count(), f"How many there are in all: counted only when asked for, up to {MAX_COUNT:,}."
    )
