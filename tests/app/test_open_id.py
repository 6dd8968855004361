"""Tokens of an OpenID Connect provider: which are taken, how its keys are followed, and how little it is asked."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app import key_sets
from app.identity import Identity, IdentityUnavailable, Unauthorized, make_token
from app.key_sets import KeySet, KeysUnavailable
from app.settings import Settings
from domain.people import Person, PersonClaims, Role
from tests.app.provider import AUDIENCE, Provider, an_rsa_key, part, pem, provider, public
from tests.app.test_identity import People, bearer, person, settings

NOW = datetime.now(UTC)
NOT_VALID = "The token is not valid here."


@pytest.fixture
def there() -> Iterator[Provider]:
    with provider() as there:
        yield there


def trusting(there: Provider, **values: Any) -> Settings:
    return settings(oidc_issuer=there.issuer, oidc_audience=AUDIENCE, **values)


def identity(there: Provider, **values: Any) -> Identity:
    return Identity(trusting(there, **values), People(person("ann"), person("bob")).find)


async def refusal(who: Identity, token: str) -> str:
    with pytest.raises(Unauthorized) as refused:
        await who.principal(bearer(token))
    assert refused.value.error == "invalid_token"
    return refused.value.message


async def test_a_token_of_the_provider_names_a_person(there: Provider) -> None:
    who = identity(there)
    assert (await who.principal(bearer(there.token("ann")))).subject == "ann"
    assert (await who.principal(bearer(there.token("bob", aud=["other", AUDIENCE])))).subject == "bob"
    assert there.asked == ["/.well-known/openid-configuration", "/keys"]


async def test_keys_may_be_at_an_address_that_the_settings_name(there: Provider) -> None:
    who = identity(there, oidc_jwks_url=f"{there.issuer}/elsewhere")
    await who.principal(bearer(there.token()))
    assert there.asked == ["/elsewhere"]


async def test_another_claim_may_name_the_person(there: Provider) -> None:
    who = identity(there, oidc_subject_claim="preferred_username")
    assert (await who.principal(bearer(there.token("5f2", preferred_username="bob")))).subject == "bob"
    assert await refusal(who, there.token("ann")) == NOT_VALID


async def test_forged_and_foreign_tokens_are_refused_in_words_that_say_nothing_else(there: Provider) -> None:
    who, stranger = identity(there), an_rsa_key()
    claims = {"sub": "ann", "iss": there.issuer, "aud": AUDIENCE, "exp": int(time.time()) + 3600}
    header = {"alg": "none", "typ": "JWT", "kid": there.id}
    # A public key is no secret: whoever has it could sign with it, if the token chose the algorithm.
    by_public_key = ".".join(
        [part({"alg": "HS256", "typ": "JWT", "kid": there.id}), part(claims), _hmac(pem(there.key), claims, there.id)]
    )
    for token in (
        f"{part(header)}.{part(claims)}.",
        f"{part({**header, 'alg': 'None'})}.{part(claims)}.",
        by_public_key,
        there.token(key=stranger),
        there.token(key=stranger, header={"kid": "stranger"}),
        f"{part({'alg': 'RS256', 'kid': 7})}.{part(claims)}.AAAA",
        there.token(algorithm="RS512"),
        there.token(iss="https://elsewhere.example"),
        there.token(iss=None),
        there.token(aud=None),
        there.token(exp=None),
        there.token(subject=None),
        there.token(subject="x" * 201),
        there.token(subject="a\nb"),
        there.token(nbf=NOW + timedelta(hours=1)),
        there.token()[:-4] + "AAAA",
        there.token().replace(".", "", 1),
        "..",
        "a.b.c.d.e",
    ):
        assert await refusal(who, token) == NOT_VALID, token


def _hmac(secret: bytes, claims: dict[str, Any], id: str) -> str:
    text = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': id})}.{part(claims)}"
    return base64.urlsafe_b64encode(hmac.digest(secret, text.encode(), hashlib.sha256)).decode().rstrip("=")


async def test_expired_wrong_audience_and_unknown_people_are_told_so(there: Provider) -> None:
    who = identity(there)
    expired = there.token(exp=NOW - timedelta(minutes=5))
    assert await refusal(who, expired) == "The token has expired: get a new one."
    assert await refusal(who, there.token(aud="another")) == f"The token is not meant for {AUDIENCE}."
    assert await refusal(who, there.token("nobody")) == "The token names nobody who may use this API."


async def test_clocks_may_differ_as_far_as_the_settings_say(there: Provider) -> None:
    who = identity(there, oidc_clock_skew=300)
    late = there.token(exp=datetime.now(UTC) - timedelta(seconds=120))
    assert (await who.principal(bearer(late))).subject == "ann"
    assert await refusal(identity(there, oidc_clock_skew=0), late) == "The token has expired: get a new one."


async def test_only_pinned_algorithms_are_taken_and_curves_are_among_them(there: Provider) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    there.keys.append(public(curve, "curve", alg="ES256"))
    token = there.token(algorithm="ES256", key=curve, header={"kid": "curve"})
    assert (await identity(there).principal(bearer(token))).subject == "ann"
    assert await refusal(identity(there, oidc_algorithms=("RS256",)), token) == NOT_VALID


@pytest.mark.parametrize("more", [{"use": "enc"}, {"alg": "RS512"}, {"kid": "other"}])
async def test_a_key_is_used_for_what_it_is_meant_for(there: Provider, more: dict[str, str]) -> None:
    there.keys = [public(there.key, there.id, **more), public(an_rsa_key(), "another")]
    assert await refusal(identity(there), there.token()) == NOT_VALID


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")  # whoever signs with it is warned
async def test_a_short_key_is_none(there: Provider) -> None:
    short = an_rsa_key(1024)
    there.keys = [public(short, "short"), public(there.key, there.id)]
    assert (await identity(there).principal(bearer(there.token()))).subject == "ann"
    assert await refusal(identity(there), there.token(key=short, header={"kid": "short"})) == NOT_VALID


async def test_a_token_without_the_name_of_a_key_is_taken_where_there_is_one_key(there: Provider) -> None:
    token = there.token(header={"kid": None})
    assert (await identity(there).principal(bearer(token))).subject == "ann"
    there.keys.append(public(an_rsa_key(), "two"))
    assert await refusal(identity(there), token) == NOT_VALID


async def test_a_rotated_key_is_followed_at_the_first_token_and_the_old_one_is_forgotten(
    there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, old = identity(there), there.token("bob")
    await who.principal(bearer(there.token()))
    there.rotate("two")
    later = time.monotonic() + key_sets.REFETCH_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert (await who.principal(bearer(there.token()))).subject == "ann"
    assert await refusal(who, old) == NOT_VALID
    assert there.asked.count("/keys") == 2


async def test_invented_names_of_keys_ask_the_provider_once(there: Provider) -> None:
    who = identity(there)
    tokens = [there.token(header={"kid": f"invented {number}"}) for number in range(30)]
    await asyncio.gather(*(refusal(who, token) for token in tokens))
    assert there.asked.count("/keys") == 1


async def test_a_withdrawn_key_stops_working_for_tokens_that_were_checked_before(
    there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, token = identity(there), there.token()
    await who.principal(bearer(token))
    there.rotate("two")
    later = time.monotonic() + key_sets.FRESH_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert await refusal(who, token) == NOT_VALID


async def test_known_keys_outlive_a_provider_that_is_away_for_a_day(
    there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, start = identity(there), time.monotonic()
    await who.principal(bearer(there.token()))
    there.broken = True
    monkeypatch.setattr(time, "monotonic", lambda: start + 3_600)
    assert (await who.principal(bearer(there.token("bob")))).subject == "bob"
    monkeypatch.setattr(time, "monotonic", lambda: start + 2 * 86_400)
    with pytest.raises(IdentityUnavailable):
        await who.principal(bearer(there.token()))


async def test_without_any_key_nobody_is_known_and_the_provider_is_not_hammered(there: Provider) -> None:
    there.broken = True
    who = identity(there)
    for _ in range(5):
        with pytest.raises(IdentityUnavailable):
            await who.principal(bearer(there.token()))
    assert len(there.asked) == 1
    assert who.open_id is not None
    with pytest.raises(KeysUnavailable):
        await who.open_id.keys.check()


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b"{}", b'{"keys": []}', b'{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', b"\xff", b"{" * 9999]
)
async def test_an_answer_without_keys_takes_none_away(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [b'{"keys": [' + _key_bytes() + b"]}", answer]

    async def fetch(_url: str) -> bytes:
        return answers.pop(0)

    keys = KeySet("https://id.example", "https://id.example/keys", fetch)
    assert await keys.find("one", "RS256") is not None
    later = time.monotonic() + key_sets.FRESH_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert await keys.find("one", "RS256") is not None
    assert answers == []


def _key_bytes() -> bytes:
    return json.dumps(public(an_rsa_key(), "one")).encode()


async def test_a_discovery_document_of_somebody_else_is_not_followed(there: Provider) -> None:
    there.named = "https://elsewhere.example"
    with pytest.raises(IdentityUnavailable):
        await identity(there).principal(bearer(there.token()))
    assert there.asked == ["/.well-known/openid-configuration"]


async def test_local_tokens_are_taken_beside_a_provider_until_they_are_switched_off(there: Provider) -> None:
    local = make_token(settings(), "ann")
    assert (await identity(there).principal(bearer(local))).subject == "ann"
    assert await refusal(identity(there, local_tokens=False), local) == NOT_VALID


class Admitting:
    """Notes what it was told of people."""

    def __init__(self) -> None:
        self.told: list[PersonClaims] = []

    async def admit(self, claims: PersonClaims) -> Person | None:
        self.told.append(claims)
        return person(claims.subject, roles=claims.roles) if claims.roles else None


MAPPED: dict[str, Any] = {
    "oidc_roles_claim": "realm_access.roles",
    "oidc_roles": {"desk": Role.MSR, "boss": Role.MANAGER},
    "oidc_program_claim": "https://milepost.test/program",
    "oidc_partner_claim": "partner",
}


async def test_claims_become_roles_and_bonds_where_the_settings_name_them(there: Provider) -> None:
    admitting = Admitting()
    who = Identity(trusting(there, **MAPPED), People().find, admit=admitting.admit)
    said: dict[str, Any] = {
        "realm_access": {"roles": ["desk", "boss", "MSR", 7]},
        "https://milepost.test/program": "CITRUS",
    }
    principal = await who.principal(bearer(there.token("eve", name="Eve", **said)))
    assert principal.roles == {Role.MSR, Role.MANAGER}
    expected = PersonClaims(subject="eve", name="Eve", roles=frozenset({Role.MSR, Role.MANAGER}), program="CITRUS")
    assert admitting.told == [expected]


async def test_without_a_role_nobody_comes_in_and_a_bond_of_another_shape_is_no_freedom(there: Provider) -> None:
    admitting = Admitting()
    who = Identity(trusting(there, **MAPPED), People(person("eve")).find, admit=admitting.admit)
    nobody = "The token names nobody who may use this API."
    for roles in (None, [], "stranger", ["MSR"], {"desk": True}, 7):
        assert await refusal(who, there.token("eve", realm_access={"roles": roles})) == nobody
    for partner in (["A"], "", {"code": "A"}, 7):
        token = there.token("eve", realm_access={"roles": "desk"}, partner=partner)
        assert await refusal(who, token) == NOT_VALID
