"""The server that is fuzzed: everything in one, with the sample program, in a folder that is thrown away."""

import re
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx

from domain.people import LOG_INS
from tests.app.milepost import PATIENCE_S, Running, free_port, running
from tests.fuzzing.fuzzer import Fuzzer

IDS = """{
  programs { id }
  members(filter: { program: "CITRUS" }) { edges { node { id } } }
  transactions(filter: { program: "CITRUS" }) { edges { node { id } } }
  partners { edges { node { id } } }
  promotions(filter: { program: "CITRUS" }) { edges { node { id } } }
  products(filter: { program: "CITRUS" }) { edges { node { id } } }
  people { edges { node { id } } }
  jobs { id }
}"""
"""Asked one by one: what is not there under this name is left out."""

DATES = ("2026-01-01", "2025-02-28", "0001-01-01", "9999-12-31")
KNOWN = {
    "program": ("CITRUS",),
    "pointType": ("POINTS",),
    "currency": ("EUR", "USD"),
    "timeZone": ("Europe/Vienna",),
    "number": ("1001", "1002", "1003"),
    "partner": ("SEAVIEW",),
    "product": ("BASKET",),
    "submitTo": ("citrus.manager",),
    "amount": ("12.50", "0.01", "-1", "999999999999.99"),
    "points": ("1", "100", "-5", "0", "99999999999"),
    "quantity": ("1", "2.5"),
    **dict.fromkeys(("from", "to", "asOf", "startsOn", "endsOn", "transactionDate", "validFrom", "birthDate"), DATES),
}


@contextmanager
def ground(folder: Path, seed: int = 0) -> Iterator[tuple[Fuzzer, Running]]:
    """A fuzzer for a server that runs as long as the block."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/graphql"
    with running(folder, "run", "--port", str(port)) as server:
        said = server.until("Ctrl-C stops everything")
        tokens = {role.value: token for role in LOG_INS if (token := _token(said, role.value))}
        try:
            with closing(Fuzzer(url, tokens, {**KNOWN, "id": _ids(url, tokens)}, seed)) as fuzzer:
                yield fuzzer, server
        finally:
            server.stop(signal.SIGTERM)


def _token(said: str, role: str) -> str | None:
    found = re.search(rf"^\s+{role}\s+(\S+)$", said, re.MULTILINE)
    return found and found[1]


def _ids(url: str, tokens: dict[str, str]) -> list[str]:
    """Ids of everything that there is."""
    found: list[str] = []
    for query in re.findall(r"^  (\w+.*)$", IDS, re.MULTILINE):
        for role in ("PROGRAM_ADMINISTRATOR", "MSR"):
            headers = {"authorization": f"Bearer {tokens[role]}"}
            answer = httpx.post(url, json={"query": f"{{ {query} }}"}, headers=headers, timeout=PATIENCE_S)
            found += re.findall(r'"id":"([^"]+)"', answer.text)
    return sorted(set(found))
