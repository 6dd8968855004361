"""Every query of the documentation is asked, in the order of its page, on an installation as `make run` leaves it."""

from pathlib import Path
from typing import Any

import pytest

from app import seed, tokens, welcome
from app.runtime import Runtime
from domain.people import Person, Role, Scope
from domain.services.engine_programs import EnginePrograms
from domain.store import people
from domain.store.database import Database
from tests.docs.pages import ROOT, examples, ids, timeless
from tests.graphql.web import SETTINGS, Web, serving

README = ROOT / "README.md"
PAGES = (
    README,
    *(
        ROOT / "docs" / f"{name}.md"
        for name in (
            "quick-start",
            "api",
            "refunds",
            "batch",
            "loans",
            "jobs",
            "blocks",
            "who-pays",
            "portal",
            "campaigns",
            "identity",
        )
    ),
)
"""The page on promotions has a program and a test of its own."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
async def test_what_a_page_shows_is_what_a_newcomer_gets(fresh_database: Database, page: Path) -> None:
    async with serving(fresh_database) as web:
        await seed.seed(Runtime(SETTINGS, fresh_database, EnginePrograms(), web.desk))
        known: dict[str, str] = {}
        for example in examples(page):
            answer = await ask(web, example.role, replaced(example.query, known))
            if example.answer is None:
                assert "errors" not in answer, (example.place, answer)
                continue
            assert timeless(answer) == timeless(example.answer), example.place
            known |= ids(example.answer, answer)


async def ask(web: Web, role: Role, query: str) -> Any:
    """The answer to whoever `milepost token --role ROLE` makes a token for."""
    return await web.caller(await person(web.database, role)).answer(query)


async def person(database: Database, role: Role) -> Person:
    async with database.read() as reader:
        found = await people.find(reader, Scope(), await tokens.subject_of(database, role))
    assert found is not None
    return found


def replaced(query: str, known: dict[str, str]) -> str:
    for shown, real in known.items():
        query = query.replace(f'"{shown}"', f'"{real}"')
    return query


def test_the_first_query_of_the_readme_is_the_one_that_make_run_prints() -> None:
    assert welcome.QUERY in README.read_text()
