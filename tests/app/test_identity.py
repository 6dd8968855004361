"""Identity: which tokens are taken, which are refused and with what words, and how long a person is remembered."""

import asyncio
import base64
import json
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import jwt
import pytest

from app import identity as module
from app.identity import AUDIENCE, ISSUER, Identity, LocalTokensOff, Unauthorized, make_token, signing_key
from app.settings import DEVELOPMENT_SECRET, Environment, Settings
from domain.people import Person, Principal, Role, Scope

MALFORMED = "The header Authorization must be `Bearer <token>`."
NOW = datetime.now(UTC)


def settings(**values: Any) -> Settings:
    return Settings.model_construct(**{**Settings(_env_file=None).model_dump(), **values})


def person(subject: str, **values: Any) -> Person:
    facts: dict[str, Any] = {
        "id": 7,
        "subject": subject,
        "name": "Ann",
        "email": None,
        "roles": frozenset({Role.MEMBER}),
        "program_id": 1,
        "partner_id": None,
        "member_id": 5,
        "manager_id": None,
        "tier_approver": False,
        "transaction_approval_limit": Decimal(0),
        "loan_approval_limit": Decimal(0),
        "active": True,
        "version": 1,
    }
    return Person(**{**facts, **values})


class People:
    """Answers like the store, and counts."""

    def __init__(self, *people: Person) -> None:
        self.people = {one.subject: one for one in people}
        self.asked: list[str] = []
        self.broken = False

    async def find(self, subject: str) -> Person | None:
        self.asked.append(subject)
        await asyncio.sleep(0)
        if self.broken:
            raise RuntimeError("the database is away")
        return self.people.get(subject)


def bearer(token: str) -> str:
    return f"Bearer {token}"


def signed(key: str = DEVELOPMENT_SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    usual = {"sub": "ann", "iss": ISSUER, "aud": AUDIENCE, "exp": NOW + timedelta(hours=1)}
    kept = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode(kept, key, algorithm)


def unsigned() -> str:
    parts = ({"alg": "none", "typ": "JWT"}, {"sub": "ann", "iss": ISSUER, "aud": AUDIENCE, "exp": 9999999999})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


async def test_a_token_becomes_a_person_with_roles_and_bonds() -> None:
    who = Identity(settings(), People(person("ann")).find)
    principal = await who.principal(bearer(make_token(settings(), "ann")))
    assert principal == Principal(7, "ann", frozenset({Role.MEMBER}), Scope(program_id=1, partner_id=None, member_id=5))


async def test_the_word_bearer_is_read_in_any_case() -> None:
    who = Identity(settings(), People(person("ann")).find)
    assert (await who.principal(f"bearer {make_token(settings(), 'ann')}")).subject == "ann"


@pytest.mark.parametrize(
    ("header", "message", "challenge"),
    [
        (None, "This API needs a token: send `Authorization: Bearer <token>`.", 'Bearer realm="milepost"'),
        ("", "This API needs a token: send `Authorization: Bearer <token>`.", 'Bearer realm="milepost"'),
        *[
            (header, MALFORMED, f'Bearer realm="milepost", error="invalid_request", error_description="{MALFORMED}"')
            for header in ("Bearer", "Bearer ", "Basic YTpi", "token", "Bearer " + "x" * 8193)
        ],
    ],
)
async def test_a_header_without_a_token_is_refused(header: str | None, message: str, challenge: str) -> None:
    who = Identity(settings(), People().find)
    with pytest.raises(Unauthorized) as refused:
        await who.principal(header)
    assert (refused.value.message, refused.value.challenge) == (message, challenge)


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("rubbish", "The token is not valid here."),
        ("a.b.c", "The token is not valid here."),
        ("é.é.é", "The token is not valid here."),
        (unsigned(), "The token is not valid here."),
        (signed(key="another secret of at least thirty-two bytes"), "The token is not valid here."),
        (signed(key=DEVELOPMENT_SECRET.ljust(64, "!"), algorithm="HS512"), "The token is not valid here."),
        (signed(iss="elsewhere"), "The token is not valid here."),
        (signed(iss=None), "The token is not valid here."),
        (signed(sub=None), "The token is not valid here."),
        (signed(exp=None), "The token is not valid here."),
        (signed(aud=None), "The token is not valid here."),
        (signed(aud="another-api"), "The token is not meant for milepost-api."),
        (signed(exp=NOW - timedelta(minutes=1)), "The token has expired: get a new one."),
        (signed(sub="stranger"), "The token names nobody who may use this API."),
        (signed(sub="left"), "The token names nobody who may use this API."),
    ],
)
async def test_a_token_that_is_not_ours_or_not_for_us_is_refused(token: str, message: str) -> None:
    who = Identity(settings(), People(person("ann"), person("left", active=False)).find)
    with pytest.raises(Unauthorized) as refused:
        await who.principal(bearer(token))
    assert (refused.value.message, refused.value.error) == (message, "invalid_token")


async def test_a_token_checked_before_still_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    who = Identity(settings(), People(person("ann")).find)
    token = bearer(make_token(settings(), "ann", lifetime=timedelta(hours=1)))
    await who.principal(token)
    later = time.time() + 3700
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(Unauthorized, match=r"^The token has expired: get a new one.$"):
        await who.principal(token)


async def test_those_who_ask_at_once_share_one_question_and_it_is_asked_again_after_two_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = People(person("ann"))
    who = Identity(settings(), people.find)
    token = bearer(make_token(settings(), "ann"))
    await asyncio.gather(*(who.principal(token) for _ in range(50)))
    assert people.asked == ["ann"]
    start = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: start + 2.5)
    await who.principal(token)
    assert people.asked == ["ann", "ann"]


async def test_a_change_of_roles_is_seen_after_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    people = People(person("ann"))
    who = Identity(settings(), people.find)
    token = bearer(make_token(settings(), "ann"))
    await who.principal(token)
    people.people["ann"] = person("ann", roles=frozenset({Role.MSR}))
    assert (await who.principal(token)).roles == {Role.MEMBER}
    start = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: start + 2.5)
    assert (await who.principal(token)).roles == {Role.MSR}


async def test_a_question_that_failed_is_asked_again_at_once() -> None:
    people = People(person("ann"))
    who = Identity(settings(), people.find)
    token = bearer(make_token(settings(), "ann"))
    people.broken = True
    with pytest.raises(RuntimeError, match=r"^the database is away$"):
        await who.principal(token)
    people.broken = False
    assert (await who.principal(token)).subject == "ann"


async def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_REMEMBERED", 2)
    who = Identity(settings(), People(*(person(name) for name in "abc")).find)
    for name in "abc":
        await who.principal(bearer(make_token(settings(), name)))
    assert (len(who._tokens), list(who._principals)) == (2, ["b", "c"])


def test_production_makes_no_local_tokens() -> None:
    for given in (settings(environment=Environment.PRODUCTION), settings(local_tokens=False)):
        for use in (signing_key, lambda given: make_token(given, "ann")):
            with pytest.raises(LocalTokensOff, match=r"^this installation takes no tokens of its own"):
                use(given)


async def test_production_takes_no_local_token() -> None:
    who = Identity(settings(environment=Environment.PRODUCTION), People(person("ann")).find)
    with pytest.raises(Unauthorized, match=r"^The token is not valid here.$"):
        await who.principal(bearer(make_token(settings(), "ann")))
