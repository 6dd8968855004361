"""Milepost serving with the example package installed: a process of its own, asked over HTTP like any installation."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from subprocess import Popen
from typing import Any

from app.identity import make_token
from app.settings import load
from domain.people import Role
from tests.app.milepost import Running, free_port
from tests.examples.environments import Environment


@dataclass(frozen=True)
class Airline:
    """Where it listens, and who may ask."""

    port: int
    subjects: dict[Role, str]

    def ask(self, role: Role, query: str) -> Any:
        """The whole answer to somebody with a role."""
        token = make_token(load(), self.subjects[role])
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        body = json.dumps({"query": query}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/graphql", body, headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


@contextmanager
def serving(environment: Environment, database_url: str, subjects: dict[Role, str], folder: Path) -> Iterator[Airline]:
    """The API from that environment, on a migrated database, for as long as the block."""
    port = free_port()
    variables = {**environment.variables, "DATABASE_URL": database_url}
    command = [str(environment.python), "-m", "app", "serve", "--port", str(port)]
    with (folder / "out").open("w+b") as out, (folder / "err").open("w+b") as err:
        running = Running(Popen(command, env=variables, cwd=folder, stdout=out, stderr=err), out, err)
        try:
            running.until("Milepost is ready")
            yield Airline(port, subjects)
        finally:
            if running.process.poll() is None:
                running.stop(SIGTERM)
