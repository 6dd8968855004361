"""Who makes a request: a bearer token or API key names a person, the person's roles and bonds decide.

Three kinds of tokens: of an OpenID Connect provider, API keys, and, outside production, local ones that are signed with the secret
of this installation. Whoever they name is read from the database, at most two seconds ago.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import jwt

from app.key_sets import KeysUnavailable
from app.open_id import EXPIRED, NOT_VALID, InvalidToken, OpenId, Verified, decoded, subject_of
from app.settings import Settings
from domain.api_keys import PREFIX, KeyHolder, hashed
from domain.api_keys import principal_of as principal_of_key
from domain.people import Person, PersonClaims, Principal, Scope

ALGORITHM = "HS256"
ISSUER = "milepost"
AUDIENCE = "milepost-api"
LIFETIME = timedelta(hours=12)
SKEW = timedelta(seconds=10)
"""How far the clocks of two machines may be apart."""

REMEMBER_PERSONS = 2.0
"""Seconds for which a person is believed to be unchanged."""
REMEMBER_TOKENS = 600.0
"""Seconds for which a signature is not checked again: so long does a provider's withdrawn key work at most."""
MAX_REMEMBERED = 10_000
MAX_TOKEN = 8_192

V = TypeVar("V")

FindPerson = Callable[[str], Awaitable[Person | None]]
"""A person by subject, or None."""
FindKey = Callable[[str], Awaitable[KeyHolder | None]]
"""For whom an API key speaks, by its secret, or None."""
Admit = Callable[[PersonClaims], Awaitable[Person | None]]
"""The person whom the claims of a token describe, made or changed accordingly, or None."""


