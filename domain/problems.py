"""Why a command was refused: plain frozen values, and the one exception that carries them.

A problem knows what was wrong, where (`path`, in the words of the API) and what would be right; prose is made from its data.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One reason; `path` names the part of the input that is at fault."""

    code: ClassVar[str]
    path: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """One sentence for a person: what was wrong and what would be right."""
        raise NotImplementedError

    def at(self, *path: str) -> Self:
        """The same problem at another place of the input."""
        return replace(self, path=path)


class Refused(Exception):
    """Raised by a use case that changed nothing; says why in values."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{problem.code}: {problem.message}" for problem in problems))
        self.problems = problems


def place(path: tuple[str, ...]) -> str:
    """What a message calls the part of the input at a path: its field; of a list, with the index that the path names."""
    match path:
        case (*_, name, index) if index.isdecimal():
            return f"{name}[{index}]"
        case (*_, name):
            return name
    return "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound(Problem):
    """No such object, or none that the caller may see: the two look the same on purpose."""

    code = "NOT_FOUND"
    what: str
    key: str | None = None

    @property
    def message(self) -> str:
        named = f" {self.key!r}" if self.key is not None else ""
        return f"There is no {self.what}{named}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalid(Problem):
    """A value that cannot be right whatever the data; `expected` says what could."""

    code = "INVALID_INPUT"
    value: str
    expected: str

    @property
    def message(self) -> str:
        return f"{place(self.path)} is {self.value!r}; expected {self.expected}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing(Problem):
    """A value that this command needs and did not get."""

    code = "MISSING_INPUT"
    why: str

    @property
    def message(self) -> str:
        return f"{place(self.path)} is missing: {self.why}."


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyExists(Problem):
    """A code, number or identifier that is taken."""

    code = "ALREADY_EXISTS"
    what: str
    key: str

    @property
    def message(self) -> str:
        return f"There is already a {self.what} {self.key!r}."


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionConflict(Problem):
    """Somebody else changed the object since the caller read it."""

    code = "VERSION_CONFLICT"
    expected: int
    current: int

    @property
    def message(self) -> str:
        return f"You changed version {self.expected}, but version {self.current} is current: read it again, then repeat your change."


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyKeyReused(Problem):
    """The key was used before, with another input."""

    code = "IDEMPOTENCY_KEY_REUSED"

    @property
    def message(self) -> str:
        return "This idempotency key was used with another input: use a new key for a new request."


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAllowed(Problem):
    """The caller's role or limits do not cover this."""

    code = "NOT_ALLOWED"
    why: str

    @property
    def message(self) -> str:
        return f"This is not allowed: {self.why}."


@dataclass(frozen=True, slots=True, kw_only=True)
class TooMany(Problem):
    """More items than one request may carry."""

    code = "TOO_MANY"
    what: str
    limit: int
    found: int

    @property
    def message(self) -> str:
        return f"{self.found} {self.what} were given; at most {self.limit} are allowed at once."
