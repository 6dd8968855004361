"""The queries on the pages about loans and approvals are valid, and answered without an error at the top."""

import pytest

from app import seed
from app.runtime import Runtime
from domain.services.engine_programs import EnginePrograms
from domain.store.database import Database
from tests.docs.pages import ROOT, examples
from tests.docs.test_examples import ask
from tests.graphql.web import SETTINGS, serving


@pytest.mark.parametrize("page", ["loans", "approvals"])
async def test_every_request_on_the_page_is_answered(fresh_database: Database, page: str) -> None:
    found = examples(ROOT / "docs" / f"{page}.md")
    assert found != []
    async with serving(fresh_database) as web:
        await seed.seed(Runtime(SETTINGS, fresh_database, EnginePrograms(), web.desk))
        for example in found:
            assert "errors" not in await ask(web, example.role, example.query), example.place
