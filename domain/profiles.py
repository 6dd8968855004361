"""What is known of a member: brought into one form, checked as a whole, and asked for what a program requires.

All faults are found at once, each with its place. A field that a program requires is named as in the API: `birthDate`, `address.city`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from domain.calendars import add_years
from domain.contacts import EMAIL_EXPECTED, PHONE_EXPECTED, normalize_email, normalize_phone
from domain.countries import COUNTRIES
from domain.members import Address, Identifier, MemberKind
from domain.problems import Invalid, Missing, Problem, TooMany
from domain.values import attribute_problems, shown, text_problems

MAX_NAME = 200
MAX_LINE = 200
MAX_LINES = 5
MAX_IDENTIFIERS = 20
MAX_IDENTIFIER = 100
MAX_AGE = 130

_LANGUAGE = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?", re.IGNORECASE)
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")

FIELDS = (
    "name", "email", "phone", "birthDate", "language", "address", "address.lines", "address.city", "address.region",
    "address.postalCode", "address.country", "identifiers",
)  # fmt: skip
"""Fields that a program may require, besides `attributes.NAME`."""

_ATTRIBUTE = re.compile(r"attributes\.[A-Za-z_][A-Za-z0-9_]{0,63}")


class HasProfile(Protocol):
    """Anything that knows a member's profile: a member, a profile, an enrolment."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str | None: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def birth_date(self) -> date | None: ...
    @property
    def address(self) -> Address | None: ...
    @property
    def language(self) -> str | None: ...
    @property
    def identifiers(self) -> tuple[Identifier, ...]: ...
    @property
    def attributes(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What people say of a member."""

    name: str
    kind: MemberKind = MemberKind.INDIVIDUAL
    email: str | None = None
    phone: str | None = None
    birth_date: date | None = None
    address: Address | None = None
    language: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)


def normalize(profile: Profile) -> Profile:
    """The profile in the form in which it is stored; what has no such form stays as it is, for `check` to find."""
    return replace(
        profile,
        name=profile.name.strip(),
        email=profile.email and (normalize_email(profile.email) or profile.email),
        phone=profile.phone and (normalize_phone(profile.phone) or profile.phone),
        language=profile.language and (normalize_language(profile.language) or profile.language),
        address=profile.address and _normalize_address(profile.address),
        identifiers=tuple(Identifier(each.kind.strip(), each.value.strip()) for each in profile.identifiers),
    )


def normalize_language(text: str) -> str | None:
    """A language tag with its usual capitals, `zh-Hant-TW`; None if it is none."""
    found = _LANGUAGE.fullmatch(text.strip())
    if found is None:
        return None
    language, script, region = found.groups()
    parts = (language.lower(), script and script.title(), region and region.upper())
    return "-".join(part for part in parts if part)


def _normalize_address(address: Address) -> Address:
    return replace(address, country=address.country and address.country.strip().upper())


def check(profile: HasProfile, today: date, *path: str) -> tuple[Problem, ...]:
    """Everything wrong with a profile, `path` being the place of its fields; empty if nothing is."""
    return (
        *_name_problems(profile.name, path),
        *_contact_problems(profile, path),
        *_birth_problems(profile.birth_date, today, path),
        *_address_problems(profile.address, (*path, "address")),
        *_identifier_problems(profile.identifiers, (*path, "identifiers")),
        *attribute_problems(profile.attributes, *path, "attributes"),
    )


def _name_problems(name: str, path: tuple[str, ...]) -> Iterator[Problem]:
    if name.strip():
        yield from text_problems(name, MAX_NAME, *path, "name")
    else:
        yield Missing(why="a member has a name", path=(*path, "name"))


def _contact_problems(profile: HasProfile, path: tuple[str, ...]) -> Iterator[Problem]:
    fields = (
        ("email", profile.email, normalize_email, EMAIL_EXPECTED),
        ("phone", profile.phone, normalize_phone, PHONE_EXPECTED),
        ("language", profile.language, normalize_language, "a language tag, such as en or pt-BR"),
    )
    for name, value, form, expected in fields:
        if value is not None and form(value) is None:
            yield Invalid(value=shown(value), expected=expected, path=(*path, name))


def _birth_problems(birth_date: date | None, today: date, path: tuple[str, ...]) -> Iterator[Problem]:
    earliest = add_years(today, -MAX_AGE)
    if birth_date is not None and not earliest <= birth_date < today:
        yield Invalid(value=str(birth_date), expected=f"a date from {earliest} to yesterday", path=(*path, "birthDate"))


def _address_problems(address: Address | None, path: tuple[str, ...]) -> Iterator[Problem]:
    if address is None:
        return
    if len(address.lines) > MAX_LINES:
        yield TooMany(what="lines of an address", limit=MAX_LINES, found=len(address.lines), path=(*path, "lines"))
    for index, line in enumerate(address.lines[:MAX_LINES]):
        yield from text_problems(line, MAX_LINE, *path, "lines", str(index))
    yield from text_problems(address.city, MAX_LINE, *path, "city")
    yield from text_problems(address.region, MAX_LINE, *path, "region")
    yield from text_problems(address.postal_code, MAX_LINE, *path, "postalCode")
    if address.country is not None and address.country.strip().upper() not in COUNTRIES:
        expected = "two letters of ISO 3166, such as DE or US"
        yield Invalid(value=shown(address.country), expected=expected, path=(*path, "country"))


def _identifier_problems(identifiers: Sequence[Identifier], path: tuple[str, ...]) -> Iterator[Problem]:
    if len(identifiers) > MAX_IDENTIFIERS:
        yield TooMany(what="identifiers", limit=MAX_IDENTIFIERS, found=len(identifiers), path=path)
        return
    seen: set[Identifier] = set()
    for index, each in enumerate(identifiers):
        where = (*path, str(index))
        if not _KIND.fullmatch(each.kind):
            expected = "a kind of letters, digits and _, such as CARD, at most 32 long"
            yield Invalid(value=shown(each.kind), expected=expected, path=(*where, "kind"))
        yield from text_problems(each.value, MAX_IDENTIFIER, *where, "value")
        if each in seen:
            yield Invalid(value=shown(each.value), expected="every identifier only once", path=where)
        seen.add(each)


def missing(member: HasProfile, required: Sequence[str]) -> tuple[str, ...]:
    """Which of the required fields and attributes the member lacks, in the order in which they are required."""
    return tuple(name for name in required if _is_empty(member, name))


def required_problems(required: Sequence[str], *path: str) -> tuple[Problem, ...]:
    """What is wrong with a program's list of required fields: each is one of `FIELDS` or `attributes.NAME`."""
    expected = f"one of {', '.join(FIELDS)} or attributes.NAME"
    return tuple(
        Invalid(value=shown(name), expected=expected, path=(*path, str(index)))
        for index, name in enumerate(required)
        if name not in FIELDS and not _ATTRIBUTE.fullmatch(name)
    )


def _is_empty(member: HasProfile, name: str) -> bool:
    value: Any = member
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else getattr(value, _snake(part), None)
    blank = isinstance(value, str) and not value.strip()
    return blank or value is None or value in ((), Address())


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", r"_\1", name).lower()