class Unauthorized(Exception):
    """A request without a token that we accept; says what would be accepted."""

    def __init__(self, message: str, error: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.error = error

    @property
    def challenge(self) -> str:
        """The value of `WWW-Authenticate` (RFC 6750)."""
        realm = f'Bearer realm="{ISSUER}"'
        return realm if self.error is None else f'{realm}, error="{self.error}", error_description="{self.message}"'


class IdentityUnavailable(Exception):
    """Nobody can be known now: the identity provider cannot be reached, and none of its keys is known."""


class LocalTokensOff(Exception):
    """A token of this installation, where none is taken."""

    def __init__(self) -> None:
        super().__init__(
            "this installation takes no tokens of its own: people come with tokens of the identity provider, systems with "
            "API keys (`milepost key create`)"
        )


def signing_key(settings: Settings) -> str:
    """The secret that signs local tokens; raises LocalTokensOff where none is taken, as always in production."""
    if not settings.takes_local_tokens:
        raise LocalTokensOff
    return settings.secret.get_secret_value()


def make_token(settings: Settings, subject: str, *, lifetime: timedelta = LIFETIME, now: datetime | None = None) -> str:
    """A local token for a subject; raises LocalTokensOff."""
    issued = now or datetime.now(UTC)
    claims = {"sub": subject, "iss": ISSUER, "aud": AUDIENCE, "iat": issued, "exp": issued + lifetime}
    return jwt.encode(claims, signing_key(settings), ALGORITHM)


async def no_key(_secret: str) -> KeyHolder | None:
    """Where there are no API keys."""
    return None


async def nobody_new(_claims: PersonClaims) -> Person | None:
    """Where nobody is admitted by claims alone."""
    return None


class Identity:
    """Turns the header `Authorization` into a principal."""

    def __init__(
        self,
        settings: Settings,
        find_person: FindPerson,
        *,
        find_key: FindKey = no_key,
        admit: Admit = nobody_new,
        open_id: OpenId | None = None,
    ) -> None:
        self._key = signing_key(settings) if settings.takes_local_tokens else None
        self.open_id = open_id or (OpenId(settings) if settings.oidc_issuer is not None else None)
        self._find_person, self._find_key, self._admit = find_person, find_key, admit
        self._skew = max(SKEW.total_seconds(), float(settings.oidc_clock_skew) if self.open_id else 0.0)
        self._tokens: OrderedDict[str, tuple[Verified, float]] = OrderedDict()
        self._principals: OrderedDict[object, tuple[float, asyncio.Task[Principal | None]]] = OrderedDict()

    async def principal(self, authorization: str | None) -> Principal:
        """Who the header speaks for; raises Unauthorized and IdentityUnavailable."""
        token = _bearer(authorization)
        if token.startswith(PREFIX):
            return await self._of_key(token)
        verified = await self._verified(token)
        known = verified.subject if verified.claims is None else verified.claims
        principal = await self._known(known, lambda: self._find(verified))
        if principal is None:
            raise Unauthorized("The token names nobody who may use this API.", "invalid_token")
        return principal

    async def _of_key(self, secret: str) -> Principal:
        principal = await self._known((PREFIX, hashed(secret)), lambda: self._find_holder(secret))
        if principal is None:
            raise Unauthorized("The API key is not valid (any more).", "invalid_token")
        return principal

    async def _verified(self, token: str) -> Verified:
        """What a valid token says. A signature is checked once in a while, expiry every time."""
        verified, until = self._tokens.get(token, (None, 0.0))
        if verified is None or time.monotonic() > until:
            self._tokens.pop(token, None)
            verified = await self._checked(token)
            _remember(self._tokens, token, (verified, time.monotonic() + REMEMBER_TOKENS))
        if time.time() > verified.expires + self._skew:
            raise Unauthorized(EXPIRED, "invalid_token")
        return verified

    async def _checked(self, token: str) -> Verified:
        try:
            header = jwt.get_unverified_header(token)
            if self.open_id is None or header.get("alg") == ALGORITHM:
                return self._local(token)
            return await self.open_id.verified(token, header)
        except InvalidToken as invalid:
            raise Unauthorized(str(invalid), "invalid_token") from None
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            raise Unauthorized(NOT_VALID, "invalid_token") from None
        except KeysUnavailable:
            raise IdentityUnavailable from None

    def _local(self, token: str) -> Verified:
        if self._key is None:
            raise InvalidToken(NOT_VALID)
        claims = decoded(token, self._key, ALGORITHM, audience=AUDIENCE, issuer=ISSUER, skew=SKEW)
        return Verified(subject_of(claims), float(claims["exp"]))

    async def _known(self, key: Any, find: Callable[[], Any]) -> Principal | None:
        """The person as they were at most two seconds ago; those who ask at the same time share one query."""
        until, task = self._principals.get(key, (0.0, None))
        if task is None or time.monotonic() > until:
            task = asyncio.create_task(find())
            _remember(self._principals, key, (time.monotonic() + REMEMBER_PERSONS, task))
        try:
            return task.result() if task.done() else await asyncio.shield(task)
        except BaseException:
            self._principals.pop(key, None)
            raise

    async def _find(self, verified: Verified) -> Principal | None:
        claims = verified.claims
        person = await (self._find_person(verified.subject) if claims is None else self._admit(claims))
        return principal_of(person) if person is not None and person.active else None

    async def _find_holder(self, secret: str) -> Principal | None:
        holder = await self._find_key(secret)
        return None if holder is None else principal_of_key(holder)


def principal_of(person: Person) -> Principal:
    """A person as one request sees them."""
    scope = Scope(person.program_id, person.partner_id, person.member_id)
    return Principal(person.id, person.subject, person.roles, scope)


def _bearer(authorization: str | None) -> str:
    if not authorization:
        raise Unauthorized("This API needs a token: send `Authorization: Bearer <token>`.")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(token := token.strip()) <= MAX_TOKEN:
        raise Unauthorized("The header Authorization must be `Bearer <token>`.", "invalid_request")
    return token


def _remember(memory: OrderedDict[Any, V], key: object, value: V) -> V:
    memory[key] = value
    if len(memory) > MAX_REMEMBERED:
        memory.popitem(last=False)
    return value
