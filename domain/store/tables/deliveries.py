"""What is told: webhook endpoints, and the outbox of messages on their way."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Date, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from domain.deliveries import DeliveryKind, DeliveryStatus
from domain.store.tables.base import choice, created, key, metadata, moment, number, reference, words

webhook_endpoint = Table(
    "webhook_endpoint",
    metadata,
    key(),
    reference("program_id", "program"),
    reference("partner_id", "partner", optional=True),
    words("url"),
    words("description"),
    Column("types", ARRAY(Text), nullable=False),
    Column("active", Boolean, nullable=False),
    words("off_because", optional=True),
    words("secret"),
    words("old_secret", optional=True),
    moment("old_secret_until", optional=True),
    # Since when nothing has got through, how many attempts in a row have failed, and until when it is left alone.
    moment("failing_since", optional=True),
    Column("failures", Integer, nullable=False),
    moment("rests_until", optional=True),
    Column("version", Integer, nullable=False),
    created(),
    CheckConstraint("(old_secret is null) = (old_secret_until is null)", name="old_secret"),
    Index(None, "program_id"),
)

expiry_warning = Table(
    "expiry_warning",
    metadata,
    Column("member_id", BigInteger, primary_key=True),
    Column("point_type", Text, primary_key=True),
    Column("expires_on", Date, primary_key=True),
    created(),
)

outbox = Table(
    "outbox",
    metadata,
    key(),
    words("message_id"),
    choice("kind", DeliveryKind),
    number("program_id", optional=True),
    number("endpoint_id", optional=True),
    words("type"),
    words("body"),
    choice("status", DeliveryStatus),
    Column("attempts", Integer, nullable=False),
    moment("due_at"),
    moment("created_at"),
    moment("finished_at", optional=True),
    words("problem", optional=True),
    CheckConstraint("(kind = 'WEBHOOK') = (endpoint_id is not null)", name="endpoint"),
    CheckConstraint("(status in ('DELIVERED', 'FAILED')) = (finished_at is not null)", name="finished"),
    Index("ix_outbox_due", "endpoint_id", "due_at", postgresql_where=text("status = 'WAITING'")),
    Index(None, "endpoint_id", "id"),
    # Rows come in the order of time: a few bytes for many of them find what is old.
    Index("ix_outbox_created_at", "created_at", postgresql_using="brin"),
    Index("ix_outbox_failed", "program_id", "id", postgresql_where=text("status = 'FAILED'")),
)
