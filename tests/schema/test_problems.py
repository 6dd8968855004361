"""User errors: made from the problems of the domain, without a word written for each."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from app.build import import_nouns
from domain.problems import Problem
from schema.problems import _make, problem_types
from tests.app.stamps import stamp_schema


def test_every_problem_of_the_domain_has_a_type_of_its_name() -> None:
    import_nouns()
    names = [one.__name__ for one in problem_types()]
    assert {"NotFound", "Invalid", "VersionConflict", "TooManyDecimals", "PointsOutOfRange"} <= set(names)
    assert names == sorted(names)


def test_a_type_has_the_fields_of_its_problem_and_its_docstring() -> None:
    sdl = stamp_schema().as_str()
    start = sdl.index('"""The book has no room."""\ntype BookFull implements UserError {')
    lines = [line.strip() for line in sdl[start : sdl.index("}", start)].splitlines() if ":" in line]
    assert [line for line in lines if '"""' not in line] == [
        "code: String!",
        "message: String!",
        "path: [String!]!",
        "room: Points!",
        "price: Decimal!",
        "roles: [Role!]!",
        "hint: String",
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd(Problem):
    """A problem with data that GraphQL cannot show."""

    code = "ODD"
    ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed(Problem):
    """A problem with a tuple of two types."""

    code = "MIXED"
    pair: tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Undescribed(Problem):
    code = "UNDESCRIBED"
    points: Decimal


Undescribed.__doc__ = None


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (Odd, "tests.schema.test_problems.Odd.ratio: <class 'float'> cannot be shown in a user error"),
        (Mixed, "only tuples of one type can be shown in a user error"),
        (Undescribed, "Undescribed is shown to clients: it needs a docstring, which becomes its description"),
    ],
)
def test_a_problem_that_cannot_be_shown_stops_the_build(problem: type[Problem], message: str) -> None:
    with pytest.raises(TypeError) as error:
        _make(problem)
    assert str(error.value) == message


def test_two_problems_of_one_name_stop_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    def descendants(_problem: Any) -> list[type[Problem]]:
        return [Odd, type("Odd", (Problem,), {"__module__": "tests.elsewhere"})]

    monkeypatch.setattr("schema.problems._descendants", descendants)
    with pytest.raises(TypeError, match=r"^tests.elsewhere and tests.schema.test_problems both have a problem Odd$"):
        problem_types(("tests.",))
