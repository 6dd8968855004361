"""The page about holds, followed word by word: every request is made, and answered as it says."""

from domain.people import Role
from domain.store.database import Database
from tests.docs.pages import ROOT, examples
from tests.graphql.web import serving
from tests.support.factories import a_person

PAGE = ROOT / "docs" / "holds.md"


async def test_every_answer_is_what_the_page_says(fresh_database: Database) -> None:
    found = examples(PAGE)
    assert len(found) == PAGE.read_text().count("```graphql") == 2
    async with serving(fresh_database) as web:
        roles = (Role.PROGRAM_ADMINISTRATOR, Role.MSR)
        people = {role: web.caller(await a_person(fresh_database, role)) for role in roles}
        for example in found:
            assert await people[example.role].answer(example.query) == example.answer, example.place
