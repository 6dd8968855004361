"""Activities: what somebody should see to."""

from sqlalchemy import CheckConstraint, Index, Table, text

from domain.activities import ActivityStatus
from domain.store.tables.base import choice, created, key, metadata, moment, number, reference, words

activity = Table(
    "activity",
    metadata,
    key(),
    words("type"),  # every noun may bring types of its own: the enumeration of the domain decides
    choice("status", ActivityStatus),
    words("subject"),
    reference("owner_id", "person", optional=True),
    reference("partner_id", "partner", optional=True),
    reference("program_id", "program", optional=True),
    words("about_type", optional=True),
    number("about_id", optional=True),
    reference("created_by_id", "person", optional=True),
    created(),
    reference("closed_by_id", "person", optional=True),
    moment("closed_at", optional=True),
    words("comment", optional=True),
    CheckConstraint("(status = 'DONE') = (closed_at is not null)", name="closed"),
    CheckConstraint("(about_type is null) = (about_id is null)", name="about"),
    Index("ix_activity_partner_id", "partner_id", "id"),
    Index("ix_activity_owner_id", "owner_id", "id"),
    Index("ix_activity_about", "about_type", "about_id"),
    Index("ix_activity_open", "type", "id", postgresql_where=text("status = 'OPEN'")),
)
