"""What a command answers: the result, or the problems, never both half done."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.problems import Problem

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Receipt(Generic[T]):
    """`result` may stand beside `errors`: a refusal by the engine is a transaction of its own. `replayed`: an earlier answer again."""

    result: T | None = None
    errors: tuple[Problem, ...] = ()
    replayed: bool = False
