"""`milepost verify --replay`, as an operator uses it."""

import json
from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import text

from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.app.milepost import milepost
from tests.seals.kit import by_force
from tests.support.factories import result_of
from tests.support.promotions import a_promotion
from tests.support.transactions import Stage, a_stage


@pytest_asyncio.fixture
async def stage(fresh_database: Database) -> AsyncIterator[Stage]:
    desk = Desk(fresh_database, EnginePrograms())
    made = await a_stage(desk)
    await a_promotion(fresh_database, made.program)
    yield made
    await desk.close()


async def test_decisions_are_run_again_and_those_that_differ_are_named(stage: Stage, fresh_database_url: str) -> None:
    made = result_of(await stage.earn(10))
    await stage.earn(4)
    await stage.cancel(result_of(await stage.earn(3)))
    good = await milepost("verify", "--replay", DATABASE_URL=fresh_database_url)
    assert (good.code, good.err) == (0, "")
    assert good.out.splitlines()[-2:] == [
        "ok                3 rows  Every decision, made again under the program version that it names, gives the same.",
        "                  1 rows  not comparable: CANCELLATION",
    ]
    assert "made again" not in (await milepost("verify", DATABASE_URL=fresh_database_url)).out
    async with by_force(stage.database, "transaction") as writer:
        await writer.execute(text("update transaction set amount = 12 where id = :id"), {"id": made.id})
    place = f"decision of transaction {made.id} of member {stage.member.id}"
    bad = await milepost("verify", "--replay", DATABASE_URL=fresh_database_url)
    assert bad.code == 1
    assert f"{place}, base points: expected 12.00 POINTS, found 10.00 POINTS" in bad.err
    assert "BROKEN            3 rows  Every decision" in bad.out
    told = await milepost("verify", "--replay", "--json", DATABASE_URL=fresh_database_url)
    found = json.loads(told.out.splitlines()[-1])
    assert (found["invariant"], found["rows"], found["differ"]) == ("replay", 3, 1)
    assert found["notComparable"] == {"CANCELLATION": 1}
    assert found["violations"] == [
        {"place": f"{place}, base points", "expected": "12.00 POINTS", "found": "10.00 POINTS"},
        {"place": f"{place}, totals", "expected": "POINTS 37 12", "found": "POINTS 35 10"},
    ]
    later = await milepost("verify", "--replay", "--since", "2999-01-01", "--json", DATABASE_URL=fresh_database_url)
    assert json.loads(later.out.splitlines()[-1])["rows"] == 0
