"""Which failures pass by themselves: what failed so may be repeated as it is, and says nothing against the data."""

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

LOCK_TIMEOUT = "55P03"
SERIALIZATION = "40001"
CONTENTION = frozenset({SERIALIZATION, "40P01", LOCK_TIMEOUT})
"""Serialization, deadlock, lock not available: somebody else works on the same rows."""

OUTAGE = frozenset({
    "08000", "08001", "08003", "08004", "08006", "25006", "53000", "53100", "53200", "53300", "53400", "57P01", "57P02",
    "57P03", "57P05",
})  # fmt: skip
"""Lost connections; a server that is shutting down, starting, a standby, or out of connections, memory or disk."""


class Contended(Exception):
    """What many share, such as a block or the limit of a promotion, has less left than was read: do it again with that locked."""

    sqlstate = SERIALIZATION


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's five letters for what happened, whether SQLAlchemy has wrapped it or (while connecting) not."""
    return getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None)


def is_outage(error: BaseException) -> bool:
    """Whether the database could not be reached or could not serve anybody, whatever the work was."""
    if isinstance(error, OSError | NoConnectionFree) or sqlstate(error) in OUTAGE:
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


def is_contention(error: BaseException) -> bool:
    """Whether somebody else worked on the same rows: nothing was committed, which an outage leaves open."""
    return sqlstate(error) in CONTENTION


def has_waited(error: BaseException) -> bool:
    """Whether it comes after a long wait in vain, for a lock or for a free connection: waiting again helps nobody."""
    return isinstance(error, NoConnectionFree) or sqlstate(error) == LOCK_TIMEOUT


def is_passing(error: BaseException) -> bool:
    """Whether the same work may succeed if it is simply done again."""
    return is_outage(error) or is_contention(error)
