"""What commands have in common: name what is missing, collect everything that is wrong, and refuse all of it at once."""

from collections.abc import Iterable
from typing import TypeVar

from domain.problems import NotFound, Problem, Refused, VersionConflict

T = TypeVar("T")

INPUT = "input"
"""Where a command's fields are in a request: every path begins with it."""


def found(value: T | None, what: str, key: str | None, *path: str) -> T:
    """The object that a command is about; refuses if there is none, or none that the caller may see."""
    if value is None:
        raise Refused(NotFound(what=what, key=key, path=(INPUT, *path)))
    return value


def refuse(problems: Iterable[Problem]) -> None:
    """Refuse with all problems, if there are any."""
    if collected := tuple(problems):
        raise Refused(*collected)


def check_version(expected: int, current: int) -> None:
    """Refuse who has not seen the current version. Asked under the object's lock."""
    if expected != current:
        raise Refused(VersionConflict(expected=expected, current=current, path=(INPUT, "expectedVersion")))


class Findings:
    """What is wrong so far; `refuse` before anything is written."""

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self.problems = list(problems)

    def add(self, problems: Iterable[Problem]) -> None:
        """More of them."""
        self.problems.extend(problems)

    def named(self, value: T | None, what: str, key: str, *path: str) -> T | None:
        """Something that a command mentions, noted as not found if there is none."""
        if value is None:
            self.problems.append(NotFound(what=what, key=key, path=(INPUT, *path)))
        return value

    def refuse(self) -> None:
        """Refuse with all of them, if there are any."""
        refuse(self.problems)
