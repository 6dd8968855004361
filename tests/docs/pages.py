"""Examples of a page: a query, who asks it, and the answer that the page shows beneath it.

A query stands in a block of `graphql`, or of `sh` between `ask "$ROLE" <<'END'` and `END`; its answer is the block of `json`
that follows. Dates, moments and ids differ from day to day: dates and moments are compared as such, and an id of the page
stands for the id of the answer from then on.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from domain.people import Role

ROOT = Path(__file__).parent.parent.parent

FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ASK = re.compile(r"""^ask "\$(\w+)" <<'END'\n(.*?)^END$""", re.MULTILINE | re.DOTALL)
AS = re.compile(r"\A# as (\w+)\n")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
DATE = re.compile(r"\d{4}-\d\d-\d\d")

SHORT = {"ADMINISTRATOR": Role.PROGRAM_ADMINISTRATOR}
"""Names of tokens in the examples that are not names of roles."""


@dataclass(frozen=True, slots=True)
class Example:
    """One query of a page."""

    place: str
    role: Role
    query: str
    answer: Any
    """None if the page shows none."""


def examples(page: Path) -> list[Example]:
    """The queries of a page, in their order."""
    text = page.read_text()
    blocks = list(FENCE.finditer(text))
    found = []
    for block, following in zip_longest(blocks, blocks[1:]):
        queries = list(_queries(block[1], block[2]))
        shown = json.loads(following[2]) if queries and following is not None and following[1] == "json" else None
        place = f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, block.start()) + 2}"
        found += [Example(place, _role(name), query, shown) for name, query in queries]
    return found


def _queries(language: str, code: str) -> Iterator[tuple[str, str]]:
    if language == "graphql":
        said = AS.match(code)
        yield (said[1] if said else "MSR"), code
    if language == "sh":
        yield from ASK.findall(code)


def _role(name: str) -> Role:
    return SHORT.get(name) or Role(name)


def ids(shown: Any, found: Any) -> dict[str, str]:
    """Which id of an answer stands where the page shows which."""
    if isinstance(shown, dict) and isinstance(found, dict):
        here = {shown["id"]: found["id"]} if isinstance(shown.get("id"), str) and "id" in found else {}
        return here | {key: value for name in shown for key, value in ids(shown[name], found.get(name)).items()}
    if isinstance(shown, list) and isinstance(found, list):
        return {key: value for pair in zip(shown, found, strict=False) for key, value in ids(*pair).items()}
    return {}


def timeless(value: Any) -> Any:
    """A value in which every date and moment looks alike, and every id."""
    if isinstance(value, dict):
        hidden = {name: "(an id)" for name in ("id", "endCursor", "startCursor") if isinstance(value.get(name), str)}
        return {name: timeless(each) for name, each in value.items()} | hidden
    if isinstance(value, list):
        return [timeless(each) for each in value]
    if isinstance(value, str):
        return DATE.sub("(a date)", MOMENT.sub("(a moment)", value))
    return value
