"""Who makes a request: a bearer token names a subject, the subject is a person, the person's roles and bonds decide.

Tokens are signed with the secret of this installation (HS256). What a token says of roles is never believed: roles are
read from the database, at most two seconds ago.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import jwt

from app.settings import DEVELOPMENT_SECRET, Environment, Settings
from domain.people import Person, Principal, Scope

ALGORITHM = "HS256"
ISSUER = "milepost"
AUDIENCE = "milepost-api"
LIFETIME = timedelta(hours=12)
SKEW = timedelta(seconds=10)
"""How far the clocks of two machines may be apart."""

REMEMBER_PERSONS = 2.0
"""Seconds for which a person is believed to be unchanged."""
MAX_REMEMBERED = 10_000
MAX_TOKEN = 8_192

V = TypeVar("V")

FindPerson = Callable[[str], Awaitable[Person | None]]
"""A person by subject, or None."""


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


class InsecureSecret(Exception):
    """The development secret, which everybody knows, in production."""


def signing_key(settings: Settings) -> str:
    """The secret that signs tokens; production must have one of its own."""
    secret = settings.secret.get_secret_value()
    if settings.environment is Environment.PRODUCTION and secret == DEVELOPMENT_SECRET:
        raise InsecureSecret("MILEPOST_SECRET is the development secret: production needs one of its own")
    return secret


def make_token(settings: Settings, subject: str, *, lifetime: timedelta = LIFETIME, now: datetime | None = None) -> str:
    """A token for a subject, signed with the secret of this installation."""
    issued = now or datetime.now(UTC)
    claims = {"sub": subject, "iss": ISSUER, "aud": AUDIENCE, "iat": issued, "exp": issued + lifetime}
    return jwt.encode(claims, signing_key(settings), ALGORITHM)


class Identity:
    """Turns the header `Authorization` into a principal."""

    def __init__(self, settings: Settings, find_person: FindPerson) -> None:
        self._key = signing_key(settings)
        self._find_person = find_person
        self._subjects: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._principals: OrderedDict[str, tuple[float, asyncio.Task[Principal | None]]] = OrderedDict()

    async def principal(self, authorization: str | None) -> Principal:
        """Who the header speaks for; raises Unauthorized."""
        subject = self._subject(_bearer(authorization))
        principal = await self._known(subject)
        if principal is None:
            raise Unauthorized("The token names nobody who may use this API.", "invalid_token")
        return principal

    def _subject(self, token: str) -> str:
        """The subject of a valid token. A signature is checked once, expiry every time."""
        subject, expires = self._subjects.get(token) or self._verified(token)
        if time.time() > expires + SKEW.total_seconds():
            raise Unauthorized("The token has expired: get a new one.", "invalid_token")
        return subject

    def _verified(self, token: str) -> tuple[str, float]:
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                leeway=SKEW,
                options={"require": ["sub", "iss", "aud", "exp"]},
            )
        except jwt.ExpiredSignatureError:
            raise Unauthorized("The token has expired: get a new one.", "invalid_token") from None
        except jwt.InvalidAudienceError:
            raise Unauthorized(f"The token is not meant for {AUDIENCE}.", "invalid_token") from None
        except jwt.InvalidTokenError:
            raise Unauthorized("The token is not valid here.", "invalid_token") from None
        return _remember(self._subjects, token, (str(claims["sub"]), float(claims["exp"])))

    async def _known(self, subject: str) -> Principal | None:
        """The person as they were at most two seconds ago; those who ask at the same time share one query."""
        until, task = self._principals.get(subject, (0.0, None))
        if task is None or time.monotonic() > until:
            task = asyncio.create_task(self._find(subject))
            _remember(self._principals, subject, (time.monotonic() + REMEMBER_PERSONS, task))
        try:
            return task.result() if task.done() else await asyncio.shield(task)
        except BaseException:
            self._principals.pop(subject, None)
            raise

    async def _find(self, subject: str) -> Principal | None:
        person = await self._find_person(subject)
        return principal_of(person) if person is not None and person.active else None


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


def _remember(memory: OrderedDict[str, V], key: str, value: V) -> V:
    memory[key] = value
    if len(memory) > MAX_REMEMBERED:
        memory.popitem(last=False)
    return value
