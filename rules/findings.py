"""Collecting problems: everything wrong with a promotion is said at once, each with its place."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from domain.problems import Problem, Refused

T = TypeVar("T")
S = TypeVar("S")


def placed(refused: Refused, *path: str) -> list[Problem]:
    """Problems of a part, seen from the whole."""
    return [problem.at(*path, *problem.path) for problem in refused.problems]


def build_at(name: str, step: Callable[[], T]) -> T:
    """A step's result, or its problems under `name`."""
    try:
        return step()
    except Refused as refused:
        raise Refused(*placed(refused, name)) from None


def build_each(
    name: str, items: Iterable[S], build: Callable[[S], T], key: Callable[[int, S], str] | None = None
) -> tuple[T, ...]:
    """Every item built, or the problems of all that failed, each under `name` and the item's index (or key)."""
    built: list[T] = []
    problems: list[Problem] = []
    for index, item in enumerate(items):
        try:
            built.append(build(item))
        except Refused as refused:
            problems += placed(refused, name, key(index, item) if key else str(index))
    if problems:
        raise Refused(*problems)
    return tuple(built)


def build_both(first: Callable[[], S], second: Callable[[], T]) -> tuple[S, T]:
    """Two parts, or the problems of both."""
    try:
        left = first()
    except Refused as refused:
        raise Refused(*refused.problems, *_problems(second)) from None
    return left, second()


def _problems(step: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        step()
    except Refused as refused:
        return refused.problems
    return ()
