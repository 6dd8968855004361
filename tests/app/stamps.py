"""A small noun of the tests' own: books of stamps, shown and changed through everything that real nouns use."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, cast

import strawberry

import resolvers.node
import resolvers.viewer  # noqa: F401 declares `viewer`
from app.build import Schema, build
from domain.pages import Page, PageRequest, page, unseal
from domain.people import Principal, Role, Scope
from domain.problems import NotFound, Problem, Refused
from domain.receipts import Receipt
from domain.services.posting.desk import Desk
from domain.store.database import Database, Reader
from resolvers.context import Context, Info
from resolvers.ids import key
from resolvers.loaders import grouped, in_order, loads
from resolvers.rights import EVERYBODY, RIGHTS
from resolvers.roots import ROOTS, Roots
from schema.base import Node, answers, loaded, shows, takes
from schema.base import field as shown_field
from schema.context import Info as SchemaInfo
from schema.context import Load
from schema.pages import After, Connection, First
from schema.payloads import Keyed, ReplayablePayload
from schema.scalars import Attributes, Points

BIG = 2**62


@dataclass(frozen=True, slots=True)
class Stamp:
    book_id: int
    position: int
    worth: Decimal


@dataclass(frozen=True, slots=True)
class Book:
    id: int
    title: str
    attributes: dict[str, Any]
    next_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFull(Problem):
    """The book has no room."""

    code = "BOOK_FULL"
    room: Annotated[Decimal, "Points"]
    price: Decimal
    roles: tuple[Role, ...]
    hint: str | None = None

    @property
    def message(self) -> str:
        return f"There is room for {self.room} only."


@dataclass
class Shelf:
    """Stands for the database: counts what is asked of it."""

    books: dict[int, Book] = field(default_factory=dict)
    stamps: list[Stamp] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    changes: "asyncio.Queue[Book]" = field(default_factory=asyncio.Queue)
    listening: int = 0
    broken: Exception | None = None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reader]:
        if self.broken:
            raise self.broken
        yield cast("Reader", self)

    async def now(self, _reader: Reader) -> None: ...


def shelf(reader: Reader) -> Shelf:
    return cast("Shelf", reader)


def sample() -> Shelf:
    books = {BIG + i: Book(BIG + i, f"Book {i}", {"size": i}, BIG + i + 1 if i < 9 else None) for i in range(1, 10)}
    stamps = [Stamp(BIG + i, p, Decimal("0.50") * p) for i in range(1, 10) for p in range(1, 4)]
    return Shelf(books, stamps)


BOOKS: Load[int, Book | None] = Load("books")
STAMP: Load[tuple[int, ...], Stamp | None] = Load("stamp")
STAMPS: Load[int, list[Stamp]] = Load("stamps")
PAGES: Load[tuple[int, PageRequest], Page[Stamp]] = Load("pages of stamps")


@shows(Stamp, key=("book_id", "position"))
class StampType(Node):
    """A stamp in a book."""

    position: int
    worth: Points
    book: Annotated["BookType", strawberry.lazy("tests.app.stamps")] = loaded(BOOKS, by="book_id")


@shows(Book)
class BookType(Node):
    """A book of stamps."""

    title: str
    attributes: Attributes
    stamps: list[StampType] = loaded(STAMPS, by="id")
    next: Annotated["BookType", strawberry.lazy("tests.app.stamps")] | None = loaded(BOOKS, by="next_id")

    @shown_field(Connection[StampType])
    def paged(self: Book, info: SchemaInfo, first: First = 20, after: After = None) -> Awaitable[Page[Stamp]]:
        """The stamps, page by page."""
        return info.context.load(PAGES, (self.id, PageRequest(first, after)))


@takes
class StampAddInput(Keyed):
    """What to put where."""

    book: strawberry.ID
    worth: Points
    attributes: Attributes | None = None


@answers
class StampAddPayload(ReplayablePayload):
    """A book with its new stamp."""

    result: BookType | None = strawberry.field(name="book")


@loads(BOOKS, node="BookType")
async def _books(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[Book | None]:
    shelf(reader).calls.append(f"books {len(ids)} of member {scope.member_id}")
    return in_order(ids, shelf(reader).books.values(), lambda book: book.id)


@loads(STAMP, node="StampType")
async def _stamp(reader: Reader, _scope: Scope, ids: list[tuple[int, ...]]) -> Sequence[Stamp | None]:
    return in_order(ids, shelf(reader).stamps, lambda stamp: (stamp.book_id, stamp.position))


@loads(STAMPS)
async def _stamps(reader: Reader, _scope: Scope, ids: list[int]) -> Sequence[list[Stamp]]:
    shelf(reader).calls.append(f"stamps {len(ids)}")
    return grouped(ids, (s for s in shelf(reader).stamps if s.book_id in ids), lambda stamp: stamp.book_id)


@loads(PAGES)
async def _pages(reader: Reader, _scope: Scope, asked: list[tuple[int, PageRequest]]) -> Sequence[Page[Stamp]]:
    return [_page(shelf(reader), book_id, request) for book_id, request in asked]


def _page(store: Shelf, book_id: int, request: PageRequest) -> Page[Stamp]:
    after = unseal(request.after, 1)[0] if request.after else 0
    rows = [s for s in store.stamps if s.book_id == book_id and s.position > int(after)]

    async def count() -> int:
        store.calls.append("count")
        return sum(s.book_id == book_id for s in store.stamps)

    return page(rows[: request.first + 1], request, lambda stamp: (stamp.position,), count)


def stamp_roots() -> Roots:
    """The roots of this noun, beside those of the foundation."""
    clerks = frozenset({Role.MSR})
    roots = Roots(
        {**RIGHTS, "book": EVERYBODY, "books": clerks, "stampAdd": clerks, "secret": clerks, "bookChanged": clerks}
    )
    roots.queries.extend(one for one in ROOTS.queries if one.python_name in ("node", "nodes", "viewer"))

    @roots.query(BookType | None)
    async def book(info: Info, id: strawberry.ID) -> object | None:
        """A book."""
        return await info.context.load(BOOKS, key(id, "BookType", "id"))

    @roots.query(Connection[BookType])
    async def books(info: Info, first: First = 20, after: After = None) -> Page[Book]:
        """All books."""
        async with info.context.database.read() as reader:
            rows = list(shelf(reader).books.values())[: first + 1]
            return page(rows, PageRequest(first, after and str(unseal(after, 1))), lambda one: (one.id,), _never)

    @roots.mutation(StampAddPayload)
    async def stamp_add(info: Info, input: StampAddInput) -> Receipt[Book]:
        """Put a stamp into a book."""
        book_id = key(input.book, "BookType", "input", "book")
        async with info.context.database.read() as reader:
            if input.worth > Decimal(100):
                room = Decimal("9.50")
                raise Refused(BookFull(room=room, price=Decimal("1.20"), roles=(Role.MSR,), path=("input", "worth")))
            if input.worth == Decimal(13):
                raise RuntimeError("password=hunter2")
            found = shelf(reader).books.get(book_id)
            if found is None:
                raise Refused(NotFound(what="book", path=("input", "book")))
            stamps = [s for s in shelf(reader).stamps if s.book_id == book_id]
            shelf(reader).stamps.append(Stamp(book_id, len(stamps) + 1, input.worth))
        return Receipt(found)

    @roots.query(str)
    async def secret(info: Info) -> str:
        """Fails."""
        raise RuntimeError("password=hunter2")

    @roots.subscription(BookType)
    async def book_changed(info: Info) -> AsyncGenerator[Book, None]:
        """Books as they change."""
        store = cast("Shelf", info.context.database)
        store.listening += 1
        try:
            while True:
                yield await store.changes.get()
        finally:
            store.listening -= 1

    return roots


async def _never() -> int:
    raise AssertionError("nobody asked for the total")


def stamp_schema() -> Schema:
    return build(stamp_roots(), packages=("domain.", "tests.app.stamps"))


@cache
def shared_schema() -> Schema:
    """For applications of which only what is around the schema matters: it takes longer to build than they do."""
    return stamp_schema()


NO_DESK = cast("Desk", None)
"""Nothing of this noun is processed by the engine."""


@dataclass(frozen=True)
class TestSettings:
    environment: str = "test"
    webhooks_private: bool = False
    slow_ms: int = 1_000
    operation_seconds: float = 600
    __test__ = False


CLERK = Principal(7, "clerk", frozenset({Role.MSR}))
CUSTOMER = Principal(8, "customer", frozenset({Role.MEMBER}), Scope(member_id=5))


def context(store: Shelf, principal: Principal = CLERK) -> Context:
    return Context(TestSettings(), cast("Database", store), NO_DESK, principal)
