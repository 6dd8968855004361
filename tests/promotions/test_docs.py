"""The page about promotions, followed word by word: every request on it is made, and answered as it says."""

import json
import re
from pathlib import Path

from domain.people import Role
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.support.factories import a_person, acting
from tests.support.graphql import Client

PAGE = Path(__file__).parents[2] / "docs" / "promotions.md"
EXAMPLE = re.compile(r"```graphql\n(.*?)```\n\n```json\n(.*?)```", re.DOTALL)


def examples() -> list[tuple[str, str]]:
    """Every request on the page with its answer."""
    return EXAMPLE.findall(PAGE.read_text())


def test_every_request_on_the_page_has_an_answer() -> None:
    assert len(examples()) == PAGE.read_text().count("```graphql") == 14


async def test_every_answer_is_what_the_page_says(fresh_database: Database) -> None:
    person = await a_person(fresh_database, Role.PROGRAM_ADMINISTRATOR, Role.MSR)
    desk = Desk(fresh_database, EnginePrograms())
    client = Client(fresh_database, acting(person), desk)

    for request, answer in examples():
        assert await client.ask(request) == json.loads(answer)
    await desk.close()
