"""Tiers: classes and their rungs, what members hold and held, and changes that people asked for.

A member's tiers of a class follow one another without gaps: the one that is `open` is the last, and goes on until another
follows it. Nobody has a row for the default tier in which everybody begins.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)

from domain.store.tables.base import choice, created, document, key, metadata, number, reference, words
from domain.tier_requests import TierRequestStatus
from domain.tiers import TierModel, TierReason

tier_class = Table(
    "tier_class",
    metadata,
    key(),
    reference("program_id", "program"),
    words("code"),
    words("name"),
    Column("sequence", Integer, nullable=False),
    choice("model", TierModel),
    Column("period_months", SmallInteger, nullable=False),
    Column("starts_month", SmallInteger, nullable=False),
    Column("starts_day", SmallInteger, nullable=False),
    UniqueConstraint("program_id", "code"),
    CheckConstraint("period_months > 0", name="period_months"),
)

tier = Table(
    "tier",
    metadata,
    key(),
    reference("program_id", "program"),
    words("tier_class"),
    words("code"),
    words("name"),
    Column("sequence", Integer, nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("shown", Boolean, nullable=False),
    document("thresholds"),
    Column("any_threshold", Boolean, nullable=False),
    words("downgrade_to", optional=True),
    Column("minimum_months", SmallInteger, nullable=False),
    Column("suspends_expiry", Boolean, nullable=False),
    document("expiry", optional=True),
    document("vouchers", optional=True),
    document("loan", optional=True),
    UniqueConstraint("program_id", "code"),
    UniqueConstraint("program_id", "tier_class", "sequence"),
    ForeignKeyConstraint(["program_id", "tier_class"], ["tier_class.program_id", "tier_class.code"]),
    ForeignKeyConstraint(["program_id", "downgrade_to"], ["tier.program_id", "tier.code"]),
    CheckConstraint("not (is_default and suspends_expiry)", name="default"),
    CheckConstraint("minimum_months > 0", name="minimum_months"),
    Index("uq_tier_default", "program_id", "tier_class", unique=True, postgresql_where=text("is_default")),
)

tier_request = Table(
    "tier_request",
    metadata,
    key(),
    reference("program_id", "program"),
    reference("member_id", "member"),
    words("tier_class"),
    words("tier"),
    choice("status", TierRequestStatus),
    words("reason"),
    reference("requested_by_id", "person", optional=True),
    reference("submit_to_id", "person", optional=True),
    created(),
    ForeignKeyConstraint(["program_id", "tier"], ["tier.program_id", "tier.code"]),
    Index(None, "member_id"),
    Index(None, "submit_to_id"),
    Index(
        "uq_tier_request_open", "member_id", "tier_class", unique=True, postgresql_where=text("status = 'SUBMITTED'")
    ),
)

tier_request_move = Table(
    "tier_request_move",
    metadata,
    key(),
    reference("tier_request_id", "tier_request"),
    reference("person_id", "person", optional=True),
    choice("from_status", TierRequestStatus, optional=True),
    choice("to_status", TierRequestStatus),
    words("comment", optional=True),
    created(),
    Index(None, "tier_request_id"),
)

member_tier = Table(
    "member_tier",
    metadata,
    key(),
    number("program_id"),
    number("member_id"),
    words("tier_class"),
    words("tier"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("open", Boolean, nullable=False),
    choice("reason", TierReason),
    number("transaction_id", optional=True),
    number("promotion_id", optional=True),
    number("tier_request_id", optional=True),
    created(),
    ForeignKeyConstraint(["program_id", "tier"], ["tier.program_id", "tier.code"]),
    # A tier that is replaced on the day it began was held on no day: it ends the day before.
    CheckConstraint("ends_on >= starts_on - 1", name="dates"),
    CheckConstraint("open or ends_on is not null", name="closed"),
    Index("ix_member_tier_member", "member_id", "starts_on", "id"),
    Index("uq_member_tier_open", "member_id", "tier_class", unique=True, postgresql_where=text("open")),
    Index("ix_member_tier_due", "program_id", "ends_on", "member_id", postgresql_where=text("open")),
)
