"""The page about transfers, families and merges, followed word by word: every request is made, and answered as it says."""

from domain.people import Role
from domain.store.database import Database
from tests.docs.pages import ROOT, examples
from tests.graphql.web import serving
from tests.support.factories import a_person

PAGE = ROOT / "docs" / "together.md"


def test_every_request_on_the_page_has_an_answer() -> None:
    found = examples(PAGE)
    assert len(found) == PAGE.read_text().count("```graphql") == 7
    assert [each for each in found if each.answer is None] == []


async def test_every_answer_is_what_the_page_says(fresh_database: Database) -> None:
    async with serving(fresh_database) as web:
        people = {
            role: web.caller(await a_person(fresh_database, role)) for role in (Role.PROGRAM_ADMINISTRATOR, Role.MSR)
        }
        for example in examples(PAGE):
            assert await people[example.role].answer(example.query) == example.answer, example.place
