"""Lists read by key: a page begins after the sort key of the last row before it, so rows added meanwhile move nothing.

A sort key ends with a unique column, and none of its columns is ever null.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Row, Select, func, literal, select, tuple_

from domain.pages import MAX_COUNT, InvalidCursor, Key, Page, PageRequest, page, unseal
from domain.store.database import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Order:
    """The columns of a sort key, all in one direction."""

    columns: tuple[ColumnElement[Any], ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """What to list: rows already filtered and within the reader's scope, their order, and what a row becomes."""

    rows: Select[Any]
    order: Order
    read: Callable[[Row[Any]], T]


async def page_of(database: Database, listing: Listing[T], request: PageRequest) -> Page[T]:
    """One page; how many there are in all is counted only when somebody asks."""
    async with database.read() as reader:
        rows = (await reader.execute(_statement(listing, request))).all()
    found = page(rows, request, lambda row: _key(row, listing.order), lambda: _count(database, listing))
    return Page[T](
        [replace(edge, node=listing.read(edge.node)) for edge in found.edges],  # type: ignore[arg-type]
        found.has_next_page,
        found.has_previous_page,
        found.count,
    )


def _statement(listing: Listing[Any], request: PageRequest) -> Select[Any]:
    order = listing.order
    sort = [column.desc() if order.descending else column.asc() for column in order.columns]
    keys = [column.label(f"sort_key_{index}") for index, column in enumerate(order.columns)]
    statement = listing.rows.add_columns(*keys).order_by(*sort).limit(request.first + 1)
    return statement if request.after is None else statement.where(_after(request.after, order))


def _after(cursor: str, order: Order) -> ColumnElement[bool]:
    key = unseal(cursor, len(order.columns))
    values = [literal(_value(part, column), column.type) for part, column in zip(key, order.columns, strict=True)]
    left, right = tuple_(*order.columns), tuple_(*values)
    return left < right if order.descending else left > right


def _key(row: Row[Any], order: Order) -> Key:
    parts = (row._mapping[f"sort_key_{index}"] for index in range(len(order.columns)))  # noqa: SLF001 its public name
    return tuple(part.isoformat() if isinstance(part, date) else part for part in parts)


def _value(part: int | str, column: ColumnElement[Any]) -> object:
    kind = column.type.python_type
    try:
        value = kind.fromisoformat(part) if kind in (date, datetime) else part  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        value = None
    if type(value) is not kind or (kind is int and not -(2**63) <= value < 2**63):
        raise InvalidCursor("This cursor belongs to another list: start again without `after`.")
    return value


async def _count(database: Database, listing: Listing[Any]) -> int:
    some = listing.rows.order_by(None).limit(MAX_COUNT).subquery()
    async with database.read() as reader:
        return int((await reader.execute(select(func.count()).select_from(some))).scalar_one())
