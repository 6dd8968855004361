"""`milepost run`, `serve` and `work` as processes: they start, answer, stop cleanly, and leave nothing behind when killed."""

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import psutil

from domain.store import migrate
from tests.app.milepost import Running, free_port, get, running, until

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


def test_serve_is_not_ready_without_its_broker_but_answers(tmp_path: Path, fresh_database_url: str) -> None:
    migrate.upgrade(fresh_database_url)
    port = str(free_port())
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    with running(tmp_path, "serve", "--port", port, DATABASE_URL=fresh_database_url, BROKER_URL=nobody) as command:
        command.until("Milepost is ready")
        status, body = get(f"http://127.0.0.1:{port}/ready")
        assert (status, json.loads(body)) == (503, {"database": "ok", "migrations": "ok", "broker": "unavailable"})
        assert get(f"http://127.0.0.1:{port}/health") == (200, '{"status":"ok"}')
        assert command.stop(signal.SIGTERM) == 0


def test_a_worker_alone_stops_in_order(tmp_path: Path, fresh_database_url: str) -> None:
    with running(tmp_path, "migrate", DATABASE_URL=fresh_database_url) as command:
        assert command.until("The database is up to date.")
    with running(tmp_path, "work", DATABASE_URL=fresh_database_url) as command:
        command.until(WORKING, logged=True)
        assert command.stop(signal.SIGINT) == 0
        assert "Traceback" not in command.logged
