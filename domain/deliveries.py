"""Deliveries: what is told to people by email and to other systems by webhook.

Whatever is told is written to the outbox in the commit of what it tells of, and delivered afterwards, at least once and in no
promised order: whoever listens recognises a repetition by its message id.

To tell of something new, add an `EventType`, and in the unit of work call `outbox.add_events` (or `outbox.add_emails`) with a
whole set. Where nobody listens nothing is written.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class EventType(enum.Enum):
    """What other systems may ask to be told of."""

    TRANSACTION_PROCESSED = "transaction.processed"
    TRANSACTION_REJECTED = "transaction.rejected"
    MEMBER_ENROLLED = "member.enrolled"
    MEMBER_TIER_CHANGED = "member.tier_changed"
    POINTS_EXPIRED = "points.expired"
    POINTS_EXPIRING = "points.expiring"


class DeliveryKind(enum.Enum):
    """How it is told."""

    EMAIL = "EMAIL"
    WEBHOOK = "WEBHOOK"


class DeliveryStatus(enum.Enum):
    """WAITING for its (next) attempt, DELIVERED, FAILED for good, or HELD back while its endpoint is off."""

    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    HELD = "HELD"


@dataclass(frozen=True, slots=True)
class Email:
    """A message in plain text to one address. `program_id`: whose program it is about, if any."""

    to: str
    subject: str
    text: str
    program_id: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened in a program. `data` holds ids, codes, numbers and dates, and nobody's personal data.

    `partner_id`: the partner whose row it is about; endpoints of other partners never hear of it, the host's do.
    """

    type: EventType
    program_id: int
    data: Mapping[str, Any]
    partner_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message on its way to one address. `problem`: why the last attempt failed; `due_at`: when the next one is."""

    id: int
    message_id: str
    kind: DeliveryKind
    program_id: int | None
    endpoint_id: int | None
    type: str
    body: str
    """JSON: an event as it is sent, or an email's `to`, `subject` and `text`."""
    status: DeliveryStatus
    attempts: int
    due_at: datetime
    created_at: datetime
    finished_at: datetime | None
    problem: str | None
