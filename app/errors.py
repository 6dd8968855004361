"""What strangers learn of our errors: what they can mend, in full; our bugs, as a number that is in the log.

`CODES` lists the exceptions that a caller can do something about; every other one is hidden, logged once, and counted.
"""

import re
import uuid
from typing import Any

import structlog
from graphql import GraphQLError

from app.metrics import INCIDENTS
from domain.pages import InvalidCursor
from domain.problems import Refused
from domain.services.posting.desk import Overloaded
from domain.store.failures import is_passing
from resolvers.figures import ERRORS

log = structlog.get_logger("milepost.errors")

CODES: dict[type[BaseException], str] = {
    InvalidCursor: "INVALID_CURSOR",
    Overloaded: "OVERLOADED",
    TimeoutError: "OVERLOADED",
}
"""Exception (or a subclass of it) -> the code that clients see."""

BUSY = "The server is busy: try again in a moment, with the same idempotency key."
PASSING = frozenset({"OVERLOADED", "TIMED_OUT"})
"""Codes of what may succeed a little later."""
RETRY_AFTER = 1
"""Seconds after which a busy server may be asked again: its queue is worked thousands a second."""


def timed_out(seconds: float) -> GraphQLError:
    """What is said of an operation that took too long."""
    message = f"This operation took longer than {seconds:g} s and was ended. Ask for less; repeat a mutation with the same key."
    return GraphQLError(message, extensions={"code": "TIMED_OUT", "limit": seconds})


def busy(result: Any) -> int | None:
    """After how many seconds to try again, if nothing of a result could be done for now; None if something could."""
    codes = {(error.extensions or {}).get("code") for error in result.errors or ()}
    if not codes or not codes <= PASSING or any((result.data or {}).values()):
        return None
    return RETRY_AFTER


def mask(result: Any) -> None:
    """Replace the errors of a result by what may be shown."""
    if result is not None and result.errors:
        result.errors = [shown(error) for error in result.errors]
        for error in result.errors:
            ERRORS.labels("answer", str((error.extensions or {}).get("code", "INVALID_REQUEST"))).inc()


_SUGGESTION = re.compile(r" Did you mean [^?]*\?")


def without_suggestions(result: Any) -> None:
    """Take out of the errors of a result what names they guess were meant: of fields, arguments, types and values."""
    for error in (result is not None and result.errors) or ():
        if error.original_error is None or isinstance(error.original_error, GraphQLError):
            error.message = _SUGGESTION.sub("", error.message)


def shown(error: GraphQLError) -> GraphQLError:
    """What may be shown of an error."""
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return error
    if isinstance(cause, Refused):
        return _replaced(error, cause.problems[0].message, {"code": cause.problems[0].code})
    code = _code(cause)
    if code == "OVERLOADED":
        return _replaced(error, BUSY, {"code": code, "retryAfter": RETRY_AFTER})
    if code is not None:
        return _replaced(error, str(cause), {"code": code})
    return _replaced(error, "Internal error.", {"code": "INTERNAL", "incident": incident(cause)})


def passes(cause: BaseException) -> bool:
    """Whether the same request may succeed a little later; logged if so."""
    return _code(cause) == "OVERLOADED"


def _code(cause: BaseException) -> str | None:
    if is_passing(cause):
        log.warning("database busy", error=type(cause).__name__)
        return "OVERLOADED"
    return next((code for offered, code in CODES.items() if isinstance(cause, offered)), None)


def incident(cause: BaseException) -> str:
    """Log an error that is ours to mend; the number under which it is found."""
    number = uuid.uuid4().hex
    INCIDENTS.inc()
    log.error("incident", incident=number, exc_info=cause)
    return number


def _replaced(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(message, nodes=error.nodes, path=error.path, extensions=extensions)
