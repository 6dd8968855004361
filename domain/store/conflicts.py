"""Unique constraints as the last witness: who comes second is told which constraint refused the row.

A service that meets `Taken` begins again: what it checks first will then find the row of whoever was faster, and name it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

UNIQUE_VIOLATION = "23505"


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
    except IntegrityError as error:
        cause = getattr(error.orig, "__cause__", None)
        if getattr(cause, "sqlstate", None) != UNIQUE_VIOLATION:
            raise
        raise Taken(getattr(cause, "constraint_name", None) or "") from error
