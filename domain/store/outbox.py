"""The outbox: what is to be told, written in the commit of what it tells of, a set at a time.

One row is one message to one address. An event that no endpoint asked for is no row; an endpoint that is off gets its rows
held back, so that what happened meanwhile may be asked for later.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, Select, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.deliveries import DeliveryKind, DeliveryStatus, Email, Event
from domain.store import tables as t
from domain.store.bulk import BulkInsert
from domain.store.database import Writer
from domain.store.json import encode

_e = t.webhook_endpoint.c
LISTENERS: Select[Any] = (
    select(_e.id, _e.program_id, _e.partner_id, _e.types, _e.active)
    .where(_e.program_id == any_(bindparam("program_ids", type_=ARRAY(BigInteger))))
    .order_by(_e.id)
)
INSERT = BulkInsert(
    "outbox",
    [
        ("message_id", "text"), ("kind", "text"), ("program_id", "bigint"), ("endpoint_id", "bigint"), ("type", "text"),
        ("body", "text"), ("status", "text"), ("attempts", "integer"), ("due_at", "timestamptz"),
        ("created_at", "timestamptz"),
    ],
)  # fmt: skip


async def add_emails(writer: Writer, emails: Iterable[Email], now: datetime) -> None:
    """Let these be sent after the commit."""
    await INSERT(writer, [_email_row(email, now) for email in emails])


async def add_events(writer: Writer, events: Sequence[Event], now: datetime) -> None:
    """Let these be told after the commit to the endpoints that asked for them."""
    if not events:
        return
    found = await writer.execute(LISTENERS, {"program_ids": list({event.program_id for event in events})})
    if listeners := found.all():
        await INSERT(writer, [row for event in events for row in _event_rows(event, listeners, now)])


def _email_row(email: Email, now: datetime) -> Sequence[Any]:
    body = encode({"to": email.to, "subject": email.subject, "text": email.text})
    kind, status = DeliveryKind.EMAIL, DeliveryStatus.WAITING
    return (_message_id(), kind.value, email.program_id, None, "email", body, status.value, 0, now, now)


def _event_rows(event: Event, listeners: Sequence[Row[Any]], now: datetime) -> list[Sequence[Any]]:
    """A row for each endpoint that hears of it: the same message, so the same id."""
    hearing = [each for each in listeners if _hears(each, event)]
    if not hearing:
        return []
    message_id, kind = _message_id(), DeliveryKind.WEBHOOK.value
    body = encode({"type": event.type.value, "timestamp": now, "data": event.data})
    return [
        (message_id, kind, event.program_id, each.id, event.type.value, body, _first_status(each).value, 0, now, now)
        for each in hearing
    ]


def _hears(endpoint: Row[Any], event: Event) -> bool:
    mine = endpoint.partner_id is None or endpoint.partner_id == event.partner_id
    return mine and endpoint.program_id == event.program_id and event.type.value in endpoint.types


def _first_status(endpoint: Row[Any]) -> DeliveryStatus:
    return DeliveryStatus.WAITING if endpoint.active else DeliveryStatus.HELD


def _message_id() -> str:
    return f"msg_{uuid.uuid4().hex}"
