"""Webhook endpoints, and what becomes of the messages that are told to them or sent by email."""

from datetime import datetime

import strawberry

import domain.deliveries as d
import domain.webhooks as w
from schema.base import Node, answers, computed, loaded, offers, shows, takes
from schema.loads import PARTNER, PROGRAM, WEBHOOK_ENDPOINT
from schema.partners import Partner
from schema.payloads import Payload
from schema.programs import Program
from schema.wording import CREATED_AT, EXPECTED_VERSION, REFUSED, VERSION

offers(d.EventType)
offers(d.DeliveryKind)
offers(d.DeliveryStatus)
offers(w.OffBecause, "WebhookEndpointOffBecause")

URL = "Where messages are posted: https, on the open internet."
TYPES = "Of what it is told; at least one."
DESCRIPTION = "For people."
ENDPOINT = "The id of the endpoint."
SECRET = "With which messages are signed. It is in this answer and nowhere else: keep it."  # noqa: S105 a description


@shows(w.WebhookEndpoint)
class WebhookEndpoint(Node):
    """An address that is told what happens in a program, by the Standard Webhooks scheme."""

    program: Program = loaded(PROGRAM, by="program_id", description="Of what it is told.")
    partner: Partner | None = loaded(
        PARTNER, by="partner_id", description="It is told of this partner's rows alone; null: of everybody's."
    )
    url: str = strawberry.field(description=URL)
    description: str = strawberry.field(description=DESCRIPTION)
    types: list[d.EventType] = strawberry.field(description=TYPES)
    active: bool = strawberry.field(description="While it is off, messages are held back for a replay.")
    off_because: w.OffBecause | None = strawberry.field(description="Why it is off.")
    failing_since: datetime | None = strawberry.field(description="Since when nothing has got through.")
    rests_until: datetime | None = strawberry.field(description="Until when it is left alone because of that.")
    version: int = strawberry.field(description=VERSION)
    created_at: datetime = strawberry.field(description=CREATED_AT)


@shows(d.Delivery)
class Delivery(Node):
    """A message on its way to one address, or past it."""

    kind: d.DeliveryKind = strawberry.field(description="By webhook or by email.")
    endpoint: WebhookEndpoint | None = loaded(
        WEBHOOK_ENDPOINT, by="endpoint_id", description="To whom it is told, if by webhook."
    )
    message_id: str = strawberry.field(description="The same for every attempt, replay and endpoint.")
    type: str = strawberry.field(description="Of the event, as it is sent: `transaction.processed`.")
    body: str | None = computed(
        lambda delivery: delivery.body if delivery.kind is d.DeliveryKind.WEBHOOK else None,
        "What is sent, as JSON; null for an email.",
    )
    status: d.DeliveryStatus = strawberry.field(description="What has become of it.")
    attempts: int = strawberry.field(description="How often it was tried.")
    problem: str | None = strawberry.field(description="Why the last attempt failed.")
    due_at: datetime = strawberry.field(description="When it is tried (again), while it waits.")
    created_at: datetime = strawberry.field(description="When it happened.")
    finished_at: datetime | None = strawberry.field(description="When it got through, or was given up.")


@takes
class DeliveryFilter:
    """Which deliveries; all that is given must hold."""

    program: str | None = strawberry.field(default=None, description="The code of the program.")
    endpoint: strawberry.ID | None = strawberry.field(default=None, description=ENDPOINT)
    kind: d.DeliveryKind | None = strawberry.field(default=None, description="By webhook or by email.")
    status: list[d.DeliveryStatus] | None = strawberry.field(default=None, description="One of these.")


@takes
class WebhookEndpointCreateInput:
    """Tell an address what happens in a program."""

    program: str = strawberry.field(description="The code of the program.")
    url: str = strawberry.field(description=URL)
    types: list[d.EventType] = strawberry.field(description=TYPES)
    partner: str | None = strawberry.field(
        default=None, description="The code of the partner of whose rows alone it is told."
    )
    description: str = strawberry.field(default="", description=DESCRIPTION)


@takes
class WebhookEndpointUpdateInput:
    """A change of an endpoint; what is not given stays as it is."""

    endpoint: strawberry.ID = strawberry.field(description=ENDPOINT)
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    url: str | None = strawberry.field(default=None, description=URL)
    types: list[d.EventType] | None = strawberry.field(default=None, description=TYPES)
    description: str | None = strawberry.field(default=None, description=DESCRIPTION)
    active: bool | None = strawberry.field(default=None, description="Off: messages are held back for a replay.")


@takes
class WebhookEndpointRotateInput:
    """Give an endpoint a new secret."""

    endpoint: strawberry.ID = strawberry.field(description=ENDPOINT)


@takes
class WebhookEndpointDeleteInput:
    """Remove an endpoint and what was still to be told to it."""

    endpoint: strawberry.ID = strawberry.field(description=ENDPOINT)


@takes
class WebhookEndpointReplayInput:
    """Tell an endpoint again what happened in a span of time."""

    endpoint: strawberry.ID = strawberry.field(description=ENDPOINT)
    since: datetime = strawberry.field(description="From this moment on.")
    until: datetime | None = strawberry.field(default=None, description="Until before this one; null: now.")
    delivered: bool = strawberry.field(
        default=False, description="Also what has got through, not only what failed or was held back."
    )


@answers
class WebhookEndpointCreatePayload(Payload):
    """The new endpoint, and its secret."""

    endpoint: WebhookEndpoint | None = computed(lambda receipt: receipt.result and receipt.result.endpoint, REFUSED)
    secret: str | None = computed(lambda receipt: receipt.result and receipt.result.secret, SECRET)


@answers
class WebhookEndpointUpdatePayload(Payload):
    """The endpoint as it is now."""

    endpoint: WebhookEndpoint | None = computed(lambda receipt: receipt.result and receipt.result.endpoint, REFUSED)


@answers
class WebhookEndpointRotatePayload(Payload):
    """The endpoint, and its new secret; for 24 hours messages are signed with the one before, too."""

    endpoint: WebhookEndpoint | None = computed(lambda receipt: receipt.result and receipt.result.endpoint, REFUSED)
    secret: str | None = computed(lambda receipt: receipt.result and receipt.result.secret, SECRET)


@answers
class WebhookEndpointDeletePayload(Payload):
    """Whether it is gone."""

    deleted: bool = computed(lambda receipt: receipt.result is not None, "False if it was refused.")


@answers
class WebhookEndpointReplayPayload(Payload):
    """How much is told again."""

    endpoint: WebhookEndpoint | None = computed(lambda receipt: receipt.result and receipt.result.endpoint, REFUSED)
    messages: int = computed(lambda receipt: receipt.result.messages if receipt.result else 0, "So many messages.")
    more: bool = computed(
        lambda receipt: receipt.result is not None and receipt.result.more,
        "Whether there may be more of that time: then ask again.",
    )
