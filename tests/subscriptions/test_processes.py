"""What one process commits, another tells: a server as a process of its own, and changes made by this one."""

import json
import signal
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx

from app.identity import make_token
from app.settings import load
from domain.moves import Move
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.changes import Bell
from domain.store.database import Database
from schema.ids import seal
from tests.app.milepost import PATIENCE_S, free_port, running
from tests.support.transactions import a_stage

CHANGED = "subscription($id: ID) { transactionChanged(id: $id) { status } }"


async def events(response: httpx.Response) -> AsyncGenerator[Any, None]:
    """What a stream tells: data of `next`, and None at the end."""
    kind = ""
    async for line in response.aiter_lines():
        if line.startswith("event:"):
            kind = line.removeprefix("event:").strip()
        elif line.startswith("data:") and kind == "next":
            yield json.loads(line.removeprefix("data:"))["data"]
        elif not line and kind == "complete":
            yield None
            return


async def test_a_change_made_by_another_process_is_told_and_a_server_that_stops_ends_its_streams(
    tmp_path: Path, fresh_database: Database, fresh_database_url: str
) -> None:
    fresh_database.committed = bell = Bell(fresh_database)
    stage = await a_stage(Desk(fresh_database, EnginePrograms()))
    made = await stage.record(stage.credit(5))
    token = make_token(load(database_url=fresh_database_url), stage.manager.subject)
    headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
    body = {"query": CHANGED, "variables": {"id": seal("Transaction", made.id)}}
    port = free_port()
    with running(tmp_path, "serve", "--port", str(port), DATABASE_URL=fresh_database_url) as server:
        server.until("Milepost is ready")
        url = f"http://127.0.0.1:{port}/graphql"
        async with (
            httpx.AsyncClient(timeout=PATIENCE_S) as http,
            http.stream("POST", url, json=body, headers=headers) as answer,
        ):
            told = events(answer)
            assert await anext(told) == {"transactionChanged": {"status": "IN_PROGRESS"}}
            await stage.moved(Move.SUBMIT, made)
            assert await anext(told) == {"transactionChanged": {"status": "SUBMITTED"}}
            server.process.send_signal(signal.SIGTERM)
            assert await anext(told) is None
            await told.aclose()
        assert server.stop(signal.SIGTERM) == 0
        assert "Traceback" not in server.logged
    await bell.close()
