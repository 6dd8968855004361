"""Unique constraints as the last witness: who comes second is told which constraint refused the row.

A service that meets `Taken` begins again: what it checks first will then find the row of whoever was faster, and name it.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from domain.store.database import Database, Writer
from domain.store.failures import sqlstate

T = TypeVar("T")

UNIQUE_VIOLATION = "23505"
DEADLOCK = "40P01"
"""Two who exchange keys may wait for each other; the database then ends one of them."""
ATTEMPTS = 5


class Taken(Exception):
    """A row with this key exists already; nothing of the unit of work may be committed."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


@contextmanager
def conflicts() -> Iterator[None]:
    """Around a write: a violated unique constraint becomes `Taken`."""
    try:
        yield
    except DBAPIError as error:
        if sqlstate(error) not in {UNIQUE_VIOLATION, DEADLOCK}:
            raise
        raise Taken(_constraint(error) or "") from error


def _constraint(error: DBAPIError) -> str | None:
    """The constraint that was violated; SQLAlchemy puts an error of its own around the driver's."""
    driven = error.orig if hasattr(error.orig, "constraint_name") else getattr(error.orig, "__cause__", None)
    name: str | None = getattr(driven, "constraint_name", None)
    return name


async def in_one_go(database: Database, work: Callable[[Writer], Awaitable[T]]) -> T:
    """Do the work in one unit, and again from the beginning if somebody else was faster with a key."""
    for _ in range(ATTEMPTS - 1):
        try:
            async with database.write() as writer:
                return await work(writer)
        except Taken:
            continue
    async with database.write() as writer:
        return await work(writer)
