"""The page about statements, followed word by word on the day of which it speaks."""

from datetime import UTC, datetime

from domain.people import Role
from domain.store.database import Database
from tests.docs.pages import ROOT, examples
from tests.graphql.web import serving
from tests.support.factories import a_person
from tests.support.members import at

PAGE = ROOT / "docs" / "statements.md"


async def test_every_answer_is_what_the_page_says(fresh_database: Database) -> None:
    found = examples(PAGE)
    assert len(found) == PAGE.read_text().count("```graphql") == 3
    that_day = at(fresh_database, datetime(2026, 11, 22, 12, tzinfo=UTC))
    async with serving(that_day) as web:
        roles = (Role.PROGRAM_ADMINISTRATOR, Role.MSR)
        people = {role: web.caller(await a_person(that_day, role)) for role in roles}
        for example in found:
            assert await people[example.role].answer(example.query) == example.answer, example.place
    await that_day.close()
