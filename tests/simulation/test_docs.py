"""The page about simulation, followed word by word on the day of its answers: every request, and every command."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from domain.people import Role
from domain.store.database import Database
from tests.app.milepost import milepost
from tests.docs.pages import FENCE, ROOT, examples
from tests.graphql.web import serving
from tests.support.factories import a_person
from tests.support.members import at

PAGE = ROOT / "docs" / "simulation.md"
DAY = datetime(2025, 6, 15, 12, tzinfo=UTC)
SPEED = re.compile(r" in [\d.,]+ s, [\d,]+ a second")


@dataclass(frozen=True)
class Command:
    """A command of the page, and what it prints."""

    arguments: list[str]
    output: str


def commands() -> list[Command]:
    """The commands, each with the block that follows it."""
    blocks = list(FENCE.finditer(PAGE.read_text()))
    return [Command(block[2].split()[1:], following[2]) for block, following in pairwise(blocks) if block[1] == "sh"]


def plain(output: str) -> list[str]:
    """The lines, without speed and without spaces at their ends."""
    return [SPEED.sub("", line).rstrip() for line in output.splitlines()]


def test_every_request_and_command_on_the_page_has_an_answer() -> None:
    found = examples(PAGE)
    assert len(found) == PAGE.read_text().count("```graphql") == 5
    assert [each for each in found if each.answer is None] == []
    assert len(commands()) == 2


async def test_every_answer_is_what_the_page_says(
    fresh_database: Database, fresh_database_url: str, tmp_path: Path
) -> None:
    on_that_day = at(fresh_database, DAY)
    async with serving(on_that_day) as web:
        roles = (Role.PROGRAM_ADMINISTRATOR, Role.MSR)
        people = {role: web.caller(await a_person(on_that_day, role)) for role in roles}
        for example in examples(PAGE):
            assert await people[example.role].answer(example.query) == example.answer, example.place
    await on_that_day.close()
    [file] = [block[2] for block in FENCE.finditer(PAGE.read_text()) if block[1] == "csv"]
    (tmp_path / "baskets.csv").write_text(file)
    for command in commands():
        arguments = [str(tmp_path / each) if each.endswith(".csv") else each for each in command.arguments]
        answered = await milepost(*arguments, MILEPOST_DATABASE_URL=fresh_database_url)
        assert plain(answered.out) == plain(command.output), answered.err
