"""`milepost run`, `serve` and `work` as processes: they start, answer, stop cleanly, and leave nothing behind when killed."""

import asyncio
import json
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import psutil

from app.identity import make_token
from app.settings import load
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.app.milepost import PATIENCE_S, Running, free_port, get, running, until
from tests.support.transactions import Stage, a_stage, holding, until_waiting

CLARA = {"name": "Clara Sommer", "available": "1072"}
WORKING = '"event": "working"'


def first_query(command: Running) -> Any:
    """The answer to the query that a newcomer is told to paste, pasted into a shell."""
    said = command.until("GraphiQL")
    pasted = said[said.index("  curl") : said.index("The same for GraphiQL")]
    answer = subprocess.run(["bash", "-c", pasted.replace("curl", "curl -s", 1)], capture_output=True, check=True)
    return json.loads(answer.stdout)


def clara(command: Running) -> dict[str, str]:
    member = first_query(command)["data"]["member"]
    return {"name": member["name"], "available": member["balances"][0]["available"]}


def servers_of(folder: Path) -> set[psutil.Process]:
    """The embedded server of a folder, with all its processes."""
    pid = int((folder / "var/postgres/postmaster.pid").read_text().splitlines()[0])
    server = psutil.Process(pid)
    return {server, *server.children(recursive=True)}


def test_run_serves_what_it_says_and_leaves_no_process_behind_and_finds_its_data_again(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "run", "--port", str(port)) as command:
        answers_as_it_says(command, port)
        command.family |= servers_of(tmp_path)
        assert command.stop(signal.SIGTERM) == 0
        assert "Traceback" not in command.logged
    with running(tmp_path, "run", "--port", str(port)) as command:
        starts_a_killed_worker_again(command)
        assert clara(command) == CLARA
        command.family |= servers_of(tmp_path)
        assert command.stop(signal.SIGKILL) == -signal.SIGKILL
    with running(tmp_path, "run", "--port", str(port)) as command:
        assert clara(command) == CLARA
        command.family |= servers_of(tmp_path)
        command.look()
        command.process.send_signal(signal.SIGINT)
        assert command.stop(signal.SIGINT) == 0
        assert "Traceback" not in command.logged


def answers_as_it_says(command: Running, port: int) -> None:
    assert f"Milepost is ready: http://127.0.0.1:{port}/graphql" in command.until("Ctrl-C stops everything")
    member = first_query(command)["data"]["member"]
    assert member["balances"] == [{"pointType": "POINTS", "available": "1072", "earned": "1522", "redeemed": "450"}]
    assert [each["points"] for each in member["expiring"]] == ["62"]
    assert len(member["transactions"]["edges"]) == 3
    assert get(f"http://127.0.0.1:{port}/ready") == (200, '{"database":"ok","migrations":"ok","broker":"ok"}')


def starts_a_killed_worker_again(command: Running) -> None:
    command.until(WORKING, logged=True)
    [first] = psutil.Process(command.process.pid).children()
    first.kill()
    until(lambda: command.logged.count(WORKING) == 2)
    [second] = psutil.Process(command.process.pid).children()
    assert second.pid != first.pid


async def test_what_was_accepted_is_finished_before_the_server_stops(
    tmp_path: Path, fresh_database: Database, fresh_database_url: str
) -> None:
    stage = await a_stage(Desk(fresh_database, EnginePrograms()))
    port = free_port()
    with running(tmp_path, "serve", "--port", str(port), DATABASE_URL=fresh_database_url) as command:
        await asyncio.to_thread(command.until, "Milepost is ready")
        async with holding(fresh_database, members=[stage.member.id]):
            asked = asyncio.create_task(asyncio.to_thread(post, port, stage.msr.subject, earning(stage)))
            await until_waiting(fresh_database)
            command.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(until, lambda: not listens(port))
        assert (await asked)["data"] == {"pointsEarn": {"transaction": {"status": "PROCESSED"}}}
        assert await asyncio.to_thread(command.process.wait, PATIENCE_S) == 0
    assert (await stage.balance()).available == 10


def earning(stage: Stage) -> str:
    said = f'program: "{stage.program.code}", member: {{number: "{stage.member.number}"}}, amount: "10"'
    return f'mutation {{ pointsEarn(input: {{idempotencyKey: "1", {said}}}) {{ transaction {{ status }} }} }}'


def post(port: int, subject: str, query: str) -> Any:
    """The answer of the API to somebody."""
    token = make_token(load(), subject)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"query": query}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def test_serve_is_not_ready_without_its_broker_but_answers(tmp_path: Path, fresh_database_url: str) -> None:
    port = str(free_port())
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    with running(tmp_path, "serve", "--port", port, DATABASE_URL=fresh_database_url, BROKER_URL=nobody) as command:
        command.until("Milepost is ready")
        status, body = get(f"http://127.0.0.1:{port}/ready")
        assert (status, json.loads(body)) == (503, {"database": "ok", "migrations": "ok", "broker": "unavailable"})
        assert get(f"http://127.0.0.1:{port}/health") == (200, '{"status":"ok"}')
        assert command.stop(signal.SIGTERM) == 0


def test_a_worker_alone_stops_in_order(tmp_path: Path, empty_database_url: str) -> None:
    with running(tmp_path, "migrate", DATABASE_URL=empty_database_url) as command:
        assert command.until("The database is up to date.")
    with running(tmp_path, "work", DATABASE_URL=empty_database_url) as command:
        command.until(WORKING, logged=True)
        assert command.stop(signal.SIGINT) == 0
        assert "Traceback" not in command.logged
