"""The example clients do what they show, against a server with the sample program; the one in TypeScript where Node is."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.main import Skipped, install, tools
from tests.app.milepost import free_port, running

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
SECONDS = 600
SAID = [
    "Clara Sommer: 1072 POINTS", "preview: PROCESSED", "done: PROCESSED, replayed: false", "again: true, replayed: true",
    "refused: 1022 of 1000000 points", "redemptions: 3", "watched: PROCESSED",
]  # fmt: skip


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server, and an environment with a token."""
    port = free_port()
    with running(folder, "run", "--port", str(port)) as server:
        said = server.until("Ctrl-C stops everything")
        [token] = [line.split()[1] for line in said.splitlines() if line.startswith("  MSR ")]
        try:
            yield f"http://127.0.0.1:{port}/graphql", {**os.environ, "MILEPOST_TOKEN": token}
        finally:
            server.stop(signal.SIGTERM)


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_client_in_python(tmp_path: Path) -> None:
    with served(tmp_path) as (url, environment):
        said = run(sys.executable, "checkout.py", url, "1001", cwd=EXAMPLES / "python", env=environment)
    assert said.lower().splitlines() == [line.lower() for line in SAID]


def test_the_client_in_typescript_is_typed_and_works(tmp_path: Path) -> None:
    folder = EXAMPLES / "typescript"
    try:
        node, npm = tools()
        install(npm, folder)
    except Skipped as reason:
        pytest.skip(str(reason))
    run(npm, "run", "generate", cwd=folder)
    run(npm, "run", "build", cwd=folder)
    with served(tmp_path) as (url, environment):
        said = run(node, "dist/checkout.js", url, "1001", cwd=folder, env=environment)
    assert said.splitlines() == SAID
