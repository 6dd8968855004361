"""A few documents for every operation, always the same: no error of the server, nothing of the inside, an answer to each."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fuzzing.fuzzer import Fuzzer
from tests.fuzzing.ground import ground

EXAMPLES = 2
BODIES = 100


def test_whatever_is_sent_is_answered_and_shows_nothing_of_the_inside(tmp_path: Path) -> None:
    with ground(tmp_path) as (fuzzer, server):
        operations = fuzzer.operations()
        for operation in operations:
            fuzzer.fuzz(operation, EXAMPLES)
        fuzzer.fuzz_examples(1)
        fuzzer.fuzz_bodies(BODIES)
        assert fuzzer.findings == []
        assert fuzzer.outcomes.total() > len(operations)
        assert fuzzer.outcomes["answered"] > 0
        assert '"incident"' not in server.logged


def said(**error: Any) -> dict[str, Any]:
    return {"errors": [error]}


@pytest.mark.parametrize(
    ("status", "answer", "found"),
    [
        (500, said(message="Internal error."), ["HTTP 500"]),
        (200, said(message="Internal error.", extensions={"code": "INTERNAL"}), ["INTERNAL"]),
        (200, said(message='duplicate key value violates unique constraint "uq_person_subject"'), ["leak"]),
        (200, {"data": {"pay": {"errors": [{"message": "'NoneType' object is not iterable"}]}}}, ["leak"]),
        (400, said(message="violates is no number.", extensions={"code": "BAD_REQUEST"}), []),
        (200, {"data": {"viewer": None}}, []),
    ],
)
def test_what_may_not_be_is_recognised(status: int, answer: Any, found: list[str]) -> None:
    fuzzer = Fuzzer("http://127.0.0.1:9", {"MSR": "token"}, {})
    body = b'{"query": "{ a(b: \\"violates\\") }"}'
    fuzzer.judge("Query.a", "MSR", body, httpx.Response(status, json=answer))
    fuzzer.close()
    assert [finding.what for finding in fuzzer.findings] == found
