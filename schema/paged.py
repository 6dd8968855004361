"""What is asked of one object at a time, such as a page of the lots of a member: named beside its type, answered by a resolver.

Unlike a `Load`, nothing is batched; what is asked (filter, order, page, period) is a value of its own.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from domain.pages import Page

A = TypeVar("A")
T = TypeVar("T")
V = TypeVar("V")

Answer = Callable[[Any, A], Awaitable[V]]
"""From the request's context and what is asked to the answer."""


class Question(Generic[A, V]):
    """What is asked with an `A` and answered with a `V`."""

    __slots__ = ("_answer", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._answer: Answer[A, V] | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def answered_by(self, answer: Answer[A, V]) -> Answer[A, V]:
        """The function below answers these questions; there is only one that does."""
        if self._answer is not None:
            raise TypeError(f"{self} is answered twice: by {self._answer.__module__} and {answer.__module__}")
        self._answer = answer
        return answer

    def of(self, context: Any, asked: A) -> Awaitable[V]:
        """The answer."""
        if self._answer is None:
            raise LookupError(f"nobody answers {self}")
        return self._answer(context, asked)


class Paged(Question[A, Page[T]]):
    """Pages of `T` for questions `A`: `LOTS: Paged[LotsAsked, Lot] = Paged("lots of a member")`."""

    __slots__ = ()
