"""Campaigns, every move of them, and whom each has reached: once, for good."""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Integer, Table, UniqueConstraint, text

from domain.campaigns import CampaignMove, CampaignStatus
from domain.store.tables.base import choice, created, document, key, metadata, moment, number, reference, words

campaign = Table(
    "campaign",
    metadata,
    key(),
    reference("program_id", "program"),
    reference("partner_id", "partner"),
    words("code"),
    words("name"),
    choice("status", CampaignStatus),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    document("promotions"),
    document("audience"),
    words("purpose"),
    words("subject"),
    words("message"),
    words("partner_message", optional=True),
    reference("owner_id", "person", optional=True),
    reference("partner_owner_id", "person", optional=True),
    number("reached"),
    number("told"),
    number("reached_member_id"),
    moment("reached_all_at", optional=True),
    moment("proposed_at", optional=True),
    Column("version", Integer, nullable=False),
    created(),
    UniqueConstraint("program_id", "code"),
    CheckConstraint("ends_on >= starts_on", name="dates"),
    CheckConstraint("told between 0 and reached", name="reached"),
    Index(None, "partner_id"),
    Index("ix_campaign_due", "program_id", postgresql_where=text("status in ('AGREED', 'RUNNING')")),
)

campaign_move = Table(
    "campaign_move",
    metadata,
    key(),
    reference("campaign_id", "campaign"),
    reference("person_id", "person", optional=True),
    reference("partner_id", "partner", optional=True),
    choice("move", CampaignMove),
    choice("from_status", CampaignStatus, optional=True),
    choice("to_status", CampaignStatus),
    words("comment", optional=True),
    created(),
    Index(None, "campaign_id"),
)

campaign_member = Table(
    "campaign_member",
    metadata,
    reference("campaign_id", "campaign", primary=True),
    reference("member_id", "member", primary=True),
    Column("told", Boolean, nullable=False),
    created(),
    Index(None, "member_id"),
)
