"""Webhook endpoints: who hears of a program's events at which address, and how long that is tried.

An endpoint of the host hears everything of its program; one of a partner only of that partner's rows. A failed message is tried
again by `RETRIES`; an endpoint at which nothing gets through rests, and is switched off after `PATIENCE`.
"""

import enum
import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit

from domain.deliveries import EventType
from domain.problems import Invalid, Problem
from domain.values import shown

RETRIES = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
    timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
)  # fmt: skip
"""How long after each failed attempt a message, webhook or email, is tried again: ten attempts within some three days."""

PATIENCE = timedelta(days=5)
"""An endpoint at which nothing has got through for so long is switched off."""

FIRST_REST = timedelta(seconds=5)
LONGEST_REST = timedelta(minutes=5)
SECRET_LIVES_ON = timedelta(hours=24)
"""How long messages are signed with the secret before the last rotation, too."""

MOST_ENDPOINTS = 50
"""Of one program."""

LONGEST_URL = 1_000
LONGEST_DESCRIPTION = 200
NAT64 = ipaddress.ip_network("64:ff9b::/96")
LOCAL_NAMES = ("localhost", "local", "internal", "localdomain")


class OffBecause(enum.Enum):
    """Why an endpoint is off: somebody said so, it answered 410 Gone, or nothing got through for days."""

    SWITCHED_OFF = "SWITCHED_OFF"
    GONE = "GONE"
    FAILING = "FAILING"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """An address that hears of events. Its secrets are never shown again."""

    id: int
    program_id: int
    partner_id: int | None
    url: str
    description: str
    types: tuple[EventType, ...]
    active: bool
    off_because: OffBecause | None
    failing_since: datetime | None
    rests_until: datetime | None
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """An endpoint, and its secret if it is new."""

    endpoint: WebhookEndpoint
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """How many messages of an endpoint are told again, and whether there are more of that time."""

    endpoint: WebhookEndpoint
    messages: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointOff(Problem):
    """Nothing is told to an endpoint that is off."""

    code = "WEBHOOK_ENDPOINT_OFF"

    @property
    def message(self) -> str:
        return "This endpoint is off: switch it on (webhookEndpointUpdate, active: true), then replay."


def retry_after(attempts: int, id: int) -> timedelta | None:
    """How long to wait after so many failed attempts, spread a little by the message's number; None: not at all any more."""
    if attempts > len(RETRIES):
        return None
    wait = RETRIES[attempts - 1]
    return wait + wait * (id % 100) / 1_000


def rest(failures: int) -> timedelta:
    """How long an endpoint is left alone at which so many batches in a row have failed."""
    return min(LONGEST_REST, FIRST_REST * (1 << min(failures - 1, 10)))


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet, also if it is wrapped in an IPv6 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.sixtofour is not None or ip.teredo is not None:
            return False
        if ip in NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def url_problems(url: str, *path: str, private: bool) -> Iterator[Problem]:
    """What is wrong with an endpoint's address. `private`: a development installation, which also calls its neighbours."""
    schemes = "http or https" if private else "https"
    expected = f"an {schemes} address without user, password and fragment, of at most {LONGEST_URL} characters"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = SplitResult("", "", "", "", ""), "", None
    usable = parts.scheme in ({"http", "https"} if private else {"https"}) and host and port != 0
    plain = url.isascii() and url.isprintable() and " " not in url and "@" not in parts.netloc and "#" not in url
    if not usable or not plain or len(url) > LONGEST_URL:
        yield Invalid(value=shown(url), expected=expected, path=path)
    elif not private and not _may_be_public(host):
        yield Invalid(value=shown(url), expected="an address on the open internet", path=path)


def _may_be_public(host: str) -> bool:
    """Whether a host is not known to be private before it is looked up; what it resolves to is judged whenever it is called."""
    try:
        return is_public(host)
    except ValueError:
        return host.rstrip(".").rpartition(".")[2] not in LOCAL_NAMES


def description_problems(description: str | None, *path: str) -> Iterator[Problem]:
    """What is wrong with an endpoint's description."""
    if description is not None and (len(description) > LONGEST_DESCRIPTION or not description.isprintable()):
        expected = f"at most {LONGEST_DESCRIPTION} printable characters"
        yield Invalid(value=shown(description), expected=expected, path=path)


def types_problems(types: Sequence[EventType] | None, *path: str) -> Iterator[Problem]:
    """An endpoint is told of something, and of everything once."""
    if types is not None and (not types or len(set(types)) != len(types)):
        named = ", ".join(kind.name for kind in types)
        yield Invalid(value=named, expected="at least one type of events, each of them once", path=path)


def switched(endpoint: WebhookEndpoint, *, active: bool) -> WebhookEndpoint:
    """The endpoint on, with a clean slate, or off."""
    if active:
        return replace(endpoint, active=True, off_because=None, failing_since=None, rests_until=None)
    return replace(endpoint, active=False, off_because=endpoint.off_because or OffBecause.SWITCHED_OFF)
