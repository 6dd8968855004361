"""Lists read by key: a page begins after the sort key of the last row before it, so rows added meanwhile move nothing.

A sort key ends with a unique column, and none of its columns is ever null.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Row, Select, func, literal, select, tuple_
from sqlalchemy.types import TypeEngine

from domain.pages import MAX_COUNT, Edge, InvalidCursor, Key, Page, PageRequest, page, unseal
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
    edges = [Edge(listing.read(edge.node), edge.cursor) for edge in found.edges]
    return Page(edges, found.has_next_page, found.has_previous_page, found.count)


def _statement(listing: Listing[Any], request: PageRequest) -> Select[Any]:
    order = listing.order
    sort = [column.desc() if order.descending else column.asc() for column in order.columns]
    keys = [column.label(f"sort_key_{index}") for index, column in enumerate(order.columns)]
    statement = listing.rows.add_columns(*keys).order_by(*sort).limit(request.first + 1)
    return statement if request.after is None else statement.where(_after(request.after, order))


def _after(cursor: str, order: Order) -> ColumnElement[bool]:
    key = unseal(cursor, len(order.columns))
    values = [literal(_value(part, column), _type(column)) for part, column in zip(key, order.columns, strict=True)]
    left, right = tuple_(*order.columns), tuple_(*values)
    return left < right if order.descending else left > right


def _key(row: Row[Any], order: Order) -> Key:
    parts = row[-len(order.columns) :]
    return tuple(part.isoformat() if isinstance(part, date) else part for part in parts)


def _type(column: ColumnElement[Any]) -> TypeEngine[Any]:
    """A forged number may be too large for its column, never for this."""
    return BigInteger() if column.type.python_type is int else column.type


def _value(part: int | str, column: ColumnElement[Any]) -> object:
    kind = column.type.python_type
    try:
        return MADE_OF[kind](part)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidCursor("This cursor belongs to another list: start again without `after`.") from error


def _bigint(part: Any) -> int:
    if type(part) is not int or not -(2**63) <= part < 2**63:
        raise ValueError
    return part


def _text(part: Any) -> str:
    if type(part) is not str or "\0" in part:
        raise ValueError
    part.encode()  # half a surrogate pair is not text
    return part


def _moment(part: Any) -> datetime:
    if (moment := datetime.fromisoformat(part)).tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


MADE_OF: Mapping[type, Callable[[Any], object]] = {
    int: _bigint,
    str: _text,
    date: date.fromisoformat,
    datetime: _moment,
}
"""From the part of a cursor to a value of its column."""


async def _count(database: Database, listing: Listing[Any]) -> int:
    some = listing.rows.order_by(None).limit(MAX_COUNT).subquery()
    async with database.read() as reader:
        return int((await reader.execute(select(func.count()).select_from(some))).scalar_one())
