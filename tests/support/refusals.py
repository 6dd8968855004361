"""Refusals as tests look at them: the problems themselves, or just what and where."""

from collections.abc import Awaitable, Iterable

import pytest

from domain.problems import Problem, Refused


async def problems_of(command: Awaitable[object]) -> list[Problem]:
    """Why a command is refused, which it must be."""
    with pytest.raises(Refused) as refused:
        await command
    return list(refused.value.problems)


def places(problems: Iterable[Problem]) -> list[tuple[str, str]]:
    """The code of each problem, and where it is in the input."""
    return [(problem.code, ".".join(problem.path)) for problem in problems]
