"""The embedded database: shared by processes, stopped by the last, started again after any kill."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import LiteralString

import psycopg
import pytest

from app import database_urls, embedded
from app.embedded import process

HOLD = """
import sys, time
from pathlib import Path
from app import embedded
with embedded.server(Path(sys.argv[1])):
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """Not `tmp_path`: pytest closes its folders to other accounts again whenever another run begins."""
    with TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture
def folder(place: Path) -> Iterator[Path]:
    data = place / "data"
    yield data
    if data.exists():
        embedded.discard(data)


@contextmanager
def another_process_using(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"ready\n"
        yield other


def value(url: str, query: LiteralString) -> object:
    with psycopg.connect(database_urls.for_libpq(url)) as connection:
        row = connection.execute(query).fetchone()
    return row and row[0]


def state(folder: Path) -> process.State:
    return process.state(folder / "postgres")


def remember(url: str, number: int) -> None:
    with psycopg.connect(database_urls.for_libpq(url)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS remembered (number int)")
        connection.execute("INSERT INTO remembered VALUES (%s)", (number,))


def test_data_is_durable_and_found_again(folder: Path) -> None:
    with embedded.server(folder) as url:
        assert value(url, "SELECT current_setting('fsync') || current_setting('synchronous_commit')") == "onon"
        assert value(url, "SELECT current_setting('server_version_num')::int / 10000") == 18
        assert value(url, "SELECT current_database()") == "milepost"
        remember(url, 7)
    assert state(folder) is process.State.STOPPED
    with embedded.server(folder) as url:
        assert value(url, "SELECT array_agg(number) FROM remembered") == [7]


def test_the_server_stops_when_the_last_of_its_processes_leaves(folder: Path) -> None:
    with another_process_using(folder) as other:
        with embedded.server(folder) as url:
            assert value(url, "SELECT 1") == 1
        assert state(folder) is process.State.READY
        other.communicate()
    assert state(folder) is process.State.STOPPED


def test_a_killed_process_leaves_a_server_that_the_next_one_takes_over(folder: Path) -> None:
    with another_process_using(folder) as other:
        other.kill()
        other.wait()
    assert state(folder) is process.State.READY
    with embedded.server(folder) as url:
        assert value(url, "SELECT 1") == 1
    assert state(folder) is process.State.STOPPED


def test_a_killed_server_starts_again_with_its_data(folder: Path) -> None:
    with embedded.server(folder) as url:
        remember(url, 7)
        os.kill(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    with embedded.server(folder) as url:
        assert value(url, "SELECT array_agg(number) FROM remembered") == [7]


def claim(folder: Path, pid: int) -> None:
    """Let the files of the stopped server in `folder` say that it runs as `pid`."""
    lines = [str(pid), str(folder / "postgres"), "1", "5432", str(folder / "postgres"), "", "1 1", "ready", ""]
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        (folder / "postgres" / name).write_text("\n".join(lines))


def test_a_stranger_with_the_number_of_the_old_server_is_not_taken_for_it(folder: Path) -> None:
    embedded.start(folder).stop()
    with subprocess.Popen(["cat"], cwd=folder / "postgres", stdin=subprocess.PIPE) as stranger:
        claim(folder, stranger.pid)
        with embedded.server(folder) as url:
            assert value(url, "SELECT 1") == 1
        assert stranger.poll() is None


def test_a_server_of_another_folder_is_not_taken_for_ours(folder: Path, place: Path) -> None:
    embedded.start(folder).stop()
    with embedded.server(place / "other", durable=False) as other:
        claim(folder, int((place / "other" / "postgres" / "postmaster.pid").read_text().split()[0]))
        with embedded.server(folder) as url:
            assert value(url, "SELECT current_setting('data_directory')") == str(folder / "postgres")
        assert value(other, "SELECT 1") == 1


def test_interrupting_the_terminal_does_not_reach_the_server(folder: Path) -> None:
    with another_process_using(folder) as other, embedded.server(folder) as url:
        os.killpg(other.pid, signal.SIGINT)
        other.wait()
        time.sleep(0.1)
        assert value(url, "SELECT 1") == 1


@pytest.mark.parametrize("name", ["deep/" * 20, "a, 'b'"])
def test_where_a_path_is_too_long_or_peculiar_the_socket_has_a_private_folder(name: str) -> None:
    with TemporaryDirectory() as short, embedded.server(Path(short) / name, durable=False) as url:
        socket_folder = Path(str(value(url, "SELECT current_setting('unix_socket_directories')")))
        assert socket_folder.name.startswith("milepost-")
        assert stat.S_IMODE(socket_folder.stat().st_mode) == stat.S_IRWXU
    assert not socket_folder.exists()


def test_a_relative_folder_is_the_same_as_its_absolute_path(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    with embedded.server(Path("data"), durable=False) as url, embedded.server(place / "data", durable=False) as same:
        assert url == same


def test_a_throw_away_server_leaves_nothing_behind(folder: Path) -> None:
    with embedded.server(folder, durable=False) as url:
        assert value(url, "SELECT current_setting('fsync')") == "off"
    assert not folder.exists()


def test_variables_of_another_postgresql_lead_nowhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = {"PGPORT": "7777", "PGDATA": "/nowhere", "PGUSER": "nobody", "PGSERVICE": "none", "LC_ALL": "xx_XX"}
    with monkeypatch.context() as environment:
        for name, setting in elsewhere.items():
            environment.setenv(name, setting)
        running = embedded.start(folder, durable=False)
    assert value(running.url, "SELECT current_user || current_setting('port')") == "postgres5432"
    running.stop()


def test_data_of_another_version_is_left_alone(folder: Path) -> None:
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(embedded.EmbeddedDatabaseError, match=r"was made by PostgreSQL 16, this is 18"):
        embedded.start(folder)
    assert (folder / "postgres" / "PG_VERSION").read_text() == "16\n"


def test_a_folder_that_cannot_be_used_is_named(place: Path) -> None:
    (place / "file").write_text("")
    with pytest.raises(embedded.EmbeddedDatabaseError, match=f"the data folder {place}/file/data cannot be used"):
        embedded.start(place / "file" / "data")
