"""`milepost verify` and `milepost seal`, as an operator uses them."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from prometheus_client import REGISTRY
from sqlalchemy import text

from domain.services.engine_programs import EnginePrograms
from domain.services.job_list import BY_CODE, LedgerBroken, Task
from domain.services.posting import Desk
from domain.store.database import Database
from tests.app.milepost import milepost
from tests.seals.kit import busy, by_force, sealed
from tests.support.stock import Hotel, a_hotel


@pytest_asyncio.fixture
async def hotel(fresh_database: Database) -> AsyncIterator[Hotel]:
    desk = Desk(fresh_database, EnginePrograms())
    made = await a_hotel(desk)
    await busy(made)
    await sealed(made.database)
    yield made
    await desk.close()


async def test_verify_names_what_is_broken_and_ends_with_one(hotel: Hotel, fresh_database_url: str) -> None:
    good = await milepost("verify", DATABASE_URL=fresh_database_url)
    assert (good.code, good.err) == (0, "")
    assert all(line.startswith("ok ") for line in good.out.splitlines())
    async with by_force(hotel.database, "lot") as writer:
        await writer.execute(text("update lot set points = points + 1, remaining = remaining + 1 where position = 0"))
    bad = await milepost("verify", "--json", DATABASE_URL=fresh_database_url)
    assert bad.code == 1
    found = {each["invariant"]: each for each in map(json.loads, bad.out.splitlines())}
    assert found["seals"]["violations"][0]["found"] == "changed since, or added"
    assert found["sums"]["violations"][0]["place"] == f"balance of member {hotel.member.id}, point type 1"
    assert found["lots"]["violations"] == []
    recent = await milepost("verify", "--since", "2020-01-01", DATABASE_URL=fresh_database_url)
    assert recent.code == 1
    assert "BROKEN" in recent.out
    assert f"balance of member {hotel.member.id}, point type 1: expected earned" in recent.err
    later = await milepost("verify", "--since", "2999-01-01", "--json", DATABASE_URL=fresh_database_url)
    rows = {each["invariant"]: each["rows"] for each in map(json.loads, later.out.splitlines())}
    assert (rows["lots"], rows["sums"], rows["seals"]) == (0, 0, 0)
    assert rows["issued"] == 1


async def test_a_checkpoint_is_signed_and_found_again_until_history_is_rewritten(
    hotel: Hotel, fresh_database_url: str, tmp_path: Path
) -> None:
    key = (await milepost("seal", "key")).out.strip()
    made = await milepost("seal", "checkpoint", DATABASE_URL=fresh_database_url, MILEPOST_SEAL_KEY=key)
    file = tmp_path / "checkpoint.json"
    file.write_text(made.out)
    content = json.loads(made.out)
    again = await milepost("seal", "check", str(file), "--key", content["publicKey"], DATABASE_URL=fresh_database_url)
    assert again.code == 0
    assert again.out.startswith("ok      seal 1, through ")
    assert content["publicKey"] in again.out
    other = await milepost("seal", "check", str(file), "--key", "AAAA", DATABASE_URL=fresh_database_url)
    assert (other.code, "is signed with" in other.err) == (2, True)
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps({**content, "seal": 2}))
    refused = await milepost("seal", "check", str(forged), DATABASE_URL=fresh_database_url)
    assert (refused.code, "its signature is of something else" in refused.err) == (2, True)
    nothing = tmp_path / "nothing.json"
    nothing.write_text("{}")
    assert "is not a checkpoint" in (await milepost("seal", "check", str(nothing), DATABASE_URL=fresh_database_url)).err
    async with by_force(hotel.database, "seal", "seal_part") as writer:
        await writer.execute(text("delete from seal_part"))
        await writer.execute(text("delete from seal"))
    await sealed(hotel.database)
    gone = await milepost("seal", "check", str(file), DATABASE_URL=fresh_database_url)
    assert (gone.code, gone.out.startswith("BROKEN")) == (1, True)


async def test_a_key_that_is_none_is_refused_at_the_start() -> None:
    answer = await milepost("seal", "checkpoint", MILEPOST_SEAL_KEY="short")
    assert answer.code == 2
    assert "MILEPOST_SEAL_KEY" in answer.err


async def nightly(database: Database) -> str:
    """What the job says last."""
    task, said = Task(database, EnginePrograms(), None), ""
    async for said in BY_CODE["VERIFY"].run(task):
        assert said
    return said


async def test_the_nightly_job_fails_while_an_invariant_is_broken_and_counts_the_rows(hotel: Hotel) -> None:
    assert (await nightly(hotel.database)).endswith(" rows verified")
    before = REGISTRY.get_sample_value("milepost_ledger_violations_total")
    async with by_force(hotel.database, "balance") as writer:
        await writer.execute(text("update balance set earned = earned + 1"))
    with pytest.raises(LedgerBroken, match="1 invariants are broken: `milepost verify` names the rows"):
        await nightly(hotel.database)
    assert before is not None
    assert REGISTRY.get_sample_value("milepost_ledger_violations_total") == before + 1
