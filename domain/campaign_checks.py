"""What can be wrong with a campaign in itself, before anything is looked up: dates, texts and lists."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from domain.campaigns import Audience
from domain.codes import code_problems, name_problems
from domain.problems import Invalid, Problem, TooMany
from domain.values import text_problems

EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
MAX_PROMOTIONS = 20
MAX_TIERS = 100
MAX_MESSAGE = 10_000
MAX_PURPOSE = 64


def campaign_problems(given: Mapping[str, Any], *path: str) -> Iterator[Problem]:
    """Everything wrong with the fields that a command names."""
    if "code" in given:
        yield from code_problems(given["code"], *path, "code")
    for name in ("name", "subject"):
        yield from name_problems(given.get(name), *path, name)
    for name, place in (("message", "message"), ("partner_message", "partnerMessage")):
        yield from text_problems(given.get(name), MAX_MESSAGE, *path, place, lines=True)
    yield from name_problems(given.get("purpose"), *path, "purpose", longest=MAX_PURPOSE)
    yield from _date_problems(given["starts_on"], given["ends_on"], path)
    yield from _list_problems("promotions", given.get("promotions", ()), MAX_PROMOTIONS, (*path, "promotions"))
    yield from _audience_problems(given.get("audience", Audience()), (*path, "audience"))


def _date_problems(starts_on: date, ends_on: date, path: tuple[str, ...]) -> Iterator[Problem]:
    for day, name in ((starts_on, "startsOn"), (ends_on, "endsOn")):
        if not EARLIEST <= day <= LATEST:
            yield Invalid(value=day.isoformat(), expected=f"{EARLIEST} to {LATEST}", path=(*path, name))
    if ends_on < starts_on:
        expected = f"{starts_on} (the start) or later"
        yield Invalid(value=ends_on.isoformat(), expected=expected, path=(*path, "endsOn"))


def _audience_problems(audience: Audience, path: tuple[str, ...]) -> Iterator[Problem]:
    yield from _list_problems("tiers", audience.tiers, MAX_TIERS, (*path, "tiers"))
    yield from text_problems(audience.language, MAX_PURPOSE, *path, "language")
    first, last = audience.enrolled_from, audience.enrolled_through
    if first is not None and last is not None and last < first:
        yield Invalid(value=last.isoformat(), expected=f"{first} or later", path=(*path, "enrolledThrough"))


def _list_problems(what: str, values: Sequence[str], most: int, path: tuple[str, ...]) -> Iterator[Problem]:
    if len(values) > most:
        yield TooMany(what=what, limit=most, found=len(values), path=path)
