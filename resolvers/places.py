"""Where a refusal points: what is wrong with a thing itself is said at the id that named it, and the id is repeated as typed.

Services know things by their keys; only here are both the refusal and the words of the caller at hand.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from strawberry.utils.str_converters import to_snake_case

from domain.problems import NotFound, Problem
from domain.values import shown

ID = ("input", "id")


def placed(problems: Sequence[Problem], given: dict[str, Any]) -> tuple[Problem, ...]:
    """The problems of a command with these arguments, each with its place."""
    about = ID if isinstance(_typed(ID, given), str) else ()
    return tuple(_named(problem if problem.path else problem.at(*about), given) for problem in problems)


def _named(problem: Problem, given: dict[str, Any]) -> Problem:
    if not isinstance(problem, NotFound) or problem.key is not None:
        return problem
    typed = _typed(problem.path, given)
    # A reference to a member has an id of its own.
    typed = getattr(typed, "id", typed)
    return replace(problem, key=shown(typed)) if isinstance(typed, str) else problem


def _typed(path: tuple[str, ...], given: dict[str, Any]) -> object:
    """What the caller wrote at a place of the input; None where that is not known."""
    found: Any = given.get(path[0]) if path else None
    for name in path[1:]:
        found = getattr(found, to_snake_case(name), None)
    return found
