"""Global ids in arguments: what a resolver does with an `ID` before it calls a service.

An id that is malformed or of another type names nothing: it is answered like an object that does not exist.
"""

from typing import TypeGuard

from domain.problems import NotFound, Refused
from schema.ids import GlobalId, unseal


def key(id: str, kind: str, *path: str) -> int:
    """The key of an object of a type (`kind`, as in GraphQL), or a refusal at `path` of the input."""
    found = unseal(id)
    if _names(found, kind) and isinstance(found.key, int):
        return found.key
    raise _not_found(id, kind, path)


def keys(id: str, kind: str, *path: str) -> tuple[int, ...]:
    """The parts of a key that has several, such as a lot's member, transaction and position."""
    found = unseal(id)
    if _names(found, kind) and isinstance(found.key, tuple):
        return found.key
    raise _not_found(id, kind, path)


def _names(found: GlobalId | None, kind: str) -> TypeGuard[GlobalId]:
    return found is not None and found.type == kind


def _not_found(id: str, kind: str, path: tuple[str, ...]) -> Refused:
    what = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind).strip()
    return Refused(NotFound(what=what, key=id[:80], path=path))
