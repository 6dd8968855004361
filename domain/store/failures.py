"""Which refusals of the database pass by themselves: what failed so may be repeated as it is."""

from sqlalchemy.exc import DBAPIError

PASSING = frozenset({"40001", "40P01", "55P03", "57P01", "57P02", "57P03", "08000", "08003", "08006"})
"""Serialization, deadlock, lock not available, server shutting down or starting, lost connections."""


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's five letters for what happened."""
    return getattr(error.orig, "sqlstate", None)


def is_passing(error: BaseException) -> bool:
    """Whether the same work may succeed if it is simply done again."""
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or sqlstate(error) in PASSING
