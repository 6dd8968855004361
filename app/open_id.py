"""Tokens of an OpenID Connect provider: whether one is valid, for us, and of whom.

The algorithms are pinned, and are all of public keys: neither `none` nor a public key used as a shared secret gets anywhere.
Claims become roles and bonds only where the settings name the claims.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt

from app.key_sets import Fetch, KeySet
from app.settings import Settings
from domain.people import LOG_INS, PersonClaims, Role

OWN_NAMES = {role.value: role for role in LOG_INS}


class InvalidToken(Exception):
    """A token that we do not take; the message says what may be said about it."""


EXPIRED = "The token has expired: get a new one."
NOT_VALID = "The token is not valid here."


@dataclass(frozen=True, slots=True)
class Verified:
    """A subject, until when the token says so (seconds since 1970), and what else it says of them."""

    subject: str
    expires: float
    claims: PersonClaims | None = None


class OpenId:
    """The provider that the settings name."""

    def __init__(self, settings: Settings, fetch: Fetch | None = None) -> None:
        if settings.oidc_issuer is None or settings.oidc_audience is None:
            raise ValueError("the settings name no provider")
        self._settings = settings
        self._issuer, self._audience = settings.oidc_issuer, settings.oidc_audience
        self.keys = KeySet(self._issuer, settings.oidc_jwks_url, fetch)

    async def verified(self, token: str, header: dict[str, Any]) -> Verified:
        """What a token says; raises InvalidToken and KeysUnavailable."""
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in self._settings.oidc_algorithms or not isinstance(key_id, str | None):
            raise InvalidToken(NOT_VALID)
        key = await self.keys.find(key_id, algorithm)
        if key is None:
            raise InvalidToken(NOT_VALID)
        claims = self._claims(token, key.public.key, algorithm)
        subject = _subject(_claim(claims, self._settings.oidc_subject_claim))
        return Verified(subject, float(claims["exp"]), self._of_person(subject, claims))

    def _claims(self, token: str, key: Any, algorithm: str) -> dict[str, Any]:
        return decoded(
            token,
            key,
            algorithm,
            audience=self._audience,
            issuer=self._issuer,
            skew=timedelta(seconds=self._settings.oidc_clock_skew),
        )

    def _of_person(self, subject: str, claims: dict[str, Any]) -> PersonClaims | None:
        settings = self._settings
        if settings.oidc_roles_claim is None:
            return None
        return PersonClaims(
            subject=subject,
            name=_text(_claim(claims, settings.oidc_name_claim)) or subject,
            roles=self._roles(_claim(claims, settings.oidc_roles_claim)),
            program=self._bond(claims, settings.oidc_program_claim),
            partner=self._bond(claims, settings.oidc_partner_claim),
            member=self._bond(claims, settings.oidc_member_claim),
        )

    def _roles(self, said: object) -> frozenset[Role]:
        names = said.split() if isinstance(said, str) else said if isinstance(said, list) else []
        known = self._settings.oidc_roles or OWN_NAMES
        return frozenset(known[name] for name in names if isinstance(name, str) and name in known)

    @staticmethod
    def _bond(claims: dict[str, Any], name: str | None) -> str | None:
        """A code that a claim holds. A claim of another shape is no permission to see everything: the token is refused."""
        said = None if name is None else _claim(claims, name)
        if said is None:
            return None
        if (text := _text(said)) is None:
            raise InvalidToken(NOT_VALID)
        return text


def decoded(token: str, key: Any, algorithm: str, *, audience: str, issuer: str, skew: timedelta) -> dict[str, Any]:
    """The claims of a token that is signed so, for us, and valid now; raises InvalidToken."""
    try:
        return jwt.decode(
            token, key, algorithms=[algorithm], audience=audience, issuer=issuer, leeway=skew,
            options={"require": ["iss", "aud", "exp"]},
        )  # fmt: skip
    except jwt.ExpiredSignatureError:
        raise InvalidToken(EXPIRED) from None
    except jwt.InvalidAudienceError:
        raise InvalidToken(f"The token is not meant for {audience}.") from None
    except (jwt.InvalidTokenError, jwt.InvalidKeyError, ValueError, OverflowError, RecursionError):
        raise InvalidToken(NOT_VALID) from None


def subject_of(claims: dict[str, Any]) -> str:
    """The subject of a token of ours; raises InvalidToken."""
    return _subject(claims.get("sub"))


def _subject(said: object) -> str:
    if (text := _text(said)) is None:
        raise InvalidToken(NOT_VALID)
    return text


def _text(said: object) -> str | None:
    """A claim that is a line of text of a sensible length."""
    return said if isinstance(said, str) and 0 < len(said) <= 200 and said.isprintable() else None  # noqa: PLR2004


def _claim(claims: dict[str, Any], name: str) -> object:
    """A claim by its name, or by the way to it: `realm_access.roles`. A name with dots wins, as in `https://acme.test/roles`."""
    if name in claims:
        return claims[name]
    found: object = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found
