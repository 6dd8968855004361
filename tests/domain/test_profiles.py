"""Profiles of members: one form, all faults at once, and what a program requires."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.countries import COUNTRIES
from domain.members import Address, Identifier, Member, MemberKind, MemberStatus
from domain.problems import Invalid, Missing, Problem, TooMany
from domain.profiles import FIELDS, Profile, check, missing, normalize, normalize_language, required_problems

TODAY = date(2025, 6, 15)
BARE = Profile(name="Ada")
FULL = Profile(
    name="Ada Lovelace",
    email="ada@example.com",
    phone="+4930901820",
    birth_date=date(1990, 2, 28),
    address=Address(("1 Main Street",), "Berlin", "BE", "10115", "DE"),
    language="de-DE",
    identifiers=(Identifier("CARD", "4711"), Identifier("PASS", "4711")),
    attributes={"shoeSize": 39, "favoriteStore": "Mitte"},
)
MEMBER = Member(
    id=1, program_id=1, number="1001", kind=MemberKind.INDIVIDUAL, name="Ada", email=None, phone="+4930901820", birth_date=None,
    address=Address(city="Berlin"), language=None, identifiers=(), consents=(), referrer_id=None,
    attributes={"shoeSize": 39, "nickname": " "}, status=MemberStatus.ACTIVE, enrolled_on=TODAY, enrolled_by_id=None,
    enrolled_by_partner_id=None, created_at=datetime(2025, 1, 1, tzinfo=UTC), version=1,
)  # fmt: skip


def problems(**changes: Any) -> tuple[Problem, ...]:
    return check(replace(FULL, **changes), TODAY, "input")


def test_a_bare_name_is_enough_and_a_full_profile_is_fine() -> None:
    assert check(BARE, TODAY, "input") == ()
    assert problems() == ()


@pytest.mark.parametrize("name", ["", "  "])
def test_a_member_has_a_name(name: str) -> None:
    assert problems(name=name) == (Missing(why="a member has a name", path=("input", "name")),)


@pytest.mark.parametrize(
    ("changes", "path", "value", "expected"),
    [
        ({"name": "x" * 201}, "name", "x" * 60 + "…", "at most 200 characters, not 201"),
        ({"email": "ada"}, "email", "ada", "an email address, such as ada@example.com"),
        ({"email": ""}, "email", "", "an email address, such as ada@example.com"),
        ({"phone": "030 901820"}, "phone", "030 901820", "a phone number with its country code, such as +49 30 901820"),
        ({"language": "german"}, "language", "german", "a language tag, such as en or pt-BR"),
        ({"birth_date": TODAY}, "birthDate", "2025-06-15", "a date from 1895-06-15 to yesterday"),
        ({"birth_date": date(2030, 1, 1)}, "birthDate", "2030-01-01", "a date from 1895-06-15 to yesterday"),
        ({"birth_date": date(1895, 6, 14)}, "birthDate", "1895-06-14", "a date from 1895-06-15 to yesterday"),
        ({"address": Address(country="XX")}, "address.country", "XX", "two letters of ISO 3166, such as DE or US"),
        ({"address": Address(country="Germany")}, "address.country", "Germany", "two letters of ISO 3166, such as DE or US"),
        ({"address": Address(("a", ""))}, "address.lines.1", "", "a text that is not blank"),
        ({"address": Address(city="x" * 201)}, "address.city", "x" * 60 + "…", "at most 200 characters, not 201"),
        ({"address": Address(region="\0")}, "address.region", "\0", "a text without control characters"),
        ({"address": Address(postal_code=" ")}, "address.postalCode", " ", "a text that is not blank"),
        (
            {"identifiers": (Identifier("a b", "1"),)}, "identifiers.0.kind", "a b",
            "a kind of letters, digits and _, such as CARD, at most 32 long",
        ),
        ({"identifiers": (Identifier("CARD", " "),)}, "identifiers.0.value", " ", "a text that is not blank"),
        ({"identifiers": (Identifier("CARD", "1"),) * 2}, "identifiers.1", "1", "every identifier only once"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(changes: dict[str, Any], path: str, value: str, expected: str) -> None:
    assert problems(**changes) == (Invalid(value=value, expected=expected, path=("input", *path.split("."))),)


def test_born_yesterday_or_130_years_ago() -> None:
    assert problems(birth_date=date(2025, 6, 14)) == ()
    assert problems(birth_date=date(1895, 6, 15)) == ()


def test_lists_are_bounded() -> None:
    cards = tuple(Identifier("CARD", str(number)) for number in range(21))
    assert problems(identifiers=cards[:20]) == ()
    assert problems(identifiers=cards) == (
        TooMany(what="identifiers", limit=20, found=21, path=("input", "identifiers")),
    )
    assert problems(address=Address(("line",) * 6)) == (
        TooMany(what="lines of an address", limit=5, found=6, path=("input", "address", "lines")),
    )


def test_all_faults_are_found_at_once() -> None:
    found = problems(name="", email="x", phone="x", language="?", birth_date=TODAY, attributes={"a b": 1})
    assert [".".join(problem.path[1:]) for problem in found] == [
        "name", "email", "phone", "language", "birthDate", "attributes.a b",
    ]  # fmt: skip


def test_a_profile_is_stored_in_one_form() -> None:
    said = replace(
        FULL, name="  Ada Lovelace ", email=" Ada@Example.com", phone="0049 30 901820", language="DE-de",
        address=Address(("1 Main Street",), "Berlin", "BE", "10115", " de"), identifiers=(Identifier(" CARD", "4711 "), Identifier("PASS", "4711")),
    )  # fmt: skip
    assert normalize(said) == FULL
    assert normalize(FULL) == FULL
    assert normalize(BARE) == BARE


def test_what_has_no_such_form_is_left_for_the_check() -> None:
    wrong = replace(BARE, email="ada", phone="12", language="german", address=Address(country="Germany "))
    assert normalize(wrong) == replace(wrong, address=Address(country="GERMANY"))
    assert [problem.path for problem in check(normalize(wrong), TODAY)] == [
        ("email",),
        ("phone",),
        ("language",),
        ("address", "country"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("EN", "en"), ("pt-br", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW"), ("es-419", "es-419"), ("fil", "fil"), (" de ", "de"),
     ("e", None), ("english", None), ("en_US", None), ("en-", None), ("", None)],
)  # fmt: skip
def test_language_tags(text: str, expected: str | None) -> None:
    assert normalize_language(text) == expected


def test_countries() -> None:
    assert len(COUNTRIES) == 249
    assert {"DE", "US", "GB"} <= COUNTRIES
    assert "UK" not in COUNTRIES


def test_what_a_member_lacks_in_the_order_required() -> None:
    required = (
        "email",
        "phone",
        "birthDate",
        "address.city",
        "address.postalCode",
        "attributes.shoeSize",
        "attributes.hat",
    )
    assert missing(MEMBER, required) == ("email", "birthDate", "address.postalCode", "attributes.hat")


def test_blank_and_empty_are_missing() -> None:
    assert missing(MEMBER, ("attributes.nickname", "identifiers", "address.lines")) == (
        "attributes.nickname",
        "identifiers",
        "address.lines",
    )
    assert missing(replace(MEMBER, address=Address()), ("address",)) == ("address",)
    assert missing(replace(MEMBER, address=None), ("address", "address.city")) == ("address", "address.city")


def test_falsehood_and_zero_are_values() -> None:
    assert (
        missing(
            replace(MEMBER, attributes={"vegan": False, "children": 0}), ("attributes.vegan", "attributes.children")
        )
        == ()
    )


def test_a_full_profile_lacks_nothing() -> None:
    assert missing(FULL, FIELDS) == ()


def test_what_a_program_may_require() -> None:
    assert required_problems((*FIELDS, "attributes.shoeSize")) == ()
    expected = f"one of {', '.join(FIELDS)} or attributes.NAME"
    assert required_problems(("email", "birth_date", "attributes."), "input", "requiredForAccrual") == (
        Invalid(value="birth_date", expected=expected, path=("input", "requiredForAccrual", "1")),
        Invalid(value="attributes.", expected=expected, path=("input", "requiredForAccrual", "2")),
    )
