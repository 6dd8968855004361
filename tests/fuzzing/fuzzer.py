"""The fuzzer: schemathesis makes documents for every root field, valid ones and ones that are not; a server answers them.

Some of their strings and ids are exchanged for such as the server knows, so that they get past the first check. An answer may refuse,
but it may not be an error of the server, may not show what is inside, and must come.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import schemathesis
from graphql import NameNode, ObjectFieldNode, ObjectValueNode, ValueNode, get_introspection_query, graphql_sync
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.graphql import nodes

from app.build import schema as product
from resolvers.rights import RIGHTS
from tests.fuzzing.twists import documented, twisted

HANGS_SECONDS = 120


def _object(fields: Mapping[str, ValueNode]) -> ObjectValueNode:
    parts = (ObjectFieldNode(name=NameNode(value=name), value=value) for name, value in fields.items())
    return ObjectValueNode(fields=tuple(parts))


SHARE = 0.8
"""Of the strings for whose place something is known, how many are exchanged; and how often the caller may call at all."""
STRAY = 0.05
"""How many others are exchanged for anything."""

LEAKS = re.compile(
    r"Traceback|asyncpg|psycopg|sqlalchemy|site-packages|\.py\b|\bselect\b.+\bfrom\b|\binsert into\b|violates|relation \""
    r"|object at 0x|NoneType|KeyError|<class|dataclass|postgres|uq_\w+|ck_\w+|fk_\w+",
    re.IGNORECASE | re.DOTALL,
)
"""Words of the inside. What a client wrote itself may come back in a message, so it is taken out before."""

STRING = re.compile(r'(?:(\w+): )?"(?:[^"\\\n]|\\.)*"')
MEMBER = re.compile(r"\b(member|reference|to|referrer): \{[^{}]*\}")
OF_TEXT = st.text(max_size=40)
EXACT = st.decimals(min_value=-(10**15), max_value=10**15, places=2) | st.decimals(
    allow_nan=False, allow_infinity=False
)
OBJECT = st.dictionaries(st.from_regex(r"[a-zA-Z_]\w{0,9}", fullmatch=True), OF_TEXT.map(nodes.String), max_size=3).map(
    _object
)
SCALARS = {
    "Points": st.one_of(EXACT.map(lambda each: nodes.String(str(each))), st.integers().map(nodes.Int)),
    "Decimal": st.one_of(EXACT.map(lambda each: nodes.String(str(each))), st.integers().map(nodes.Int)),
    "Date": st.one_of(st.dates().map(lambda each: nodes.String(each.isoformat())), OF_TEXT.map(nodes.String)),
    "DateTime": st.one_of(
        st.datetimes().map(lambda each: nodes.String(f"{each.isoformat()}Z")), OF_TEXT.map(nodes.String)
    ),
    "_Any": OF_TEXT.map(nodes.String),
    **dict.fromkeys(
        ("Attributes", "JSON", "Value"), st.one_of(OBJECT, OF_TEXT.map(nodes.String), st.integers().map(nodes.Int))
    ),
}


@dataclass(frozen=True)
class Finding:
    """An answer that may not be."""

    what: str
    operation: str
    role: str
    body: str
    answer: str


@dataclass
class Fuzzer:
    """Sends what is generated, and keeps what came of it. `tokens` by role; `known`: by the name of an argument, what the server knows for it."""

    url: str
    tokens: dict[str, str]
    known: Mapping[str, Sequence[str]]
    seed: int = 0
    findings: list[Finding] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for name, strategy in SCALARS.items():
            schemathesis.graphql.scalar(name, strategy)
        self._random = random.Random(self.seed)
        self._http = httpx.Client(timeout=HANGS_SECONDS)

    def operations(self) -> list[APIOperation[Any, Any, Any, Any]]:
        """Every query and mutation of the schema."""
        described = graphql_sync(product()._schema, get_introspection_query()).data
        assert described is not None
        schema = schemathesis.graphql.from_dict(described)
        return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]

    def close(self) -> None:
        """Leave the server alone."""
        self._http.close()

    def fuzz(self, operation: Any, examples: int) -> None:
        """Documents for one root field."""
        for mode, share in (
            (GenerationMode.POSITIVE, examples - examples // 4),
            (GenerationMode.NEGATIVE, examples // 4),
        ):
            if share:
                self._each(
                    operation.as_strategy(generation_mode=mode), share, lambda case: self._ask(operation.label, case)
                )

    def fuzz_examples(self, examples: int) -> None:
        """Queries of the documentation, each so often, with values exchanged."""
        for role, document in documented():
            for _ in range(examples):
                found = STRING.sub(self._exchanged, document) if self._random.random() < SHARE else document
                body = json.dumps({"query": twisted(found, self._random)}).encode()
                self._send("example", role if role in self.tokens else self._role(), body)

    def fuzz_bodies(self, examples: int) -> None:
        """Bodies that need not be requests at all."""
        leaf = st.none() | st.booleans() | st.integers() | st.floats() | OF_TEXT
        anything = st.recursive(leaf, lambda inner: st.lists(inner) | st.dictionaries(OF_TEXT, inner), max_leaves=8)
        request = st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("query", "variables", "operationName", "extensions"), anything)
        )
        bodies = st.binary(max_size=200) | (anything | request).map(lambda each: json.dumps(each).encode())
        self._each(bodies, examples, lambda body: self._send("body", self._role(), body))

    def _each(self, strategy: Any, examples: int, do: Callable[[Any], None]) -> None:
        quiet = settings(
            max_examples=examples, deadline=None, database=None, derandomize=not self.seed,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        )  # fmt: skip

        def one(case: Any) -> None:
            do(case)

        decorated: Any = given(strategy)
        seed(self.seed)(quiet(decorated(one)))()

    def _ask(self, operation: str, case: Any) -> None:
        document = case.body if isinstance(case.body, str) else str(case.body)
        exchanged = STRING.sub(self._exchanged, MEMBER.sub(self._member, document))
        self._send(operation, self._role(operation.partition(".")[2]), json.dumps({"query": exchanged}).encode())

    def _role(self, operation: str = "") -> str:
        allowed = [role.value for role in RIGHTS.get(operation, ()) if role.value in self.tokens]
        wanted = sorted(allowed) if allowed and self._random.random() < SHARE else sorted(self.tokens)
        return self._random.choice(wanted)

    def _member(self, found: re.Match[str]) -> str:
        """One of several names of a member, where exactly one is right and generators give many."""
        if self._random.random() >= SHARE:
            return found.group()
        return f"{found[1]}: {{number: {json.dumps(self._random.choice(self.known['number']))}}}"

    def _exchanged(self, found: re.Match[str]) -> str:
        name = found[1]
        fitting = self.known.get(name or "id", ())
        if fitting and self._random.random() < SHARE:
            chosen = self._random.choice(fitting)
        elif self._random.random() < STRAY:
            chosen = self._random.choice([each for words in self.known.values() for each in words])
        else:
            return found.group()
        return f"{name}: {json.dumps(chosen)}" if name else json.dumps(chosen)

    def _send(self, operation: str, role: str, body: bytes) -> None:
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.tokens[role]}"}
        try:
            answer = self._http.post(self.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            self._found(type(error).__name__, operation, role, body, "")
            return
        self.judge(operation, role, body, answer)

    def judge(self, operation: str, role: str, body: bytes, answer: httpx.Response) -> None:
        """Keep what may not be."""
        text = answer.text
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            self._found(f"HTTP {answer.status_code}", operation, role, body, text)
            return
        said = answer.json()
        errors = said.get("errors") or []
        codes = [(error.get("extensions") or {}).get("code", "INVALID_REQUEST") for error in errors]
        self.outcomes[codes[0] if codes else "answered"] += 1
        for code in codes:
            if code in {"INTERNAL", "OVERLOADED"}:
                self._found(code, operation, role, body, text)
        if any(LEAKS.search(_without(message, body)) for message in _messages(said)):
            self._found("leak", operation, role, body, text)

    def _found(self, what: str, operation: str, role: str, body: bytes, answer: str) -> None:
        self.outcomes[what] += 1
        self.findings.append(Finding(what, operation, role, body.decode(errors="replace"), answer))


def _messages(said: Any) -> list[str]:
    """Every text called `message`, and the reasons that a validation gives."""
    if isinstance(said, list):
        return [found for each in said for found in _messages(each)]
    if isinstance(said, dict):
        mine = [said["message"]] if isinstance(said.get("message"), str) else []
        return mine + [found for each in said.values() for found in _messages(each)]
    return []


def _without(message: str, body: bytes) -> str:
    """A message without the words that the client sent."""
    sent = set(re.findall(r"\w{3,}", body.decode(errors="replace")))
    return re.sub(r"\w{3,}", lambda word: "" if word.group() in sent else word.group(), message)
