"""Twisted examples: a query of the documentation, which gets all the way, with some of its values exchanged for others."""

import json
import random
import re

from tests.docs.pages import ROOT, examples

VALUE = re.compile(r'(?<=: )(?:"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null|[A-Z][A-Z_]+)(?=[\s,)}\]])')
KEY = re.compile(r'(?<=idempotencyKey: )"[^"]*"')

TEXTS = (
    "", " ", "\t\n", "\\", "'", '"', "%", "_", "; drop table member; --", "${jndi:ldap://x}", "<script>", "../../etc/passwd", "\u0000",
    "\ud800", "\u202e", "\u0301" * 50, "\U0001f9ff" * 30, "é" * 500, "x" * 5_000, "x" * 25_000, "NaN", "Infinity", "-0", "1e400", "1e-400",
    "0x10", "\uff11\uff12", "1,5", "9" * 40, "-" + "9" * 40, "0." + "1" * 40, "1970-01-01", "0000-00-00", "2026-02-30", "10000-01-01", "2026-1-1",
    "2026-01-01T00:00:00Z", "2026-01-01T00:00:00+14:00", "2026-01-01T24:00:00Z", "null", "true", "Europe/Vienna", "XXX", "eur", "CITRUS",
    "POINTS", "1001", "TWVtYmVyOjE=", "TWVtYmVyOjk5OTk5OTk5OTk5OTk5OTk5OTk5OTk=", "==", "member.tier == 'GOLD'", "1/0", "a" * 64 + "()", "rand()",
)  # fmt: skip
OTHERS = (
    "0", "-1", "1", "2147483647", "2147483648", "-2147483649", "9223372036854775807", "99999999999999999999", "1.5", "1e308", "true", "false",
    "null", "[]", "{}", "[[]]", "[null]", '[""]', "{a: 1}", "NOTHING", "$nothing",
)  # fmt: skip


def documented() -> list[tuple[str, str]]:
    """Role and document of every query that the documentation shows."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [(each.role.value, each.query) for page in pages for each in examples(page)]


def twisted(document: str, chance: random.Random) -> str:
    """The document with one to three of its values exchanged, under an idempotency key that is new."""
    fresh = KEY.sub(f'"{chance.getrandbits(64):x}"', document)
    places = list(VALUE.finditer(fresh))
    for place in sorted(
        chance.sample(places, min(len(places), chance.choice((1, 1, 1, 2, 3)))), key=_start, reverse=True
    ):
        fresh = fresh[: place.start()] + _value(chance) + fresh[place.end() :]
    return fresh


def _start(found: re.Match[str]) -> int:
    return found.start()


def _value(chance: random.Random) -> str:
    return chance.choice(OTHERS) if chance.random() < 1 / 3 else json.dumps(chance.choice(TEXTS))
