"""The pages about partner accounts, followed word by word, each request on the day of which the text before it speaks."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.people import Role, Scope
from domain.store import people
from domain.store.database import Database
from tests.app.milepost import milepost
from tests.docs.pages import ROOT, Example, examples, ids, timeless
from tests.docs.test_examples import replaced
from tests.graphql.web import Caller, Web, serving
from tests.partner_accounts.kit import Clock
from tests.support.factories import a_person

PAGES = ("partner-accounts", "partner-story")
DAY = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December) \d+, \d{4}"
)
COMMAND = re.compile(r"^milepost ((?:export|verify).*)$", re.MULTILINE)
LOG_INS = {Role.PARTNER_REPRESENTATIVE: "seaview-desk"}
"""People that a page makes itself."""


@dataclass
class Reading:
    """A page that is being followed."""

    page: Path
    web: Web
    clock: Clock
    callers: dict[Role, Caller] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)

    async def answer(self, example: Example) -> Any:
        """What whoever is named is answered on that day."""
        line = int(example.place.rsplit(":", 1)[1])
        day = DAY.findall("\n".join(self.page.read_text().splitlines()[:line]))[-1]
        self.clock.now = datetime.strptime(f"{day} 12", "%B %d, %Y %H").replace(tzinfo=UTC)
        answer = await (await self.caller(example.role)).answer(replaced(example.query, self.known))
        if example.answer is not None:
            self.known |= ids(example.answer, answer)
        return answer

    async def caller(self, role: Role) -> Caller:
        """The one person of a role; a manager may approve what the page asks for."""
        if role not in self.callers:
            if role in LOG_INS:
                async with self.web.database.read() as reader:
                    person = await people.find(reader, Scope(), LOG_INS[role])
                assert person is not None
            else:
                limit = Decimal(10_000 if role is Role.MANAGER else 0)
                person = await a_person(self.web.database, role, transaction_approval_limit=limit)
            self.callers[role] = self.web.caller(person)
        return self.callers[role]


@asynccontextmanager
async def reading(database: Database, name: str) -> AsyncIterator[Reading]:
    """A page, on an installation of its own whose clock the page moves."""
    clock = Clock()
    url = database.engine.url.render_as_string(hide_password=False)
    moved = Database(url, pool_size=3, clock=lambda _: clock.now)
    async with serving(moved) as web:
        yield Reading(ROOT / "docs" / f"{name}.md", web, clock)
    await moved.close()


@pytest.mark.parametrize("name", PAGES)
async def test_every_answer_is_what_the_page_says_and_its_files_are_the_same_again(
    fresh_database: Database, name: str, tmp_path: Path
) -> None:
    async with reading(fresh_database, name) as page:
        found = examples(page.page)
        assert len(found) > 8
        for example in found:
            answer = await page.answer(example)
            if example.answer is None:
                assert "errors" not in answer, example.place
                assert not re.search(r"'message': '", str(answer)), (example.place, answer)
            else:
                assert timeless(answer) == timeless(example.answer), example.place
    await _carried_out(_commands(page.page), fresh_database, tmp_path)


def _commands(page: Path) -> list[str]:
    return COMMAND.findall(page.read_text())


async def _carried_out(commands: list[str], database: Database, folder: Path) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    assert len(commands) > 2
    for command in commands:
        written = []
        for again in ("one", "two"):
            file = folder / f"{again}-{command.rsplit(maxsplit=1)[-1]}"
            arguments = command.split()
            done = await milepost(
                *arguments[:-1], *([str(file)] if "--out" in arguments else arguments[-1:]), DATABASE_URL=url
            )
            assert done.code == 0, (command, done.err)
            written.append(file.read_bytes() if "--out" in arguments else b"")
        assert written[0] == written[1], command
