"""The page about tiers, followed word by word on the day of its answers: every request is made, and answered as it says."""

from datetime import UTC, datetime

from domain.people import Role
from domain.store.database import Database
from tests.docs.pages import ROOT, examples
from tests.graphql.web import Caller, Web, serving
from tests.support.factories import a_person
from tests.support.members import at

PAGE = ROOT / "docs" / "tiers.md"
DAY = datetime(2025, 6, 15, 12, tzinfo=UTC)


def test_every_request_on_the_page_has_an_answer() -> None:
    found = examples(PAGE)
    assert len(found) == PAGE.read_text().count("```graphql") == 6
    assert [each for each in found if each.answer is None] == []


async def test_every_answer_is_what_the_page_says(fresh_database: Database) -> None:
    on_that_day = at(fresh_database, DAY)
    async with serving(on_that_day) as web:
        people = await callers(on_that_day, web)
        for example in examples(PAGE):
            assert await people[example.role].answer(example.query) == example.answer, example.place
    await on_that_day.close()


async def callers(database: Database, web: Web) -> dict[Role, Caller]:
    """An administrator, an MSR, and a manager who is a tier approver."""
    return {
        role: web.caller(await a_person(database, role, tier_approver=role is Role.MANAGER))
        for role in (Role.PROGRAM_ADMINISTRATOR, Role.MSR, Role.MANAGER)
    }
