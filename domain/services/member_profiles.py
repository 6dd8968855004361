"""What a member says of itself, checked against what others have said: consents, and who has a number or card already."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.codes import foreign_code_problems
from domain.commands.members import ConsentGiven
from domain.members import Consent, Identifier
from domain.problems import AlreadyExists, Invalid, Problem, TooMany
from domain.services.checks import INPUT
from domain.store import members, references
from domain.store.database import Reader
from domain.values import shown

MAX_CONSENTS = 50


def consent_problems(consents: Sequence[ConsentGiven]) -> Iterator[Problem]:
    """Everything wrong with consents: every purpose once, and not too many."""
    path = (INPUT, "consents")
    if len(consents) > MAX_CONSENTS:
        yield TooMany(what="consents", limit=MAX_CONSENTS, found=len(consents), path=path)
        return
    seen: set[str] = set()
    for index, one in enumerate(consents):
        where = (*path, str(index), "purpose")
        yield from foreign_code_problems(one.purpose, *where)
        if one.purpose in seen:
            yield Invalid(value=shown(one.purpose), expected="every purpose only once", path=where)
        seen.add(one.purpose)


def with_consents(before: Sequence[Consent], said: Sequence[ConsentGiven], now: datetime) -> tuple[Consent, ...]:
    """The consents after some were given or withdrawn; saying the same again changes nothing, not even since when."""
    found = {one.purpose: one for one in before}
    for one in said:
        known = found.get(one.purpose)
        if known is None or known.given != one.given:
            found[one.purpose] = Consent(one.purpose, one.given, now)
    return tuple(found.values())


def with_attributes(before: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes after some were given; one of None is removed."""
    return {name: value for name, value in {**before, **said}.items() if value is not None}


def in_stored_order(identifiers: Sequence[Identifier]) -> tuple[Identifier, ...]:
    """Identifiers by kind and value, as they are read again."""
    return tuple(sorted(identifiers, key=lambda one: (one.kind, one.value)))


async def number_problems(reader: Reader, program_id: int, number: str | None) -> list[Problem]:
    """A number given at all is well-formed, and nobody's in the program."""
    if number is None:
        return []
    path = (INPUT, "number")
    if found := list(foreign_code_problems(number, *path)):
        return found
    taken = await references.members(reader, program_id, [number])
    return [AlreadyExists(what="member", key=number, path=path)] if taken else []


async def card_problems(
    reader: Reader, program_id: int, identifiers: Sequence[Identifier], owner: int | None = None
) -> list[Problem]:
    """The identifiers that belong to somebody else than `owner`."""
    owners = await members.cards_taken(reader, program_id, identifiers) if identifiers else {}
    return [
        AlreadyExists(what=f"member with {card.kind}", key=shown(card.value), path=(INPUT, "identifiers", str(index)))
        for index, card in enumerate(identifiers)
        if card in owners and owners[card] != owner
    ]
