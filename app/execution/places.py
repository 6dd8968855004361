"""Places in an answer that is being filled in, and what becomes of them when something goes wrong there.

An error takes the nearest place that may be null; everything inside that is gone, and errors from there are not told.
"""

from collections.abc import Sequence
from typing import Any

from graphql import FieldNode, GraphQLError, located_error


class Place:
    """`holder[key]`, a place inside the value at `up`; on the outermost level `up` is None."""

    __slots__ = ("holder", "key", "nullable", "up")

    def __init__(self, holder: Any, key: str | int, nullable: bool, up: "Place | None") -> None:
        self.holder = holder
        self.key = key
        self.nullable = nullable
        self.up = up

    def path(self) -> list[str | int]:
        """The keys from the outside to here."""
        keys: list[str | int] = []
        at: Place | None = self
        while at is not None:
            keys.append(at.key)
            at = at.up
        keys.reverse()
        return keys


class Failures:
    """The errors of one answer, and the places that they made null."""

    __slots__ = ("all_gone", "errors", "gone")

    def __init__(self) -> None:
        self.errors: list[GraphQLError] = []
        self.gone: set[Place] = set()
        self.all_gone = False

    def add(self, raised: Exception, nodes: Sequence[FieldNode], place: Place) -> None:
        """Something went wrong at a place: it, or what is around it, becomes null."""
        taken: Place | None = place
        while taken is not None and not taken.nullable:
            taken = taken.up
        if self._is_gone(taken):
            return
        self.errors.append(located_error(raised, nodes, place.path()))
        if taken is None:
            self.all_gone = True
        else:
            taken.holder[taken.key] = None
            self.gone.add(taken)

    def _is_gone(self, place: Place | None) -> bool:
        while place is not None:
            if place in self.gone:
                return True
            place = place.up
        return self.all_gone
