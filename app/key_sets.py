"""The public keys of an OpenID Connect provider: fetched, kept for a while, and fetched again when a key is not among them.

A provider that changes its keys is followed at once; whoever invents names of keys makes us ask at most every few seconds, and all
who wait share one question. While the provider is away, the keys that are known are taken for a day.
"""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpcore
import jwt
import msgspec
import structlog

log = structlog.get_logger("milepost.identity")

FRESH_SECONDS = 600.0
"""How long keys are taken without asking again: so long does a withdrawn one work at most."""
STALE_SECONDS = 86_400.0
REFETCH_SECONDS = 10.0
"""How soon after a question the next one may be asked, whatever its answer was."""
FETCH_SECONDS = 5.0
LONGEST_ANSWER = 256 * 1024
MOST_KEYS = 100
SHORTEST_RSA = 2_048
DISCOVERY = "/.well-known/openid-configuration"

Fetch = Callable[[str], Awaitable[bytes]]
"""What is at an address; raises if that cannot be had."""


class KeysUnavailable(Exception):
    """No keys are known, and the provider does not give any now."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a set: `algorithm` is the only one that it may be used with, if the provider says so."""

    id: str | None
    algorithm: str | None
    type: str
    public: jwt.PyJWK


class KeySet:
    """The keys of one provider."""

    def __init__(self, issuer: str, url: str | None, fetch: Fetch | None = None) -> None:
        self._issuer, self._url = issuer, url
        self._fetch = fetch or fetched
        self._keys: tuple[Key, ...] = ()
        self._fetched_at = self._asked_at = -STALE_SECONDS
        self._asking: asyncio.Task[None] | None = None

    async def find(self, id: str | None, algorithm: str) -> Key | None:
        """The key that signed a token, or None; raises KeysUnavailable."""
        age = time.monotonic() - self._fetched_at
        if age > STALE_SECONDS:
            await self._ask()
        elif age > FRESH_SECONDS:
            await self._ask(needed=False)
        if (key := self._find(id, algorithm)) is None:
            await self._ask(needed=False)
            key = self._find(id, algorithm)
        return key

    async def check(self) -> None:
        """Whether keys are known; raises KeysUnavailable."""
        if time.monotonic() - self._fetched_at > STALE_SECONDS:
            await self._ask()

    def _find(self, id: str | None, algorithm: str) -> Key | None:
        fits = [key for key in self._keys if key.type == _type(algorithm) and key.algorithm in {None, algorithm}]
        if id is None:
            return fits[0] if len(fits) == 1 else None
        return next((key for key in fits if key.id == id), None)

    async def _ask(self, *, needed: bool = True) -> None:
        """Fetch the keys, unless that was tried a moment ago; those who want it at the same time wait for one fetch."""
        if self._asking is None or self._asking.done():
            if time.monotonic() - self._asked_at < REFETCH_SECONDS:
                if needed:
                    raise KeysUnavailable
                return
            self._asked_at = time.monotonic()
            self._asking = asyncio.create_task(self._fetch_keys())
        await asyncio.shield(self._asking)
        if needed and time.monotonic() - self._fetched_at > STALE_SECONDS:
            raise KeysUnavailable

    async def _fetch_keys(self) -> None:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                self._keys = keys_of(await self._fetch(await self._address()))
        except Exception as error:  # noqa: BLE001 whatever a stranger's server answers, we go on with what we know
            log.warning("keys of the identity provider cannot be had", error=f"{type(error).__name__}: {error}"[:200])
        else:
            self._fetched_at = time.monotonic()
            log.info("keys of the identity provider", count=len(self._keys))

    async def _address(self) -> str:
        if self._url is None:
            found = msgspec.json.decode(await self._fetch(self._issuer.rstrip("/") + DISCOVERY), type=_Discovery)
            if found.issuer != self._issuer:
                raise ValueError(f"its discovery document is of {found.issuer[:100]!r}")
            if self._issuer.startswith("https:") and not found.jwks_uri.startswith("https:"):
                raise ValueError("its keys are at an address without https")
            self._url = found.jwks_uri
        return self._url


class _Discovery(msgspec.Struct):
    issuer: str
    jwks_uri: str


class _Keys(msgspec.Struct):
    keys: list[dict[str, Any]]


def keys_of(answer: bytes) -> tuple[Key, ...]:
    """The keys of a set that sign; raises if there are none: an answer without keys does not make known ones go away."""
    given = msgspec.json.decode(answer, type=_Keys).keys[:MOST_KEYS]
    found = tuple(_usable(given))
    if not found:
        raise ValueError("it has no key that we can use")
    return found


def _usable(given: Iterable[dict[str, Any]]) -> Iterable[Key]:
    for data in given:
        if data.get("use", "sig") != "sig" or data.get("kty") not in {"RSA", "EC", "OKP"}:
            continue
        try:
            public = jwt.PyJWK(data)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError):
            continue
        if data["kty"] == "RSA" and public.key.key_size < SHORTEST_RSA:
            continue
        named, algorithm = data.get("kid"), data.get("alg")
        if isinstance(named, str | None) and isinstance(algorithm, str | None):
            yield Key(named, algorithm, data["kty"], public)


def _type(algorithm: str) -> str:
    """The type of key that an algorithm needs."""
    return {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}.get(algorithm[:2], "")


async def fetched(url: str) -> bytes:
    """What an address answers with 200: bounded, and without following anybody elsewhere."""
    async with httpcore.AsyncConnectionPool(ssl_context=ssl.create_default_context()) as pool:
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), FETCH_SECONDS)
        headers = [("accept", "application/json"), ("user-agent", "Milepost")]
        async with pool.stream("GET", url, headers=headers, extensions={"timeout": timeouts}) as response:
            if response.status != 200:  # noqa: PLR2004 OK
                raise ValueError(f"HTTP {response.status}")
            answer = b""
            async for part in response.aiter_stream():
                answer += part
                if len(answer) > LONGEST_ANSWER:
                    raise ValueError(f"more than {LONGEST_ANSWER:,} bytes")
            return answer
