"""The page about partner programs, followed word by word: every request is made on its day, and answered as it says."""

import re
from datetime import UTC, date, datetime, time

from domain.people import Role
from domain.services.membership_dates import keep_dates
from domain.store.database import Database
from tests.docs.pages import ROOT, examples
from tests.graphql.web import Caller, Web, serving
from tests.partner_programs.guild import Days
from tests.support.factories import a_partner, a_person

PAGE = ROOT / "docs" / "partner-programs.md"
ON = re.compile(r"^# on (\d{4}-\d\d-\d\d)$", re.MULTILINE)


def test_every_request_on_the_page_has_a_day_and_an_answer() -> None:
    found = examples(PAGE)
    assert len(found) == PAGE.read_text().count("```graphql") == 11
    assert [each for each in found if each.answer is None or not ON.search(each.query)] == []


async def test_every_answer_is_what_the_page_says(fresh_database: Database) -> None:
    days = Days()
    database = Database(fresh_database.engine.url.render_as_string(hide_password=False), pool_size=4, clock=days)
    async with serving(database) as web:
        people = await callers(database, web)
        for example in examples(PAGE):
            await go_on(database, days, example.query)
            assert await people[example.role].answer(example.query) == example.answer, example.place
    await database.close()


async def go_on(database: Database, days: Days, query: str) -> None:
    """The day of a request has come, and so has the daily job."""
    found = ON.search(query)
    assert found is not None
    days.today = date.fromisoformat(found[1])
    assert days(datetime.now(UTC)) == datetime.combine(days.today, time(12), UTC)
    async for _ in keep_dates(database):
        pass


async def callers(database: Database, web: Web) -> dict[Role, Caller]:
    """The administrators of the host, and the representative of Seaview Hotels."""
    seaview = await a_partner(database, code="SEAVIEW", name="Seaview Hotels")
    desk = await a_person(database, Role.PARTNER_REPRESENTATIVE, partner=seaview.code, email="desk@seaview.example")
    roles = (Role.PARTNER_PROGRAM_ADMINISTRATOR, Role.PROGRAM_ADMINISTRATOR)
    hosts = {role: web.caller(await a_person(database, role)) for role in roles}
    return {**hosts, Role.PARTNER_REPRESENTATIVE: web.caller(desk)}
