"""Connections below an object, such as the lots of a member: each is named here or beside its type, and answered by a resolver.

Unlike a `Load`, a page is asked for one object at a time; what is asked (filter, order, page) is a value of its own.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from domain.pages import Page

A = TypeVar("A")
T = TypeVar("T")

Answer = Callable[[Any, A], Awaitable[Page[T]]]
"""From the request's context and what is asked to a page."""


class Paged(Generic[A, T]):
    """Pages of `T` for questions `A`: `LOTS: Paged[LotsAsked, Lot] = Paged("lots of a member")`."""

    __slots__ = ("_answer", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._answer: Answer[A, T] | None = None

    def __repr__(self) -> str:
        return f"Paged({self.name!r})"

    def answered_by(self, answer: Answer[A, T]) -> Answer[A, T]:
        """The function below answers these questions; there is only one that does."""
        if self._answer is not None:
            raise TypeError(f"{self} is answered twice: by {self._answer.__module__} and {answer.__module__}")
        self._answer = answer
        return answer

    def of(self, context: Any, asked: A) -> Awaitable[Page[T]]:
        """The page that was asked for."""
        if self._answer is None:
            raise LookupError(f"nobody answers {self}")
        return self._answer(context, asked)
