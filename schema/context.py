"""What the fields of the schema may ask of a request: who asks, and loads of related objects in batches.

A `Load` names something that can be loaded for many keys at once; `schema/loads.py` lists them all, `resolvers/` answer
them. The schema never knows how.
"""

from collections.abc import Awaitable
from typing import Any, Generic, Protocol, TypeVar

import strawberry

from domain.people import Principal

K = TypeVar("K")
V = TypeVar("V")


class Load(Generic[K, V]):
    """For a key `K` (hashable), the value `V`: `MEMBERS: Load[int, Member | None] = Load("members")`."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Load({self.name!r})"


class Context(Protocol):
    """The part of the request's context that fields may use."""

    @property
    def principal(self) -> Principal:
        """Who makes this request."""

    def load(self, load: Load[K, V], key: K) -> Awaitable[V]:
        """The value for a key, loaded together with all the others that this operation asks for."""

    def node(self, id: str) -> Awaitable[Any] | None:
        """The object with a global id, or None."""


Info = strawberry.Info[Context, None]
