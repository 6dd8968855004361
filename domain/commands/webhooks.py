"""Commands and questions about webhook endpoints and what is told to them."""

from dataclasses import dataclass
from datetime import datetime

from domain.deliveries import DeliveryKind, DeliveryStatus, EventType


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpointCreate:
    """Tell an address of events of a program: of all of it, or (`partner`, a code) of a partner's rows alone."""

    program: str
    url: str
    types: tuple[EventType, ...]
    partner: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpointUpdate:
    """Change an endpoint of the version that the caller has read."""

    endpoint_id: int
    expected_version: int
    url: str | None = None
    types: tuple[EventType, ...] | None = None
    description: str | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpointReplay:
    """Tell an endpoint again what happened from `since` until before `until`; `delivered`: also what has got through."""

    endpoint_id: int
    since: datetime
    until: datetime | None = None
    delivered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which deliveries; all that is given must hold."""

    program: str | None = None
    endpoint_id: int | None = None
    kind: DeliveryKind | None = None
    status: tuple[DeliveryStatus, ...] = ()
